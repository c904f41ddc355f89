"""Ultra HDR files: the user's own JPEG in front, and light that independent readers agree on."""

import contextlib
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import SUNSET
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import reexposure as rx
from reexposure.errors import PhotoError
from reexposure.light import camera
from reexposure.light.develop import Settings
from reexposure.photo import gainmap, jpeg
from reexposure.photo.decoding import decode
from reexposure.photo.gainmap import AppleGainMap, GainMap
from reexposure.photo.photo import Photo
from reexposure.photo.xmp import packet
from reexposure.radiance import opening, ultrahdr

READERS = Path(__file__).parent / "readers"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A real photo, its radiance map, and the Ultra HDR file of both."""
    folder = tmp_path_factory.mktemp("ultrahdr")
    with Image.open(SUNSET) as picture:
        picture.resize((900, 600)).save(folder / "photo.jpg", quality=93, subsampling=0)
    radiance = rx.reconstruct(folder / "photo.jpg", "srgb")
    radiance.save(folder / "ultra.jpg")
    return folder / "photo.jpg", radiance, folder / "ultra.jpg"


def error_ev(light, radiance):
    """|EV error| of every channel value, by mask: well exposed and lit, and clipped."""
    error = np.abs(np.log2((light + 1e-4) / (radiance.linear + 1e-4)))
    well = (radiance.over == 0) & (radiance.under == 0) & (radiance.linear > 0.02)
    return error[well], error[radiance.over == 1]


def test_the_users_jpeg_is_not_compressed_again(real):
    photo, _, ultra = real
    before, after = jpeg.split(photo.read_bytes()), jpeg.split(ultra.read_bytes())
    assert after.scan == before.scan
    kept = [s for s in after.segments if s in before.segments]
    assert kept == before.segments
    with Image.open(photo) as a, Image.open(ultra) as b:
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


def test_our_own_reader_gets_the_light_back(real):
    _, radiance, ultra = real
    back = rx.RadianceMap.load(ultra)
    assert back.origin == "gain map"
    well, clipped = error_ev(back.linear, radiance)
    # Gain 1 but for what compression spills beside a highlight.
    assert np.percentile(well, 99) < 0.003
    assert (well < 1e-5).mean() > 0.9
    assert np.percentile(clipped, 99) < 0.1
    assert back.reconstructed.max() == back.cleaned.max() == 0


def test_an_exposure_gains_nothing_where_it_shows_all_light(real):
    """The base's rounding is no gain: the map stays a fraction of the file, and is not four times the picture."""
    _, radiance, _ = real
    linear, photo = camera.expose(radiance.linear, np.float32(-1)), radiance.expose(-1)
    file = ultrahdr.encoded(linear, photo, radiance.curve)
    assert linear.max() > 1.1
    assert len(next(jpeg.further_pictures(file))) < 0.3 * len(file)
    shown = opening.lit(decode(file, "file")).linear
    assert np.quantile(np.abs(np.log2(shown[linear > 1.1] / linear[linear > 1.1])), 0.9) < 0.1


def test_libultrahdr_agrees(real):
    imagecodecs = pytest.importorskip("imagecodecs")
    _, radiance, ultra = real
    light = imagecodecs.ultrahdr_decode(ultra.read_bytes())[..., :3].astype(np.float32)
    for error in error_ev(light, radiance):
        assert np.percentile(error, 99) <= 0.10


def test_hdrify_agrees_and_gainmap_js_parses_it(real, tmp_path):
    if shutil.which("node") is None or not (READERS / "node_modules").exists():
        pytest.skip("no Node.js, or its packages are not installed in tests/readers")
    _, radiance, ultra = real
    command = ["node", READERS / "read.mjs", ultra, tmp_path / "light.f32"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=READERS)
    told = json.loads(done.stdout)
    light = np.fromfile(tmp_path / "light.f32", np.float32).reshape(600, 900, 4)[..., :3]
    for error in error_ev(light, radiance):
        assert np.percentile(error, 99) <= 0.10
    assert told["gainmapjs"]["gamma"] == [0.5, 0.5, 0.5]
    assert told["gainmapjs"]["gainMapMax"][0] == pytest.approx(np.log2(radiance.linear.max() + 1 / 64), abs=0.1)


