"""Radiance map files, as other programs read them."""

import ctypes.util

import numpy as np
import OpenImageIO as oiio
import pytest
from conftest import SUNSET
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import reexposure as rx
from reexposure.light import colour
from reexposure.light.colour import ColourSpace
from reexposure.radiance import with_openimageio


@pytest.fixture(scope="module")
def radiance(tmp_path_factory):
    path = tmp_path_factory.mktemp("formats") / "photo.png"
    with Image.open(SUNSET) as picture:
        picture.resize((300, 200)).save(path)
    return rx.reconstruct(path, "srgb")


def by_openexr(path):
    openexr = pytest.importorskip("OpenEXR")
    return openexr.File(str(path)).channels()["RGB"].pixels.astype(np.float32)


def by_oiio(path):
    return np.asarray(oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT))[..., :3]


def by_imageio(path):
    imageio = pytest.importorskip("imageio.v3")
    if ctypes.util.find_library("freeimage") is None:
        pytest.skip("no FreeImage (Debian: libfreeimage3), by which imageio reads floats")
    return imageio.imread(path, plugin=f"{path.suffix[1:].upper()}-FI")


@pytest.mark.parametrize("read", [by_openexr, by_oiio, by_imageio])
def test_half_openexr(radiance, read, tmp_path):
    radiance.save(tmp_path / "a.exr")
    light = read(tmp_path / "a.exr")
    np.testing.assert_allclose(light, radiance.linear, rtol=0.0005, atol=1e-6)


def test_float_openexr_is_exact(radiance, tmp_path):
    radiance.save(tmp_path / "a.exr", float32=True)
    np.testing.assert_array_equal(by_openexr(tmp_path / "a.exr"), radiance.linear)


@pytest.mark.parametrize("read", [by_oiio, by_imageio])
def test_radiance_hdr(radiance, read, tmp_path):
    radiance.save(tmp_path / "a.hdr")
    error = np.abs(read(tmp_path / "a.hdr") - radiance.linear)
    assert (error / radiance.linear.max(-1, keepdims=True).clip(1e-6)).max() <= 0.0087


def test_float_tiff_is_exact(radiance, tmp_path):
    radiance.save(tmp_path / "a.tif")
    np.testing.assert_array_equal(by_oiio(tmp_path / "a.tif"), radiance.linear)


def test_other_programs_show_the_photo_as_it_was(radiance, tmp_path):
    """They show linear light by the sRGB curve: that is why srgb is the default of `reexpose radiance`."""
    radiance.save(tmp_path / "a.exr")
    light = by_oiio(tmp_path / "a.exr").clip(0, 1)
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    well = (radiance.over == 0) & (radiance.under == 0)
    assert np.abs(shown - radiance.photo.pixels)[well].max() < 0.1


@pytest.mark.parametrize("name", ["sRGB", "Display P3", "Adobe RGB"])
@pytest.mark.parametrize("suffix", [".exr", ".hdr", ".tif"])
def test_primaries_and_white_travel(name, suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    with_openimageio.write(path, np.ones((4, 5, 3), np.float32), suffix, colour.named(colour.KNOWN[name]))
    assert with_openimageio.load(path)[1].name == name
    back = rx.RadianceMap.load(path)
    assert back.photo.colour_space.name == name
    np.testing.assert_array_equal(back.linear, 1)
    assert b"203" in path.read_bytes() or by_header(path)["whiteLuminance"] == 203


def by_header(path):
    return pytest.importorskip("OpenEXR").File(str(path)).header()


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([".exr", ".hdr", ".tif"]))
@settings(max_examples=20)
def test_any_size_round_trips(height, width, suffix):
    import tempfile
    from pathlib import Path

    light = np.random.default_rng(0).uniform(0, 30, (height, width, 3)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{suffix}")
        with_openimageio.write(path, light, suffix, ColourSpace())
        back = rx.RadianceMap.load(path)
    error = np.abs(back.linear - light) / light.max(-1, keepdims=True)
    assert error.max() <= 0.0087


def test_a_radiance_map_is_exposed_like_a_photo(radiance, tmp_path, reexpose):
    radiance.save(tmp_path / "a.exr", float32=True)
    reexpose(tmp_path / "a.exr", "--ev", "-2", "-o", tmp_path / "b.png", check=True)
    after = rx.open(tmp_path / "b.png").pixels / 257
    assert np.abs(after - radiance.expose(-2).pixels).max() <= 0.51


def test_a_radiance_map_never_overwrites_itself(radiance, tmp_path, reexpose):
    radiance.save(tmp_path / "a.exr")
    done = reexpose("radiance", tmp_path / "a.exr")
    assert done.returncode == 2
    assert b"is the input itself" in done.stderr


def test_the_mask_tells_highlights_from_shadows(radiance, tmp_path):
    radiance.save_mask(tmp_path / "mask.png")
    with Image.open(tmp_path / "mask.png") as mask:
        highlights, neither, shadows = np.moveaxis(np.asarray(mask), -1, 0)
    for told, lost in ((highlights, radiance.over.max(-1)), (shadows, radiance.under.max(-1))):
        np.testing.assert_array_equal(told == 0, lost == 0)
        assert (told[lost == 1] == 255).all()
    assert not neither.any()
