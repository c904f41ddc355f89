"""What the released network makes of a real photo, and what it must leave alone."""

import io

import numpy as np
import onnx
import pytest
from conftest import SUNSET
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import reexposure as rx
from reexposure.errors import PhotoError
from reexposure.light import bands, camera, icc, resampling, transfer
from reexposure.light.colour import ColourSpace
from reexposure.photo.metadata import Metadata
from reexposure.photo.photo import Photo
from reexposure.radiance import with_openimageio
from reexposure.reconstruction import network, shadows

THREE = (camera.PowerResponse(1.8), camera.PowerResponse(2.2), camera.PowerResponse(2.6))


@pytest.fixture(scope="module")
def sunset():
    whole = rx.open(SUNSET)
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

    monkeypatch.setattr(network, "session", fail)
    monkeypatch.setattr(network, "_load", fail)
    pixels = np.random.default_rng(0).integers(60, 200, (40, 50, 3), np.uint8)
    np.testing.assert_array_equal(rx.reconstruct(Photo(pixels)).expose(0).pixels, pixels)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 99))
@settings(max_examples=15)
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


def darkened(scene, noise_levels, rng):
    """A photo of ``scene`` taken three stops too dark, as a camera's JPEG."""
    encoded = camera.photograph(scene, np.float32(-3)) + rng.normal(0, noise_levels / 255, scene.shape)
    buffer = io.BytesIO()
    Image.fromarray(np.rint(255 * encoded.clip(0, 1)).astype(np.uint8)).save(buffer, "JPEG", quality=92, subsampling=2)
    return Photo(np.array(Image.open(buffer)))


@pytest.mark.parametrize(("reduction", "decibels"), [(3, 1.3), (8, 0.8)])
def test_pushed_shadows_have_less_noise_than_the_plain_brightness_change(reduction, decibels):
    """In a large photo and in a small one."""
    picture = Image.fromarray(rx.open(SUNSET).pixels).reduce(reduction)
    scene = camera.RESPONSES["sqrt"].decode(np.asarray(picture, np.float32) / 255)
    dark = darkened(scene, 0.8, np.random.default_rng(0))
    lost = dark.pixels.max(-1) < 24
    assert lost.mean() > 0.1
    true = camera.photograph(scene)[lost]

    def error(linear):
        return np.mean((camera.photograph(linear, np.float32(3))[lost] - true) ** 2)

    plain = error(camera.RESPONSES["sqrt"].decode(dark.pixels / np.float32(255)))
    assert 10 * np.log10(plain / error(rx.reconstruct(dark).linear)) > decibels


@given(st.integers(1, 40), st.data())
@settings(max_examples=30)
def test_reducing_takes_the_mean_of_boxes_that_cover_every_pixel_once(count, data):
    values = np.array(data.draw(st.lists(st.integers(0, 255), min_size=count, max_size=80)), np.uint8)
    means = resampling.box_means(values, count)
    sizes = np.diff((np.arange(count + 1) * len(values) / count + 0.5).astype(int))
    assert sizes.sum() == len(values)
    assert sizes.max() - sizes.min() <= 1
    assert (means * sizes).sum() == pytest.approx(values.sum(dtype=float), abs=0.01)


