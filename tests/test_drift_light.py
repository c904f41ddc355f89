"""No drift: what the page's modules say of light, they say as Python does, on generated inputs."""

import numpy as np
import pytest
from drift import P3, curves, pixels_of, response_of, sizes, space_of, spaces, told_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from reexposure.films import sweep
from reexposure.light import blend, camera, colour, icc, resampling
from reexposure.light.colour import ColourSpace
from reexposure.light.noise import noise as noise_at
from reexposure.photo.metadata import Metadata
from reexposure.photo.orientation import upright
from reexposure.photo.photo import Photo
from reexposure.radiance.pieces import Pieces
from reexposure.radiance.radiance import RadianceMap, percent
from reexposure.radiance.redecoding import redecoded
from reexposure.radiance.telling import telling_range
from reexposure.reconstruction import highlights, shadows
from reexposure.reconstruction.detail import Detail
from reexposure.reconstruction.network import Network
from reexposure.server import view

quick = settings(max_examples=40)
levels = np.arange(256, dtype=np.uint8)
unit = hnp.arrays(np.float64, 64, elements=st.floats(0, 1))
stops = hnp.arrays(np.float64, 64, elements=st.floats(0, 12))


@quick
@given(unit, stops)
def test_masks_and_blending(page_modules, encoded, gain):
    over, under = camera.over_exposure(encoded), camera.under_exposure(encoded)
    said = {
        "overExposure": ((encoded,), over),
        "underExposure": ((encoded,), under),
        "overExposedLight": ((encoded, over, gain), blend.over_exposed_light(encoded, over, gain)),
    }
    for name, (given_, expected) in said.items():
        np.testing.assert_allclose(page_modules.each("light/camera.js", name, *given_), expected, rtol=1e-6, atol=2e-6)


@quick
@given(hnp.arrays(np.float32, 64, elements=st.floats(-1e6, 1e6, width=32)))
def test_half_floats(page_modules, values):
    bits = page_modules.each("light/camera.js", "toHalf", values)
    expected = values.clip(-65504, 65504).astype(np.float16)
    np.testing.assert_array_equal(bits.astype(np.uint16).view(np.float16), expected)


def test_every_half_float(page_modules):
    values = page_modules.call("light/camera.js", "HALF_VALUES")
    np.testing.assert_array_equal(values, np.arange(65536).astype(np.uint16).view(np.float16).astype(np.float32))
    finite = np.isfinite(values)
    back = page_modules.each("light/camera.js", "toHalf", values[finite])
    np.testing.assert_array_equal(back.astype(np.uint16).view(np.float16), values[finite])


@quick
@given(curves, unit)
def test_curves(page_modules, curve, values):
    response = response_of(curve)
    decoded = page_modules.each("light/curves.js", "decoder", values, made=[curve])
    np.testing.assert_allclose(decoded, response.decode(values), rtol=1e-9, atol=1e-12)
    encoded = page_modules.each("light/curves.js", "encoder", values, made=[curve])
    np.testing.assert_allclose(encoded, response.encode(values), rtol=1e-9, atol=1e-12)
    back = page_modules.each("light/curves.js", "encoder", decoded, made=[curve])
    np.testing.assert_allclose(back, values, atol=3e-4)  # the two parts of Rec. 709's curve do not quite meet


@quick
@given(curves, st.floats(-8, 8))
def test_pictures_of_light(page_modules, curve, ev):
    response = response_of(curve)
    light = np.arange(65536).astype(np.uint16).view(np.float16).astype(np.float64)
    told = np.isfinite(light) & (light >= 0)
    exact = 255 * camera.photograph(light[told], ev, response)
    picture = page_modules.call("light/camera.js", "developTable", ev, curve)[told]
    assert np.abs(picture - exact).max() <= 0.51


@pytest.mark.parametrize(
    ("name", "space"),
    [
        ("SRGB", ColourSpace()),
        ("P3", ColourSpace("Display P3", colour.KNOWN["Display P3"])),
        ("ADOBE_RGB", colour.ADOBE_RGB),
    ],
)
def test_known_spaces(page_modules, name, space):
    said = page_modules.call("light/colours.js", name)
    assert (said["name"], said["curve"]) == (space.name, told_of(space)["curve"])
    np.testing.assert_array_equal(said["primaries"], space.primaries)


