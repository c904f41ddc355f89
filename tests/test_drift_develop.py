"""No drift: the page develops pictures, and packs what it saves, as Python does and reads it."""

import io
import zipfile

import numpy as np
import pytest
from drift import NEUTRAL, P3, files_of, pixels_of, sizes, told_of
from hypothesis import given, settings
from hypothesis import strategies as st
from javascript import File

from reexposure.light import colour, develop, gradient, surroundings
from reexposure.light.colour import ColourSpace
from reexposure.light.develop import Settings
from reexposure.light.gradient import Gradient
from reexposure.photo.decoding import decode
from reexposure.photo.photo import Photo
from reexposure.radiance import developing
from reexposure.radiance.radiance import RadianceMap
from reexposure.server import view

quick = settings(max_examples=25)
WEIGHTS = list(colour.luminances(ColourSpace()))
LINE = {"ev": -1.5, "from": [0.2, 0.1], "to": [0.7, 0.8], "where": "line"}
ALL_SETTINGS = [
    {"highlights": -100}, {"highlights": 60, "ev": 0.5}, {"shadows": 100}, {"shadows": -70, "highlights": -40, "ev": 2},
    {"gradient": LINE}, {"gradient": LINE | {"where": "highlights"}, "highlights": -50, "shadows": 30, "ev": -1},
]  # fmt: skip


