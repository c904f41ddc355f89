"""The wheel, as a user gets it: installed into an empty environment and used."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT
from PIL import Image
from test_public_face import A_USERS_SCRIPT

pytestmark = pytest.mark.heavy  # installs everything, from pip's index


def done(*command, cwd):
    """What a command prints; it fails with what it says of errors."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    run = subprocess.run([str(part) for part in command], cwd=cwd, env=alone, capture_output=True, check=False)
    assert run.returncode == 0, run.stdout.decode() + run.stderr.decode()
    return run.stdout.decode()


def test_the_wheel_is_all_one_needs(tmp_path):
    done(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("reexposure-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {"reexposure/py.typed", "reexposure/page/index.html"} <= set(names)
    assert any(name.startswith("reexposure/weights/") and name.endswith(".onnx") for name in names)
    assert not [name for name in names if not name.startswith(("reexposure/", "reexposure-"))]

    done(sys.executable, "-m", "venv", "empty", cwd=tmp_path)
    scripts = tmp_path / "empty" / "bin"
    done(scripts / "python", "-m", "pip", "install", "--quiet", wheel, "mypy", cwd=tmp_path)
    Image.new("RGB", (60, 40), "white").save(tmp_path / "photo.jpg")
    assert done(scripts / "reexpose", "photo.jpg", "--ev", "-1", cwd=tmp_path).strip() == "photo_ev-1.jpg"
    assert Path(tmp_path, "photo_ev-1.jpg").exists()
    (tmp_path / "script.py").write_text(A_USERS_SCRIPT)
    assert done(scripts / "mypy", "--strict", "script.py", cwd=tmp_path).startswith("Success")
    done(scripts / "python", "script.py", cwd=tmp_path)
