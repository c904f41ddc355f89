"""Radiance files as other programs write them: windows, layers, colour models, exposures, directions."""

import struct
import warnings

import numpy as np
import OpenImageIO as oiio
import pytest
from exrs import exr
from tiffs import picture, tiff

import reexposure as rx

LIGHT = np.random.default_rng(3).uniform(0.1, 4, (6, 10, 3)).astype(np.float16).astype(np.float32)
WINDOW = (0, 0, 9, 5)
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def load(data, tmp_path, name="a.exr"):
    (tmp_path / name).write_bytes(data)
    return rx.RadianceMap.load(tmp_path / name)


def channels(light, prefix="", names="RGB", kind=np.float32):
    return {f"{prefix}{name}": light[..., n].astype(kind) for n, name in enumerate(names)}


@pytest.mark.parametrize("left", [-3, 0, 4, 40])
@pytest.mark.parametrize("top", [-2, 0, 3])
def test_what_stands_where_in_the_frame(left, top, tmp_path):
    window = (left, top, left + 9, top + 5)
    linear = load(exr(channels(LIGHT), window, display=(0, 0, 11, 7)), tmp_path).linear
    expected = np.zeros((8, 12, 3), np.float32)
    for y in range(6):
        for x in range(10):
            if 0 <= y + top < 8 and 0 <= x + left < 12:
                expected[y + top, x + left] = LIGHT[y, x]
    np.testing.assert_array_equal(linear, expected)


def test_frames_need_not_start_at_zero(tmp_path):
    linear = load(exr(channels(LIGHT), (102, 51, 111, 56), display=(100, 50, 115, 60)), tmp_path).linear
    assert linear.shape == (11, 16, 3)
    np.testing.assert_array_equal(linear[1:7, 2:12], LIGHT)
    assert linear.sum() == LIGHT.sum()


OTHER = np.full_like(LIGHT, 0.9)
DEPTH = {"Depth.Z": OTHER[..., 0]}


@pytest.mark.parametrize(
    "several",
    [
        channels(LIGHT, "ViewLayer.Combined.") | channels(OTHER, "ViewLayer.AO.") | DEPTH,
        channels(LIGHT, "RenderLayer.Combined.") | channels(OTHER, "A.Normal.", "XYZ"),
        channels(LIGHT) | channels(OTHER, "albedo.") | {"A": OTHER[..., 0], "Z": OTHER[..., 0]},
        channels(LIGHT, "C.beauty.") | channels(OTHER, "C.specular."),
        channels(LIGHT, "left.") | channels(OTHER, "right."),
        channels(LIGHT, "only.") | channels(OTHER, "N.", "XYZ") | DEPTH,
        channels(LIGHT, "", "rgb"),
        channels(LIGHT, "rgba.", ("red", "green", "blue")) | DEPTH,
        channels(LIGHT, "View Layer.Combined.") | channels(OTHER, "View Layer.CryptoObject00.", "rgb"),
    ],
)
def test_the_layer_that_is_the_picture(several, tmp_path):
    np.testing.assert_array_equal(load(exr(several, WINDOW), tmp_path).linear, LIGHT)


def test_parts(tmp_path):
    for names, read in ((("ViewLayer.AO", "ViewLayer.Combined"), 1), (("beauty", "albedo"), 0), (("left", "right"), 0)):
        specs = []
        for name in names:
            specs.append(oiio.ImageSpec(10, 6, 3, oiio.FLOAT))
            specs[-1].attribute("oiio:subimagename", name)
        writer = oiio.ImageOutput.create("a.exr")
        assert writer.open(str(tmp_path / "a.exr"), tuple(specs))
        for number, spec in enumerate(specs):
            assert number == 0 or writer.open(str(tmp_path / "a.exr"), spec, "AppendSubimage")
            writer.write_image(LIGHT if number == read else OTHER)
        writer.close()
        np.testing.assert_array_equal(rx.RadianceMap.load(tmp_path / "a.exr").linear, LIGHT)