def scene_of(height, width, seed):
    """A radiance map of soft blobs under noise, a part of it clipped, and the same as the page has it."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / max(height, width)
    ev = 3 * np.sin(7 * x + rng.uniform(0, 6)) * np.cos(9 * y) + rng.normal(-1.5, 0.3, (height, width))
    linear = (np.exp2(ev)[..., None] * rng.uniform(0.6, 1, 3)).astype(np.float16)
    pixels = np.rint(255 * np.sqrt(linear.astype(np.float64).clip(0, 1))).astype(np.uint8)
    radiance = RadianceMap(linear.astype(np.float32), Photo(pixels))
    both = np.concatenate([radiance.surroundings, developing.area_of(radiance)], -1)
    scene = {
        "photo": np.dstack([pixels, np.full((height, width), 255, np.uint8)]).ravel(),
        "light": np.dstack([linear, radiance.reconstructed.astype(np.float16)]).ravel(),
        "width": width,
        "height": height,
        "curve": view.curve(radiance.curve),
        "space": view.colours(radiance.photo.colour_space),
        "weights": WEIGHTS,
        "map": {"rows": both.shape[0], "columns": both.shape[1], "values": both.ravel()},
        "told": {"detail": radiance.detail, "seed": radiance.seed},
    }
    return radiance, scene


def settings_of(told):
    there = told.get("gradient")
    area = there and Gradient(there["ev"], tuple(there["from"]), tuple(there["to"]), there["where"])
    return Settings(told.get("ev", 0), told.get("highlights", 0), told.get("shadows", 0), area)


@pytest.mark.parametrize("space", [ColourSpace(), P3, colour.ADOBE_RGB])
def test_luminances(page_modules, space):
    said = page_modules.call("light/colours.js", "luminances", told_of(space))
    np.testing.assert_allclose(said, colour.luminances(space), rtol=1e-9)


@quick
@given(st.integers(1, 9000), st.integers(1, 9000))
def test_sizes_of_maps(page_modules, height, width):
    assert tuple(page_modules.call("light/surroundings.js", "mapSize", height, width)) == surroundings.map_size(
        height, width
    )


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (60, 80), (360, 401)])
def test_maps(page_modules, size):
    radiance, scene = scene_of(*size, 5)
    small = page_modules.call("light/surroundings.js", "reduced", scene["light"], size[1], size[0], WEIGHTS)
    np.testing.assert_allclose(small["own"].reshape(radiance.reduced_ev.shape), radiance.reduced_ev, atol=2e-3)
    made = page_modules.call("light/surroundings.js", "mapOf", small)
    assert (made["rows"], made["columns"]) == radiance.reduced_ev.shape
    np.testing.assert_allclose(made["values"], scene["map"]["values"], atol=5e-3)


@quick
@given(st.floats(-12, 12), st.floats(-12, 12), st.floats(-1, 1), st.floats(-1, 1))
def test_moves(page_modules, own, around, h, s):
    given = [np.array([[value]], np.float32) for value in (own, around)]
    expected = develop.moved(*given, np.float32(h), np.float32(s)).item()
    said = page_modules.call("light/develop.js", "moved", own, around, h, s)
    assert said == pytest.approx(expected, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("told", ALL_SETTINGS)
def test_pictures(page_modules, told):
    radiance, scene = scene_of(60, 90, 3)
    wish = {"format": "png", "settings": NEUTRAL | told}
    saved = page_modules.call("files/picture.js", "pictureFile", scene, wish, File(files_of(radiance.photo.pixels)))
    wanted = settings_of(told)
    expected = radiance.develop(wanted.ev, wanted.highlights, wanted.shadows, wanted.gradient)
    found = decode(saved, "saved")
    assert np.abs(found.pixels.astype(int) - radiance.expose(wanted.ev).pixels).max() > 20  # there is something to see
    assert np.abs(found.pixels.astype(int) - expected.pixels).max() <= 1
    assert found.metadata.recorded() == expected.metadata.recorded()


def test_pictures_of_16_bits_and_of_other_sizes(page_modules):
    radiance, scene = scene_of(60, 90, 4)
    original = File(files_of(radiance.photo.pixels))
    wish = {"format": "png", "settings": NEUTRAL | {"ev": -1}, "bits": 16, "long_px": 4096}
    deep = decode(page_modules.call("files/picture.js", "pictureFile", scene, wish, original), "deep")
    assert deep.levels == 65535
    assert np.abs(deep.pixels / 257.0 - radiance.expose(-1).pixels).max() <= 0.51
    small = decode(
        page_modules.call("files/picture.js", "pictureFile", scene, wish | {"bits": 8, "long_px": 30}, original),
        "small",
    )
    means = radiance.expose(-1).pixels.reshape(20, 3, 30, 3, 3).mean((1, 3))
    np.testing.assert_allclose(small.pixels, means, atol=1)
    jpegs = [
        page_modules.call(
            "files/picture.js", "pictureFile", scene, wish | {"format": "jpeg", "bits": 8, "quality": quality}, original
        )
        for quality in (60, 95)
    ]
    assert len(jpegs[0]) < 0.6 * len(jpegs[1])


@pytest.mark.parametrize("origin", ["network", "gain map"])
def test_masks(page_modules, tmp_path, origin):
    pixels = pixels_of(4, 30, 40)
    photo = Photo(np.ascontiguousarray(pixels[..., :3]))
    RadianceMap(np.zeros((30, 40, 3), np.float32), photo, origin=origin).save_mask(tmp_path / "mask.png")
    scene = {"photo": pixels.ravel(), "width": 40, "height": 30, "origin": origin}
    said = decode(page_modules.call("files/picture.js", "maskFile", scene), "mask")
    np.testing.assert_array_equal(said.pixels, decode((tmp_path / "mask.png").read_bytes(), "mask").pixels)
    assert said.pixels.any() == (origin == "network")


@quick
@given(sizes, st.floats(-12, 8), st.integers(0, 99))
def test_suggestions(page_modules, size, level, seed):
    linear = np.exp2(np.random.default_rng(seed).normal(level, 3, (*size, 3))).clip(0, 65504).astype(np.float32)
    radiance = RadianceMap(linear, Photo(np.zeros((*size, 3), np.uint8)))
    wanted = radiance.suggest()
    said = page_modules.call("light/suggesting.js", "suggested", radiance.reduced_ev.ravel())
    assert (said["ev"], said["highlights"], said["shadows"]) == pytest.approx(
        (wanted.ev, wanted.highlights, wanted.shadows)
    )


@quick
@given(sizes, st.tuples(*[st.floats(0, 1)] * 4))
def test_gradients(page_modules, size, ends):
    (height, width), (x0, y0, x1, y1) = size, ends
    if np.hypot(x1 - x0, y1 - y0) < 0.01:
        return
    there = Gradient(1, (x0, y0), (x1, y1))
    columns = np.arange(width) + 0.5
    said = page_modules.each(
        "light/develop.js",
        "along",
        columns,
        float(height - 0.5),
        made=[{"from": [x0, y0], "to": [x1, y1]}, width, height],
    )
    expected = gradient.along(there, height, width, slice(height - 1, height))[0]
    np.testing.assert_allclose(said, expected, atol=1e-5)


@pytest.mark.parametrize(
    "told",
    [
        None, {}, {"ev": "1"}, NEUTRAL | {"ev": 11}, NEUTRAL | {"highlights": -101}, NEUTRAL | {"shadows": None},
        NEUTRAL | {"gradient": LINE | {"from": [0.2, -0.1]}}, NEUTRAL | {"gradient": LINE | {"to": LINE["from"]}},
        NEUTRAL | {"gradient": LINE | {"where": "sky"}}, NEUTRAL | {"gradient": LINE | {"ev": 6}},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_none(page_modules, told):
    assert page_modules.call("ui/settings.js", "sound", told) is None


def test_settings_that_were_kept_come_back(page_modules):
    told = NEUTRAL | {"ev": -1.25, "highlights": -40, "gradient": LINE}
    assert page_modules.call("ui/settings.js", "sound", told | {"unknown": 1}) == told | {"detail": None, "seed": 0}


@pytest.mark.parametrize(
    ("told", "kind", "options", "name"),
    [
        ({"ev": -2}, "hdr", {}, "china_ev-2_hdr.jpg"),
        ({"ev": 0.5, "highlights": -50, "shadows": 20}, "picture", {}, "china_ev+0.5_highlights-50_shadows+20.jpg"),
        ({"gradient": LINE}, "picture", {"long_px": 2560, "bits": 16}, "china_ev+0_gradient_2560px_16bit.jpg"),
        ({"ev": -2}, "mask", {}, "china_mask.jpg"),
    ],
)
def test_names_say_what_a_file_holds(page_modules, told, kind, options, name):
    assert page_modules.call("ui/settings.js", "nameOf", "china.jpeg", NEUTRAL | told, kind, ".jpg", options) == name


def test_archives(page_modules):
    pictures = [bytes(range(256)) * 40, b"", np.random.default_rng(1).bytes(3000)]
    names = ["s\u00e4.jpg", "one.jpg", "one.jpg"]
    files = [{"name": name, "file": File(data)} for name, data in zip(names, pictures, strict=True)]
    with zipfile.ZipFile(io.BytesIO(page_modules.call("files/zip.js", "zip", files))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["s\u00e4.jpg", "one.jpg", "one (2).jpg"]
        assert [archive.read(name) for name in archive.namelist()] == pictures
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize(
    ("text", "number"), [("-50", -50), ("\N{MINUS SIGN}1,5 EV", -1.5), ("+.5", 0.5), ("bright", None), ("1e3", None)]
)
def test_numbers_as_people_write_them(page_modules, text, number):
    assert page_modules.call("ui/fader.js", "numberOf", text) == number
