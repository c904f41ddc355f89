"""What the released network makes of a real photo, and what it must leave alone."""

import numpy as np
import pytest
from conftest import SUNSET
from hypothesis import given, settings
from hypothesis import strategies as st

import reexposure as rx
from reexposure import camera, network, photo
from reexposure.formats import interchange
from reexposure.photo import Photo, PhotoError


@pytest.fixture(scope="module")
def sunset():
    whole = photo.load(SUNSET)
    return Photo(np.ascontiguousarray(whole.pixels[::4, ::4]))


@pytest.fixture(scope="module")
def radiance(sunset):
    return rx.reconstruct(sunset)


def well_exposed(picture):
    encoded = picture.pixels / picture.levels
    return (encoded > camera.UNDER_FROM) & (encoded < camera.OVER_FROM)


@pytest.mark.parametrize("response", camera.RESPONSES)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_at_ev_0_well_exposed_pixels_are_the_photos_own(sunset, response, kind):
    pixels = sunset.pixels.astype(kind) * (1 if kind == np.uint8 else 257)
    same = rx.reconstruct(Photo(pixels), response).expose(0)
    known = well_exposed(sunset)
    assert known.mean() > 0.5
    assert same.pixels.dtype == kind
    np.testing.assert_array_equal(same.pixels[known], pixels[known])


def test_the_clipped_sun_comes_back_brighter_than_the_clip_level(sunset, radiance):
    clipped = sunset.pixels.min(-1) == 255
    assert clipped.sum() > 1000
    assert radiance.linear[clipped].min() >= 1
    assert np.median(radiance.linear[clipped].max(-1)) > 1.5  # the plain brightness change says 1
    darker = radiance.expose(-1).pixels[clipped]
    assert np.median(darker.max(-1)) > 181  # 255 * sqrt(0.5) + 1: the flat grey of a plain change


def test_light_is_finite_and_never_negative(radiance):
    assert np.isfinite(radiance.linear).all()
    assert radiance.linear.min() >= 0


def test_one_stop_is_twice_the_light(radiance):
    brighter, same = radiance.expose(1).pixels, radiance.expose(0).pixels
    visible = (brighter < 250).all(-1) & (same > 40).all(-1)
    ratio = (brighter[visible] / same[visible].astype(float)) ** 2
    assert np.median(ratio) == pytest.approx(2, abs=0.02)


def test_the_same_photo_gives_the_same_radiance(sunset, radiance):
    np.testing.assert_array_equal(rx.reconstruct(sunset).linear, radiance.linear)


def test_a_well_exposed_photo_never_runs_the_network(monkeypatch):
    def fail(*_):
        raise AssertionError("the network ran")

    monkeypatch.setattr(network, "predict_gain", fail)
    pixels = np.random.default_rng(0).integers(60, 200, (40, 50, 3), np.uint8)
    np.testing.assert_array_equal(rx.reconstruct(Photo(pixels)).expose(0).pixels, pixels)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_any_size_works(height, width, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    linear = rx.reconstruct(Photo(pixels)).linear
    assert linear.shape == pixels.shape
    assert np.isfinite(linear).all()
    assert (linear[pixels >= 252] >= 1).all()


def test_no_seam_between_the_bands_of_rows():
    """A wide white disc on grey: its light must not jump from row to row where bands meet."""
    row, column = np.mgrid[:300, :2400]
    inside = (row - 150) ** 2 + ((column - 1200) / 4) ** 2 < 110**2
    pixels = np.where(inside[..., None], 255, 120).astype(np.uint8).repeat(3, -1)
    light = np.log2(rx.reconstruct(Photo(pixels)).linear[60:240, 1200, 1])
    steps = np.abs(np.diff(light))
    assert steps.max() < 0.2 + 4 * np.median(steps)


@pytest.mark.parametrize(("suffix", "relative"), [(".exr", 0.0005), (".hdr", 0.0087), (".tif", 1e-6)])
def test_radiance_files_hold_the_light(radiance, tmp_path, suffix, relative):
    path = tmp_path / f"light{suffix}"
    radiance.save(path)
    read = interchange.read(path)
    brightest = radiance.linear.max(-1, keepdims=True)
    assert (np.abs(read - radiance.linear) <= relative * brightest + 1e-7).all()


def test_unknown_formats_and_responses_are_refused(radiance, sunset, tmp_path):
    with pytest.raises(PhotoError, match="unknown format"):
        radiance.save(tmp_path / "light.xyz")
    with pytest.raises(ValueError, match="unknown response"):
        rx.reconstruct(sunset, "log")