@pytest.mark.parametrize(
    ("several", "told"),
    [
        (channels(LIGHT, "one.") | channels(OTHER, "two."), "several layers (one, two); save one as a file of its own"),
        (channels(OTHER, "N.", "XYZ") | DEPTH, "no picture among its channels (Depth.Z, N.X, N.Y, N.Z)"),
        (DEPTH, "no picture among its channels (Depth.Z)"),
        (channels(LIGHT[..., :2], "motion.", "UV"), "no picture among its channels (motion.U, motion.V)"),
    ],
)
def test_layers_are_named_where_none_is_the_picture(several, told, tmp_path):
    with pytest.raises(rx.PhotoError) as caught:
        load(exr(several, WINDOW), tmp_path)
    assert str(caught.value) == f"{tmp_path / 'a.exr'}: {told}"


def test_deep_pictures_are_named(tmp_path):
    openexr = pytest.importorskip("OpenEXR")
    samples = np.empty((2, 2), object)
    for place in np.ndindex(2, 2):
        samples[place] = np.ones(2, np.float32)
    head = {"compression": openexr.ZIPS_COMPRESSION, "type": openexr.deepscanline}
    openexr.File(head, dict.fromkeys("RGBA", samples)).write(str(tmp_path / "a.exr"))
    with pytest.raises(rx.PhotoError, match=r"a\.exr: a deep picture, which is not read; flatten it first"):
        rx.RadianceMap.load(tmp_path / "a.exr")


def test_xyz(tmp_path):
    found = load(exr(channels(LIGHT @ TO_XYZ.T, "", "XYZ"), WINDOW), tmp_path)
    assert found.photo.colour_space.name == "sRGB"
    np.testing.assert_allclose(found.linear, LIGHT, rtol=0.002, atol=0.002)


def test_xyz_outside_srgb_keeps_its_colours(tmp_path):
    red = np.full((6, 10, 3), [0.6370, 0.2627, 0.0], np.float32)  # the red of Rec. 2020
    found = load(exr(channels(red, "", "XYZ"), WINDOW), tmp_path)
    assert found.photo.colour_space.name == "Rec. 2020"
    np.testing.assert_allclose(found.linear[0, 0], [1, 0, 0], atol=0.001)


def chroma(light):
    luminance = light @ [0.2126, 0.7152, 0.0722]
    return luminance, light[..., 0] / luminance - 1, light[..., 2] / luminance - 1


def test_luminance_and_chroma(tmp_path):
    """Of full size, and of half size as OpenEXR's own tools write it."""
    luminance, red, blue = (plane.astype(np.float32) for plane in chroma(LIGHT))
    linear = load(exr({"Y": luminance, "RY": red, "BY": blue}, WINDOW), tmp_path).linear
    np.testing.assert_allclose(linear, LIGHT, rtol=1e-4, atol=1e-4)
    flat = np.full((8, 16, 3), [0.6, 0.3, 0.1], np.float32)
    luminance, red, blue = (plane.astype(np.float16) for plane in chroma(flat))
    half = exr({"Y": luminance, "RY": (red[::2, ::2], 2), "BY": (blue[::2, ::2], 2)}, (0, 0, 15, 7))
    np.testing.assert_allclose(load(half, tmp_path).linear, flat, rtol=0.005)


@pytest.mark.parametrize("more", [{}, {"A": OTHER[..., 0]}])
def test_luminance_alone(more, tmp_path):
    linear = load(exr({"Y": LIGHT[..., 0], **more}, WINDOW), tmp_path).linear
    np.testing.assert_array_equal(linear, np.repeat(LIGHT[..., :1], 3, -1))


@pytest.mark.parametrize("tile", [16, 64])
@pytest.mark.parametrize("suffix", [".exr", ".tif"])
def test_tiles_and_smaller_copies(tile, suffix, tmp_path):
    big = np.random.default_rng(0).uniform(0, 9, (70, 90, 3)).astype(np.float32)
    source = oiio.ImageBuf(big)
    source.specmod().attribute("compression", "zip")
    source.set_write_tiles(tile, tile)
    oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, source, str(tmp_path / f"a{suffix}"))
    np.testing.assert_array_equal(rx.RadianceMap.load(tmp_path / f"a{suffix}").linear, big)


