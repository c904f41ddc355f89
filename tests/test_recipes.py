"""The recipes of docs/python.md, run as they stand, each in a folder with what it asks for."""

import ast
import contextlib
import io
import re
import shutil

import numpy as np
import OpenImageIO as oiio
import pytest
from conftest import ROOT, SUNSET
from PIL import Image

import reexposure as rx

PAGE = (ROOT / "docs" / "python.md").read_text()
RECIPES = dict(re.findall(r"^#+ ([^\n]+)\n(?:(?!^#).)*?```python\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL))
WIDTH = 128


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A photo, a folder of two and a network."""
    folder = tmp_path_factory.mktemp("given")
    with Image.open(SUNSET) as picture:
        small = picture.resize((WIDTH, 96))
    (folder / "holiday").mkdir()
    for name in ("photo.jpg", "holiday/a.jpg", "holiday/b.jpg"):
        small.save(folder / name, quality=95)
    shutil.copytree(ROOT / "src" / "reexposure" / "weights", folder / "my_network")
    return folder


def imports_of(recipe):
    names = (node.names[0].name for node in ast.walk(ast.parse(recipe)) if isinstance(node, ast.Import))
    return {name.partition(".")[0] for name in names}


def array(found):
    assert found["light"].max() > 1
    assert (found["darker"].dtype, found["darker"].shape) == (np.uint8, (96, WIDTH, 3))
    assert found["darker"].mean() < found["picture"].mean() * 0.7


def bracket(found):
    means = [np.asarray(rx.open(f"bracket_{ev:+d}.tif")).mean() for ev in (-4, -2, 0, 2)]
    assert means == sorted(means)
    assert oiio.ImageBuf("light.exr").get_pixels(oiio.FLOAT).max() > 1


def ultra_hdr(found):
    error = np.abs(np.log2(found["again"].linear + 0.1) - np.log2(found["radiance"].linear + 0.1))
    assert np.median(error) < 0.02


def table(found):
    assert list(found["table"].index) == ["a.jpg", "b.jpg"]
    assert (found["table"]["burnt"] <= found["table"][["red", "green", "blue"]].min(axis=1)).all()
    assert (found["table"]["reconstructed"] > 0.01).all()


def developed(found):
    taken, developed = np.asarray(rx.open("photo.jpg")), np.asarray(rx.open("developed.jpg"))
    assert developed[taken < 50].mean() > 1.2 * taken[taken < 50].mean()


COMES_OUT = {
    "Python": lambda found: rx.open("darker.jpg").pixels.mean() < rx.open("photo.jpg").pixels.mean(),
    "Array in, array out": array,
    "A folder": lambda found: all(rx.open(f"darker/{name}.jpg").pixels.shape == (96, WIDTH, 3) for name in "ab"),
    "Threads": lambda found: len(found["stops_over_white"]) == 2 and min(found["stops_over_white"]) > 0,
    "Masks": lambda found: rx.open("mask.png").pixels[..., 0].max() == 255 and 0.1 < found["untouched"].mean() < 0.99,
    "Ultra HDR": ultra_hdr,
    "A bracket for Photoshop": bracket,
    "A PyTorch Dataset": lambda found: found["log_light"].shape == (2, 3, 96, WIDTH),
    "A table of what was clipped": table,
    "One's own network": lambda found: found["difference"] == 0,
    "Develop": developed,
    "Errors": lambda found: found["told"] == "missing.jpg: no such file or directory\n",
}
"""What is true after each recipe: None, or false if it is not."""


def test_every_recipe_is_tried():
    assert set(RECIPES) == set(COMES_OUT)


@pytest.mark.parametrize("name", COMES_OUT)
def test_the_recipe_works(name, given, tmp_path, monkeypatch):
    for package in imports_of(RECIPES[name]):
        pytest.importorskip(package)
    shutil.copytree(given, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    found = {"__name__": "recipe"}
    with contextlib.redirect_stdout(io.StringIO()) as told:
        exec(compile(RECIPES[name], f"docs/python.md, {name}", "exec"), found)
    assert COMES_OUT[name](found | {"told": told.getvalue()}) in (None, True)
