"""What a user, an editor and a type checker see of the library."""

import subprocess
import sys

import pytest

import reexposure as rx

NAMES = {
    "ArrayError", "MissingPackageError", "NetworkError", "Photo", "PhotoError", "RadianceMap", "ReexposureError",
    "__version__", "open", "reconstruct", "reconstruct_many",
}  # fmt: skip

A_USERS_SCRIPT = """
from pathlib import Path
from typing import assert_type
import numpy as np
import reexposure as rx

def darker(path: Path, ev: float = -2.0) -> rx.Photo | None:
    try:
        opened = rx.open(path)
    except rx.PhotoError as error:
        print(error)
        return None
    if isinstance(opened, rx.Photo):
        print(opened.pixels.shape, opened.colour_space.name, opened.metadata.exif)
    radiance = rx.reconstruct(opened)
    assert_type(radiance, rx.RadianceMap)
    radiance.save(path.with_suffix(".exr"))
    assert_type(radiance.expose(ev), rx.Photo)
    return radiance.expose(ev)

light = rx.RadianceMap(np.ones((4, 5, 3), np.float32), rx.Photo(np.zeros((4, 5, 3), np.uint8)))
brightest: float = float(light.linear.max()) + float(np.asarray(light).mean())
again: rx.RadianceMap = rx.reconstruct(np.zeros((4, 5, 3), np.uint8), "srgb")
"""


def test_the_public_names_are_these_and_no_others():
    assert set(dir(rx)) == set(rx.__all__) == NAMES
    assert all(getattr(rx, name) is not None for name in NAMES)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="no attribute 'load'"):
        rx.load  # noqa: B018


def test_errors_are_one_tree():
    errors = {getattr(rx, name) for name in NAMES if name.endswith("Error")}
    assert all(issubclass(error, rx.ReexposureError) for error in errors)
    assert issubclass(rx.MissingPackageError, rx.PhotoError)


def judged(script, folder):
    """What mypy says of a user's script, beside the package that is installed."""
    pytest.importorskip("mypy")
    (folder / "script.py").write_text(script)
    # From a folder of its own: with neither our settings nor our sources in sight.
    command = [sys.executable, "-m", "mypy", "--strict", "script.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout.splitlines()


def test_a_users_script_is_typed(tmp_path):
    wrong = "\nradiance: rx.RadianceMap = rx.open('a.jpg')\nlight.expose('-2')\nlight.brighten(1)\n"
    *said, summary = judged(A_USERS_SCRIPT + wrong, tmp_path)
    kinds = [line.rsplit("[")[-1].rstrip("]") for line in said]
    assert kinds == ["assignment", "arg-type", "attr-defined"], said
    assert summary == "Found 3 errors in 1 file (checked 1 source file)"
