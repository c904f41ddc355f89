"""No drift: what is camera raw to Python is camera raw to the page."""

import random
from pathlib import Path

import pytest
from fuzz import mutated
from test_refused import OTHERS, PHOTOS, RAWS

from reexposure.photo import raw, refused


@pytest.mark.parametrize("name", [*RAWS, *PHOTOS, *OTHERS])
def test_camera_raw_is_known_alike(page_modules, name):
    data = {**RAWS, **PHOTOS, **OTHERS}[name]
    assert page_modules.call("files/raw.js", "isRaw", data) == raw.is_raw(data) == (name in RAWS)


@pytest.mark.parametrize("name", ["dng", "dng, motorola, bigtiff", "nef", "cr3"])
def test_damaged_raw_is_known_alike(page_modules, name):
    seeds, dice = list(RAWS.values()), random.Random(name)
    for _ in range(200):
        data = mutated(RAWS[name], seeds, dice)
        assert page_modules.call("files/raw.js", "isRaw", data) == raw.is_raw(data), data


def test_it_is_said_alike():
    module = Path(refused.__file__).parents[1] / "page" / "files" / "raw.js"
    assert f'CAMERA_RAW = "{refused.CAMERA_RAW}"' in module.read_text()