BAD_PRIMARIES = [
    [0.0] * 8, [np.nan] * 8, [np.inf] * 8, [0.3] * 8, [1e30] * 8,
    [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.31, 0.0], [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 2.0, 2.0],
    [1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3],
]  # fmt: skip


@pytest.mark.parametrize("values", BAD_PRIMARIES)
def test_primaries_that_cannot_be_are_ignored(values, tmp_path):
    told = ("chromaticities", struct.pack("<8f", *values))
    found = load(exr(channels(LIGHT), WINDOW, chromaticities=told), tmp_path)
    assert found.photo.colour_space.name == "sRGB"
    text = f"PRIMARIES= {' '.join(map(str, values))}".encode()
    assert load(hdr(LIGHT, text), tmp_path, "a.hdr").photo.colour_space.name == "sRGB"


@pytest.mark.parametrize("name", ["Rec. 2020", "ProPhoto RGB"])
def test_primaries_are_kept(name, tmp_path):
    from reexposure.light.colour import KNOWN

    values = [v for xy in KNOWN[name] for v in xy]
    found = load(exr(channels(LIGHT), WINDOW, chromaticities=("chromaticities", struct.pack("<8f", *values))), tmp_path)
    assert found.photo.colour_space.name == name
    np.testing.assert_array_equal(found.linear, LIGHT)


def test_aces_is_kept(tmp_path):
    values = [0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.32168, 0.33767]
    found = load(exr(channels(LIGHT), WINDOW, chromaticities=("chromaticities", struct.pack("<8f", *values))), tmp_path)
    np.testing.assert_allclose(np.ravel(found.photo.colour_space.primaries), values, atol=1e-3)


def hdr(light, *settings, axes="-Y {} +X {}", kind="rgbe"):
    """A Radiance picture, not compressed; (lines, length, 3)."""
    exponent = np.frexp(light.max(-1))[1]
    mantissa = np.round(light / 2.0 ** exponent[..., None] * 256).clip(0, 255)
    data = np.dstack([mantissa, exponent + 128]).astype(np.uint8)
    head = b"\n".join([b"#?RADIANCE", b"# made for a test", f"FORMAT=32-bit_rle_{kind}".encode(), *settings])
    return head + b"\n\n" + axes.format(*light.shape[:2]).encode() + b"\n" + data.tobytes()


def test_exposure_and_colour_correction_are_undone(tmp_path):
    settings = [
        b"EXPOSURE=4.0",
        b"EXPOSURE = 0.5",
        b"COLORCORR= 1 2 4",
        b"EXPOSURE=nan",
        b"EXPOSURE=0",
        b"# EXPOSURE=9",
    ]
    linear = load(hdr(LIGHT, *settings), tmp_path, "a.hdr").linear
    np.testing.assert_allclose(linear, LIGHT / [2, 4, 8], rtol=0.05)
    plain = load(hdr(LIGHT), tmp_path, "b.hdr").linear
    np.testing.assert_allclose(linear * [2, 4, 8], plain, rtol=1e-6)


TURNS = {
    "-Y {} +X {}": lambda a: a, "-Y {} -X {}": lambda a: a[:, ::-1],
    "+Y {} +X {}": lambda a: a[::-1], "+Y {} -X {}": lambda a: a[::-1, ::-1],
    "+X {} -Y {}": lambda a: a.swapaxes(0, 1), "-X {} -Y {}": lambda a: a[:, ::-1].swapaxes(0, 1),
    "+X {} +Y {}": lambda a: a[::-1].swapaxes(0, 1), "-X {} +Y {}": lambda a: a[::-1, ::-1].swapaxes(0, 1),
}  # fmt: skip


@pytest.mark.parametrize("axes", TURNS)
def test_all_ways_to_lie(axes, tmp_path):
    upright = load(hdr(LIGHT), tmp_path, "a.hdr").linear
    lying = TURNS[axes](LIGHT)  # how lines of this direction hold it
    np.testing.assert_array_equal(load(hdr(lying, axes=axes), tmp_path, "b.hdr").linear, upright)


def test_xyze(tmp_path):
    linear = load(hdr(np.float32(LIGHT @ TO_XYZ.T), kind="xyze"), tmp_path, "a.hdr").linear
    np.testing.assert_allclose(linear, LIGHT, atol=0.1)