def test_chromium_shows_it(chromium, real, tmp_path):
    photo, _, ultra = real
    (tmp_path / "page.html").write_text(f'<body style="margin:0"><img src="{ultra}" width=900 height=600>')
    page = chromium.new_page(viewport={"width": 900, "height": 600})
    page.goto((tmp_path / "page.html").as_uri())
    with Image.open(io.BytesIO(page.screenshot())) as a, Image.open(photo) as b:
        assert np.abs(np.asarray(a.convert("RGB")).astype(int) - np.asarray(b)).mean() < 2
    page.close()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_keeps_its_file_and_its_light(orientation, real, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    with Image.open(real[0]) as picture:
        picture.resize((600, 400)).save(tmp_path / "turned.jpg", exif=exif)
    radiance = rx.reconstruct(tmp_path / "turned.jpg", "srgb")
    radiance.save(tmp_path / "ultra.jpg")
    before, after = (jpeg.split((tmp_path / f"{name}.jpg").read_bytes()) for name in ("turned", "ultra"))
    assert after.scan == before.scan
    well, clipped = error_ev(rx.RadianceMap.load(tmp_path / "ultra.jpg").linear, radiance)
    assert np.percentile(well, 99) < 0.01
    assert np.percentile(clipped, 99) < 0.1


def test_a_photo_with_a_gain_map_uses_it_unless_told_otherwise(real, tmp_path, reexpose):
    ultra = real[2]
    told = reexpose(ultra, "--ev", "-2", "-o", tmp_path / "a.png", check=True)
    assert b"brings a gain map" in told.stderr
    told = reexpose(ultra, "--ev", "-2", "--ignore-gain-map", "-o", tmp_path / "b.png", check=True)
    assert told.stderr == b""
    assert b"hdrgm" not in rx.open(ultra).encoded()


def test_a_png_gets_a_jpeg_of_its_own(tmp_path):
    with Image.open(SUNSET) as picture:
        picture.resize((450, 300)).save(tmp_path / "a.png")
    radiance = rx.reconstruct(tmp_path / "a.png", "srgb")
    radiance.save(tmp_path / "a.jpg")
    _, clipped = error_ev(rx.RadianceMap.load(tmp_path / "a.jpg").linear, radiance)
    assert np.percentile(clipped, 95) < 0.1


@given(st.integers(1, 40), st.integers(1, 40), st.booleans())
@settings(max_examples=15)
def test_any_size_round_trips(height, width, grey):
    pixels = np.random.default_rng(height).integers(0, 256, (height, width, 1 if grey else 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., 0] if grey else pixels).save(buffer, "PNG")
    radiance = rx.reconstruct(decode(buffer.getvalue(), "x"), "srgb")
    from reexposure.radiance import ultrahdr
    from reexposure.radiance.opening import lit

    back = lit(decode(ultrahdr.encoded(radiance.linear, radiance.photo, radiance.curve), "y"))
    assert back is not None
    assert back.linear.shape == (height, width, 3)


numbers = st.floats(0.01, 8).map(lambda v: round(v, 4))
three = st.tuples(numbers, numbers, numbers)


@given(st.builds(GainMap, three, three, three, three, three, numbers))
def test_iso_metadata_round_trips(about):
    assert gainmap.from_iso(about.to_iso()) == about


@given(st.builds(lambda v, h: GainMap(*[(x, x, x) for x in v], h), st.tuples(*[numbers] * 5), numbers))
def test_xmp_metadata_round_trips(about):
    assert gainmap.from_xmp(packet(about.to_xmp())) == about


@given(st.binary(max_size=150))
def test_damaged_gain_maps_are_refused_in_words(data):
    for read in (gainmap.from_iso, gainmap.from_xmp, lambda d: gainmap.from_apple(d, d)):
        with contextlib.suppress(ValueError):
            read(data)


def test_apples_gain_map_multiplies():
    base = np.full((1, 1, 3), 0.5, np.float32)
    light = AppleGainMap(8.0).apply(base, np.ones((1, 1, 1), np.float32))
    np.testing.assert_allclose(light, 4.0)


def test_an_ordinary_photo_is_no_radiance_map():
    with pytest.raises(PhotoError, match="no radiance map"):
        rx.RadianceMap.load(SUNSET)


def window(clipped=True):
    """A grey wall, a dark corner with noise, and a bright window that clipped or did not."""
    rng = np.random.default_rng(0)
    pixels = np.repeat(rng.integers(60, 150, (48, 64, 1)), 3, -1).astype(np.uint8)
    pixels[30:, 40:] = rng.integers(1, 16, (18, 24, 3))
    pixels[8:24, 16:48] = 255 if clipped else 200
    linear = camera.RESPONSES["srgb"].decode(pixels / np.float32(255)).astype(np.float32)
    linear[30:, 40:] *= rng.uniform(0.7, 1.4, (18, 24, 3)).astype(np.float32)  # cleaned
    if clipped:
        linear[8:24, 16:48] *= np.linspace(1.5, 6, 32, dtype=np.float32)[:, None]
    return rx.RadianceMap(linear, Photo(pixels), "srgb")


def test_where_nothing_is_above_white_the_map_is_empty():
    radiance = window(clipped=False)
    found = decode(ultrahdr.encoded(radiance.linear, radiance.photo, radiance.curve), "x").gain_map
    assert not found.codes.any()


def test_shadows_leave_no_noise_in_the_map_of_highlights():
    radiance = window()
    codes = decode(ultrahdr.encoded(radiance.linear, radiance.photo, radiance.curve), "x").gain_map.codes
    assert codes[12:20, 20:44].min() > 50
    assert codes[36:, 56:].max() <= 2  # what JPEG makes of nothing


@pytest.mark.parametrize("look", [Settings(0, -100, 0), Settings(0, -80, 60), Settings(-1, 0, 100)])
def test_a_developed_base_shows_the_picture_and_its_map_gives_the_light_back(tmp_path, look):
    radiance = window()
    radiance.save(tmp_path / "a.jpg", settings=look)
    found = rx.open(tmp_path / "a.jpg")
    shown = radiance.develop(look.ev, look.highlights, look.shadows)
    assert np.abs(found.pixels.astype(int) - shown.pixels)[8:24, 16:48].mean() < 3
    assert Settings.of_told(found.metadata.recorded()) == look
    light = radiance.linear * np.float32(2**look.ev)
    back = opening.lit(decode(ultrahdr.encoded(light, shown, radiance.curve, developed=True), "x")).linear
    error_ev = np.log2((back + 1 / 64) / (light + 1 / 64))
    assert np.quantile(np.abs(error_ev[10:22, 18:46]), 0.9) < 0.1
    assert np.abs(np.median(error_ev[34:, 46:])) < 0.05


def test_light_itself_is_not_developed(tmp_path, reexpose):
    with pytest.raises(PhotoError, match=r"a\.exr: light is not developed"):
        window().save(tmp_path / "a.exr", settings=Settings(0, -100, 0))
    window().photo.save(tmp_path / "a.png")
    done = reexpose("radiance", tmp_path / "a.png", "--highlights", "-80", "-o", tmp_path / "b.exr")
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    reexpose("radiance", tmp_path / "a.png", "--highlights", "-80", "-o", tmp_path / "b.jpg", check=True)
    assert b'Highlights="-80"' in (tmp_path / "b.jpg").read_bytes()