def test_a_network_that_is_none_is_named(monkeypatch, tmp_path, sunset):
    light = onnx.helper.make_tensor_value_info("light", onnx.TensorProto.FLOAT, [1])
    nothing = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["light"], ["same"])], "n", [light], [
        onnx.helper.make_tensor_value_info("same", onnx.TensorProto.FLOAT, [1])
    ])  # fmt: skip
    other = onnx.helper.make_model(nothing, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    for name, data, reason in (("text", b"text", "no ONNX"), ("other", other.SerializeToString(), "not a graph of")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "light.onnx").write_bytes(data)
        monkeypatch.setenv(network.CHOICE, str(tmp_path / name))
        with pytest.raises(ValueError, match=f"{name}/light.onnx: {reason}"):
            rx.reconstruct(sunset)
    monkeypatch.setenv(network.CHOICE, str(tmp_path / "missing"))
    with pytest.raises(OSError, match="missing"):
        rx.reconstruct(sunset)


def test_the_shadows_of_deep_photos_stay_what_they_are():
    deep = np.random.default_rng(0).integers(0, 6000, (80, 90, 3)).astype(np.uint16)
    for pixels, levels, cleans in ((deep, 65535, False), ((deep // 257).astype(np.uint8), 255, True)):
        radiance = rx.reconstruct(Photo(pixels))
        own = (pixels / np.float32(levels)) ** 2
        assert (radiance.linear != own).any() == cleans
        assert radiance.cleaned.any() == (radiance.shadows_share > 0) == cleans


def test_light_depends_on_neither_tiles_nor_threads(monkeypatch, sunset, radiance):
    monkeypatch.setattr(shadows, "FEW", -1)
    whole = rx.reconstruct(sunset).linear
    for rows_px, columns_px in ((64, 96), (96, 4096), (4096, 64)):
        monkeypatch.setattr(shadows, "ROWS_PX", rows_px)
        monkeypatch.setattr(shadows, "COLUMNS_PX", columns_px)
        monkeypatch.setattr(shadows, "CELL_PX", 32)
        np.testing.assert_allclose(rx.reconstruct(sunset).linear, whole, atol=1e-6)
    photo = (sunset.pixels[::2, ::2] / 255).astype(np.float32)
    gains = []
    for count in (1, 3):
        with bands.threads(count):
            gains.append(network.open().gain(photo, np.eye(3, dtype=np.float32)))
    one, three = gains
    np.testing.assert_allclose(one, three, atol=1e-4)


@pytest.mark.parametrize(("suffix", "relative"), [(".exr", 0.0005), (".hdr", 0.0087), (".tif", 1e-6)])
def test_radiance_files_hold_the_light(radiance, tmp_path, suffix, relative):
    path = tmp_path / f"light{suffix}"
    radiance.save(path)
    read = with_openimageio.read(path)
    brightest = radiance.linear.max(-1, keepdims=True)
    assert (np.abs(read - radiance.linear) <= relative * brightest + 1e-7).all()


def test_unknown_formats_and_responses_are_refused(radiance, sunset, tmp_path):
    with pytest.raises(PhotoError, match="unknown format"):
        radiance.save(tmp_path / "light.xyz")
    with pytest.raises(ValueError, match="unknown response"):
        rx.reconstruct(sunset, "log")


@pytest.mark.parametrize("response", camera.RESPONSES)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("curve", [None, camera.PowerResponse(1.8), transfer.ChannelResponses(THREE)])
def test_exposures_are_those_of_all_the_light(sunset, response, kind, curve):
    """Whether light is worked out piece by piece for one exposure, or kept for many."""
    pixels = sunset.pixels[::3, ::3].astype(kind) * (1 if kind == np.uint8 else 257)
    profile = b"" if curve is None else icc.profile_of(ColourSpace(response=curve))
    photo = Photo(np.ascontiguousarray(pixels), metadata=Metadata(profile=profile))
    for ev in (-2, 0, 1.5):
        radiance = rx.reconstruct(photo, response)
        pieces = radiance.expose(ev).pixels
        assert "whole" not in vars(radiance.light)
        np.testing.assert_array_equal(pieces, radiance.expose(ev).pixels)
        assert "whole" in vars(radiance.light)
        assert radiance.brightest_ev == pytest.approx(np.log2(radiance.linear.max()), abs=1e-5)


def test_the_brightest_light_is_known_without_all_of_it(sunset):
    for pixels in (sunset.pixels, sunset.pixels // 2, sunset.pixels // 20):
        radiance = rx.reconstruct(Photo(np.ascontiguousarray(pixels)))
        assert radiance.brightest_ev == pytest.approx(np.log2(radiance.linear.max()), abs=1e-5)