@quick
@given(spaces, spaces, hnp.arrays(np.float64, (8, 3), elements=st.floats(0, 1)))
def test_colours(page_modules, source, target, encoded):
    source, target = space_of(source), space_of(target)
    there, back = told_of(source), told_of(target)
    matrix = page_modules.call("light/colours.js", "conversion", there, back)
    np.testing.assert_allclose(np.reshape(matrix, (3, 3)), colour.conversion(source, target), rtol=1e-6, atol=1e-6)
    named = page_modules.call("light/colours.js", "named", source.primaries, there["curve"])
    expected = colour.named(source.primaries, source.response)
    assert (named["name"], named["curve"]) == (expected.name, there["curve"])
    np.testing.assert_allclose(named["primaries"], expected.primaries)
    srgb = page_modules.call("light/colours.js", "toSrgb", encoded.ravel(), there).reshape(-1, 3)
    linear = source.response.decode(encoded) @ colour.conversion(source, ColourSpace()).T
    np.testing.assert_allclose(srgb, camera.SrgbResponse().encode(linear.clip(0, 1)), atol=1e-5)


@quick
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 60), st.integers(0, 99))
def test_reducing_and_enlarging(page_modules, height, width, other, seed):
    rgba = pixels_of(seed, height, width)
    rows, columns = min(height, other), max(1, width // 2)
    small = page_modules.call("light/resample.js", "reduceBox", rgba.ravel(), width, height, columns, rows)
    boxed = resampling.reduced(rgba[..., :3], rows, columns)
    small = small.reshape(rows, columns, 3)
    np.testing.assert_allclose(small, boxed, rtol=1e-6)
    wide = page_modules.call("light/resample.js", "widen", small.ravel(), columns, rows, width)
    enlarged = resampling.Enlarged(np.ascontiguousarray(small), height, width)
    wide = wide.reshape(rows, width, 3)
    for row in range(height):
        above, below, share = page_modules.call("light/resample.js", "bilinear", rows, height, row)
        own = wide[above] + share * (wide[below] - wide[above])
        np.testing.assert_allclose(own, enlarged.cut(slice(row, row + 1), slice(0, width))[0], rtol=1e-5, atol=1e-4)


@quick
@given(st.integers(1, 300), st.integers(1, 700), st.integers(0, 99), st.sampled_from([0.0, 0.001, 0.01, 0.5]))
def test_tiles_of_shadows(page_modules, height, width, seed, share):
    dark = np.random.default_rng(seed).random((height, width)) < share
    dark[:, : width // 3] = False
    rgba = np.where(dark[..., None], 20, 24).astype(np.uint8).repeat(4, -1)
    parts = page_modules.call("light/shadows.js", "tiles", rgba.ravel(), width, height)
    expected = shadows.tiles(rgba[..., :3], np.uint8(24))
    assert parts == [[rows.start, rows.stop, columns.start, columns.stop] for rows, columns in expected]


@quick
@given(st.integers(1, 30000), st.integers(1, 30000), st.integers(256, 16384))
def test_what_a_page_takes(page_modules, height, width, side):
    assert page_modules.call("light/reducing.js", "stepOf", width, height, side) == view.step_of(height, width, side)


@quick
@given(sizes, st.integers(1, 3), st.integers(0, 99))
def test_views(page_modules, tmp_path_factory, size, step, seed):
    (height, width), step = size, min(step, *size)
    rgba = pixels_of(seed, height, width)
    linear = np.random.default_rng(seed).random((height, width, 3), np.float32).astype(np.float16).astype(np.float32)
    photo = Photo(np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3]))
    folder = tmp_path_factory.mktemp("view")
    view.write(RadianceMap(linear, photo, "sqrt", "gain map"), folder, step)
    light = np.dstack([linear, np.zeros((height, width))]).astype(np.float16)
    scene = {"photo": rgba.ravel(), "light": light.ravel(), "width": width, "height": height}
    small = page_modules.call("light/reducing.js", "reducedView", scene, step)
    encoded = np.fromfile(folder / "input", np.uint8).astype(int)
    assert np.abs(np.frombuffer(small["photo"], np.uint8) - encoded).max() <= 1
    ours = np.fromfile(folder / "light", np.float16).astype(np.float32)
    np.testing.assert_allclose(small["light"].view(np.float16), ours, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning(page_modules, orientation):
    rgba = pixels_of(orientation, 3, 5)
    turned = page_modules.call("light/orientation.js", "upright", rgba.ravel(), 5, 3, orientation)
    expected = upright(rgba, orientation)
    assert (turned["height"], turned["width"]) == expected.shape[:2]
    np.testing.assert_array_equal(turned["rgba"].reshape(expected.shape), expected)
    height, width = expected.shape[:2]
    back = page_modules.call("light/orientation.js", "lying", expected.ravel(), width, height, orientation)
    np.testing.assert_array_equal(back["rgba"].reshape(rgba.shape), rgba)


@quick
@given(st.sampled_from([ColourSpace(), ColourSpace("Adobe RGB", colour.KNOWN["Adobe RGB"], camera.PowerResponse(2.2))]))
def test_redecoding(page_modules, space):
    ramp = np.repeat(levels[:, None, None], 3, -1)
    profile = b"" if space.is_srgb else icc.profile_of(space)
    photo = Photo(ramp, metadata=Metadata(profile=profile))
    encoded = ramp / np.float32(255)
    over, gain = camera.over_exposure(encoded), np.float32(2.5)
    lit = blend.over_exposed_light(camera.RESPONSES["sqrt"].decode(encoded), over, gain)
    linear = np.where(over > 0, lit, encoded**2).astype(np.float16)
    expected = redecoded(RadianceMap(linear.astype(np.float32), photo), "srgb")
    rgba = np.dstack([ramp, np.full(ramp.shape[:2], 255, np.uint8)])
    scene = {
        "photo": rgba.ravel(),
        "light": np.dstack([linear, np.zeros(ramp.shape[:2], np.float16)]).ravel(),
        "curve": view.curve(camera.RESPONSES["sqrt"]),
        "space": view.colours(photo.colour_space),
    }
    light = page_modules.call("light/redecoding.js", "redecoded", scene)["light"].view(np.float16)
    np.testing.assert_allclose(light.reshape(256, 1, 4)[..., :3], expected.linear, rtol=1e-3, atol=1e-6)


def test_pillow_enlarges_codes_as_the_page_does(page_modules):
    codes = np.random.default_rng(3).integers(0, 256, (5, 7), np.uint8)
    plane = Image.fromarray(codes).convert("F").resize((20, 5), Image.Resampling.BILINEAR)
    three = np.repeat(codes[..., None], 3, -1).astype(np.float32)
    wide = page_modules.call("light/resample.js", "widen", three.ravel(), 7, 5, 20)
    np.testing.assert_allclose(wide.reshape(5, 20, 3)[..., 0], np.asarray(plane), rtol=1e-5, atol=1e-4)


class Pretended(Network):
    """What stands for the network; drift.mjs does the same."""

    def gain(self, photo, matrix):
        return np.maximum(0, 2 * photo + matrix[:, 0]).astype(np.float32)

    has_detail = True

    def drawn(self, photo, gain, noise):
        return ((photo - 0.5) * noise[..., None] + 0.1 * gain).astype(np.float32)

    def cleaned(self, photo):
        return np.where(photo < 24 / 255, 0.5 * photo + 0.01, photo).astype(np.float32)


@quick
@given(st.integers(0, 2**32 - 1), st.integers(0, 5000), st.integers(0, 5000))
def test_noise(page_modules, seed, top, left):
    said = page_modules.call("light/noise.js", "noise", seed, top, top + 5, left, left + 7).reshape(5, 7)
    np.testing.assert_allclose(said, noise_at(seed, slice(top, top + 5), slice(left, left + 7)), atol=1e-6)


@settings(max_examples=12)
@given(
    st.sampled_from([(40, 90), (90, 40), (3, 5000), (600, 900), (45, 90)]), st.booleans(), st.integers(0, 99),
    st.sampled_from([0.0, 0.7]),
)  # fmt: skip
def test_reconstruction(page_modules, size, wide, seed, amount):
    """What the network is asked, and what becomes of its answers."""
    (height, width), space, sphere = size, P3 if wide else ColourSpace(), size == (45, 90)
    shade = np.linspace(-40, 295, width)[None, :, None] + np.linspace(-30, 30, height)[:, None, None]
    noise = np.random.default_rng(seed).normal(0, 6, (height, width, 3))
    pixels = np.rint((shade + noise).clip(0, 255)).astype(np.uint8)
    profile = b"" if space.is_srgb else icc.profile_of(space)
    photo, curve = Photo(pixels, metadata=Metadata(profile=profile)), camera.RESPONSES["sqrt"]
    photo = photo.as_panorama() if sphere else photo
    bright = highlights.find(photo, curve, Pretended("", 1)).pieces(Detail(amount, seed))
    dark = shadows.pieces(photo, curve, Pretended("", 1))
    linear = Pieces(photo, curve, bright, dark, threads=1).whole
    rgba = np.dstack([pixels, np.full(size, 255, np.uint8)]).ravel()
    told = (told_of(space), {"network": True})
    said = page_modules.call(
        "light/reconstruction.js", "reconstruct", rgba, width, height, *told, {"tell": True}, sphere
    )
    if amount:
        asked = (rgba, width, height, told[0], said["gain"], told[1], seed)
        drawn = page_modules.call("light/detail.js", "draw", *asked)
        scene = {"photo": rgba, "light": said["light"], "width": width, "height": height, "drawn": drawn}
        curve_ = view.curve(camera.RESPONSES["sqrt"])
        light = page_modules.call("light/detail.js", "detailed", scene | {"curve": curve_}, amount)
    else:
        light = said["light"]
    light = light.view(np.float16).reshape(height, width, 4).astype(np.float32)
    stops = np.abs(np.log2((light[..., :3] + 1e-3) / (linear + 1e-3)))
    assert np.quantile(stops, 0.999) < 0.01
    assert stops.max() < (0.01 if space.is_srgb else 0.1)  # littlecms rounds colours to 8 bits
    over, under = (mask(pixels / np.float32(255)).max(-1) for mask in (camera.over_exposure, camera.under_exposure))
    np.testing.assert_allclose(light[..., 3], np.where(over > 0, over, -under), atol=1e-3)


@quick
@given(sizes, st.floats(-12, 8), st.booleans(), st.integers(0, 99))
def test_telling_exposures(page_modules, size, level, opaque, seed):
    rng = np.random.default_rng(seed)
    linear = np.exp2(rng.normal(level, 3, (*size, 3))).clip(0, 65504).astype(np.float16)
    rgba = pixels_of(seed, *size)
    rgba[..., 3] = 255 if opaque else rng.choice([0, 255], size)
    photo = Photo(np.ascontiguousarray(rgba[..., :3]), None if opaque else np.ascontiguousarray(rgba[..., 3]))
    light = np.dstack([linear, np.zeros(size, np.float16)])
    said = page_modules.call("light/telling.js", "tellingRange", light.ravel(), rgba.ravel())
    assert tuple(said) == telling_range(RadianceMap(linear.astype(np.float32), photo))


@quick
@given(sizes, st.integers(0, 99))
def test_what_was_done(page_modules, size, seed):
    rgba = pixels_of(seed, *size)
    radiance = RadianceMap(np.zeros((*size, 3), np.float32), Photo(np.ascontiguousarray(rgba[..., :3])))
    said = page_modules.call("light/reconstruction.js", "sharesOf", rgba.ravel())
    shares = (radiance.highlights_share, radiance.shadows_share)
    assert (said["highlightsShare"], said["shadowsShare"]) == pytest.approx(shares)


@pytest.mark.parametrize("share", [0, 0.0001, 0.0051, 0.06, 0.524, 1])
def test_shares_in_words(page_modules, share):
    assert page_modules.call("ui/text.js", "percent", share) == percent(share)


@quick
@given(st.integers(-12, -2), st.integers(2, 8), st.integers(2, 60))
def test_glides(page_modules, low, high, frames):
    said = page_modules.call("files/film.js", "glide", low / 2, high / 2, frames)
    np.testing.assert_allclose(said, sweep.glide(low / 2, high / 2, frames), atol=1e-5)