@pytest.mark.parametrize("head", [b"", b"\n\n-Y 6 -Y 10\n", b"\n\n-Y 6\n", b"FORMAT=ascii\n\n-Y 6 +X 10\n"])
def test_damaged_radiance_headers(head, tmp_path):
    with pytest.raises(rx.PhotoError, match=r"a\.hdr: "):
        load(b"#?RADIANCE\n" + head + bytes(999), tmp_path, "a.hdr")


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_float_tiff(kind, order, big, tmp_path):
    strip = LIGHT.astype(np.dtype(kind).newbyteorder(order)).tobytes()
    bits = [np.dtype(kind).itemsize * 8] * 3
    data = tiff(picture(10, 6, strip, bits=bits, t339=(3, [3, 3, 3])), order=order, big=big)
    np.testing.assert_array_equal(load(data, tmp_path, "a.tif").linear, LIGHT)


def test_float_tiff_is_turned_upright(tmp_path):
    data = tiff(picture(10, 6, LIGHT.tobytes(), bits=[32] * 3, t339=(3, [3] * 3), t274=(3, [6])))
    np.testing.assert_array_equal(load(data, tmp_path, "a.tif").linear, np.rot90(LIGHT, -1))


def test_float_tiff_of_another_colour_model(tmp_path):
    data = tiff(picture(10, 4, bytes(640), bits=[32] * 4, photometric=5, t339=(3, [3] * 4)))
    with pytest.raises(rx.PhotoError, match="neither RGB nor grey"):
        load(data, tmp_path, "a.tif")


def test_float_maps(tmp_path):
    for order, scale in (("<", "-1.0"), (">", "1.0")):
        data = f"PF\n10 6\n{scale}\n".encode() + LIGHT[::-1].astype(order + "f4").tobytes()
        np.testing.assert_array_equal(load(data, tmp_path, "a.pfm").linear, LIGHT)
    grey = b"Pf\n10 6\n-1\n" + LIGHT[::-1, :, 0].astype("<f4").tobytes()
    np.testing.assert_array_equal(load(grey, tmp_path, "a.pfm").linear, np.repeat(LIGHT[..., :1], 3, -1))
    with pytest.raises(rx.PhotoError, match=r"a\.pfm: "):
        load(grey[:-1], tmp_path, "a.pfm")


@pytest.mark.parametrize("kind", [np.float16, np.float32])
@pytest.mark.parametrize("boxes", [False, True])
def test_floats_in_jpeg_xl_are_light(kind, boxes, tmp_path):
    imagecodecs = pytest.importorskip("imagecodecs")
    data = imagecodecs.jpegxl_encode(LIGHT.astype(kind), lossless=True, usecontainer=boxes)
    np.testing.assert_array_equal(load(data, tmp_path, "a.jxl").linear, LIGHT)


def test_colours_outside_xyz_of_odd_files_make_no_noise(tmp_path):
    odd = LIGHT.copy()
    odd[0, 0], odd[1, 0], odd[2, 0] = np.nan, np.inf, -np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for names in ("XYZ", ("Y", "RY", "BY")):
            assert np.isfinite(load(exr(channels(odd, "", names), WINDOW), tmp_path).linear).all()


@pytest.mark.parametrize("name", ["a.exr", "a.tif"])
def test_light_is_always_finite(name, tmp_path):
    odd = LIGHT.copy()
    odd[0, 0], odd[1, 0], odd[2, 0], odd[3, 0] = np.nan, np.inf, -np.inf, 3e38
    data = tiff(picture(10, 6, odd.tobytes(), bits=[32] * 3, t339=(3, [3] * 3)))
    found = load(exr(channels(odd), WINDOW) if name == "a.exr" else data, tmp_path, name)
    assert np.isfinite(found.linear).all()
    assert found.linear.min() == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for ev in (-30, 0, 30):
            found.expose(ev)
        for suffix in (".exr", ".hdr", ".tif"):
            found.save(tmp_path / f"b{suffix}")
            assert np.isfinite(rx.RadianceMap.load(tmp_path / f"b{suffix}").linear).all()
