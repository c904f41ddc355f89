"""No drift: gain maps and Ultra HDR files, read and written by the page's modules as by Python."""

import io
import struct

import numpy as np
import pytest
from drift import NEUTRAL, P3, pixels_of, sizes
from drift import told_of as told_space
from hypothesis import given, settings
from hypothesis import strategies as st
from javascript import File, JavaScriptError
from PIL import Image
from test_drift_files import photo_file, scene_of

from reexposure.light import camera, icc
from reexposure.light.colour import ADOBE_RGB, ColourSpace
from reexposure.photo import embedded, gainmap, jpeg, xmp
from reexposure.photo.decoding import decode
from reexposure.photo.embedded import EmbeddedGainMap
from reexposure.photo.metadata import Metadata
from reexposure.photo.photo import Photo
from reexposure.radiance import opening, ultrahdr
from reexposure.radiance.radiance import RadianceMap
from reexposure.radiance.redecoding import redecoded

quick = settings(max_examples=40)
NAMES = {
    "low_ev": "lowEv", "high_ev": "highEv", "gamma": "gamma", "base_offset": "baseOffset",
    "alternate_offset": "alternateOffset", "headroom_ev": "headroomEv",
}  # fmt: skip
numbers = st.integers(100, 80000).map(lambda n: n / 10000)
threes = st.tuples(numbers, numbers, numbers) | numbers.map(lambda n: (n, n, n))
gain_maps = st.fixed_dictionaries({name: numbers if name == "headroom_ev" else threes for name in NAMES})


def told_of(about):
    """A gain map in Python, as the page has it."""
    if isinstance(about, gainmap.AppleGainMap):
        return {"headroom": about.headroom}
    told = {ours: getattr(about, name) for name, ours in NAMES.items()}
    return told | {"backward": about.backward, "inBaseColours": about.in_base_colours}


def same_gain_map(said, expected):
    assert said.keys() == told_of(expected).keys()
    for name, value in told_of(expected).items():
        np.testing.assert_allclose(said[name], value, atol=2e-6)


@quick
@given(gain_maps)
def test_what_is_said_of_gain_maps(page_modules, drawn):
    about = gainmap.GainMap(**drawn)
    same_gain_map(page_modules.call("files/gainmap.js", "fromIso", about.to_iso()), about)
    same_gain_map(told_of(gainmap.from_iso(page_modules.call("files/gainmap.js", "toIso", told_of(about)))), about)
    packet = xmp.packet(about.to_xmp())
    same_gain_map(page_modules.call("files/gainmap.js", "fromXmp", packet.decode("latin-1")), gainmap.from_xmp(packet))
    assert page_modules.call("files/gainmap.js", "toXmp", told_of(about)).encode() == about.to_xmp()


WORDS = [
    ' h:GainMapMax="2"', " h:GainMapMax='1.5'", ' h:Gamma="0.8"', ' h:BaseRenditionIsHDR="True"', ' h:GainMapMin="40"',
    " h:OffsetSDR='x'", ' h:HDRCapacityMax="3"', ' a:HDRGainMapHeadroom="4.5"', ' a:HDRGainMapHeadroom="1e3"',
]  # fmt: skip
ELEMENTS = [
    "<h:GainMapMax>3</h:GainMapMax>", "<h:Gamma/>",
    "<h:Gamma><rdf:Seq><rdf:li>0.5</rdf:li><rdf:li>2</rdf:li></rdf:Seq></h:Gamma>",
    "<h:GainMapMax><rdf:Seq><rdf:li> 1 </rdf:li><rdf:li>2</rdf:li><rdf:li>3</rdf:li></rdf:Seq></h:GainMapMax>",
]  # fmt: skip
SPACES = 'xmlns:h="http://ns.adobe.com/hdr-gain-map/1.0/" xmlns:a="http://ns.apple.com/HDRGainMap/1.0/"'
packets = st.tuples(st.lists(st.sampled_from(WORDS), max_size=5), st.lists(st.sampled_from(ELEMENTS), max_size=3)).map(
    lambda said: described(*map("".join, said))
)


def described(attributes="", elements=""):
    """A packet that says this."""
    return xmp.packet(f"<rdf:Description {SPACES}{attributes}>{elements}</rdf:Description>".encode())


def both(page_modules, name, read, *arguments):
    """A reader's answer in both languages, or both refusals."""
    given_ = [a.decode("latin-1") if name == "fromXmp" else a for a in arguments]
    given_ = [given_[0], given_[1].decode("latin-1")] if name == "fromApple" else given_
    try:
        expected = read(*arguments)
    except ValueError:
        with pytest.raises(JavaScriptError):
            page_modules.call("files/gainmap.js", name, *given_)
    else:
        same_gain_map(page_modules.call("files/gainmap.js", name, *given_), expected)


@quick
@given(packets)
def test_odd_xmp(page_modules, packet):
    both(page_modules, "fromXmp", gainmap.from_xmp, packet)
    both(page_modules, "fromApple", gainmap.from_apple, b"", packet)


@quick
@given(st.binary(max_size=150), st.integers(0, 255))
def test_odd_blocks(page_modules, data, flags):
    both(page_modules, "fromIso", gainmap.from_iso, struct.pack(">HHB", 0, 0, flags) + data)


@quick
@given(st.sampled_from("<>"), st.tuples(st.floats(-1, 3), st.floats(-1, 3)), st.integers(0, 40), st.booleans())
def test_apples_headroom(page_modules, order, values, end, signed):
    kind, code = (10, ">iI") if signed else (5, ">II")
    rationals = [struct.pack(code, round(v * 1000) if signed else round(abs(v) * 1000), 1000) for v in values]
    body = struct.pack(">H", 2)
    for n, tag in enumerate((33, 48)):
        body += struct.pack(">HHII", tag, kind, 1, 14 + 2 + 2 * 12 + 4 + 8 * n)
    note = b"Apple iOS\0\0\x01MM" + body + bytes(4) + b"".join(rationals)
    entry = struct.Struct(f"{order}HHII").pack
    count = struct.pack(f"{order}H", 1)
    exif = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8)
    exif += count + entry(0x8769, 4, 1, 26) + bytes(4) + count + entry(0x927C, 7, len(note), 44) + bytes(4) + note
    exif = exif[: len(exif) - end] if end < 20 else exif
    both(page_modules, "fromApple", gainmap.from_apple, exif, b"")
    both(
        page_modules,
        "fromApple",
        gainmap.from_apple,
        exif,
        described(WORDS[-2]),
    )


@quick
@given(sizes, gain_maps | st.floats(1, 16) | st.just("backward"), st.none() | st.just(P3), st.integers(0, 99))
def test_light_under_a_gain_map(page_modules, size, drawn, theirs, seed):
    (height, width), space = size, ADOBE_RGB if seed % 2 else ColourSpace()
    if isinstance(drawn, float):
        about = gainmap.AppleGainMap(drawn)
    elif drawn == "backward":
        about = gainmap.GainMap(backward=True)
    else:
        about = gainmap.GainMap(**drawn | {"low_ev": (0.0, 0.1, 0.2)}, space=theirs)
    rgba = pixels_of(seed, height, width)
    codes = pixels_of(seed + 1, max(1, height // 2), max(1, width // 3))
    lying = {"data": codes.ravel(), "width": codes.shape[1], "height": codes.shape[0]}
    told = told_of(about)
    if isinstance(about, gainmap.GainMap) and about.space:
        told["space"] = told_space(about.space)
    half = page_modules.call(
        "files/gainmap.js", "lightUnder", told, lying, rgba.ravel(), width, height, told_space(space)
    )
    light = half.view(np.float16).reshape(height, width, 4)[..., :3].astype(np.float32)
    profile = b"" if space.is_srgb else icc.profile_of(space)
    photo = Photo(np.ascontiguousarray(rgba[..., :3]), metadata=Metadata(profile=profile))
    gain_map = EmbeddedGainMap(about, np.ascontiguousarray(codes[..., :3]))
    expected = ultrahdr.light(photo, gain_map, space.response).clip(None, 65504)
    np.testing.assert_allclose(light, expected, rtol=2e-3, atol=1e-4)


@quick
@given(sizes, sizes)
def test_whose_gain_map_it_is(page_modules, codes, photo):
    """None that is larger than its photo, or of another shape."""
    try:
        embedded.check(codes, photo)
        fits = True
    except ValueError:
        fits = False
    size = {"height": codes[0], "width": codes[1]}
    assert page_modules.call("files/gainmap.js", "fits", size, photo[1], photo[0]) == fits


@pytest.mark.parametrize("kind", ["JPEG", "side", "DCF JPEG", "grey JPEG", "Adobe JPEG", "PNG", "P3 PNG", "WebP"])
@pytest.mark.parametrize("ev", [0, -1.5])
def test_ultra_hdr(page_modules, kind, ev):
    """Base, range, gamma, headroom, size and place of the gain map, metadata, and the light of both together."""
    data = photo_file(kind)
    photo = decode(data, "photo")
    radiance, scene = scene_of(photo)
    if ev:
        exposed = RadianceMap(camera.expose(radiance.linear, np.float32(ev)), radiance.expose(ev))
    else:
        exposed = redecoded(radiance, "srgb")
    ours = ultrahdr.encoded(
        exposed.linear, exposed.photo, exposed.curve, {} if ev else radiance.told()
    )  # a picture tells by itself
    theirs = page_modules.call("files/ultrahdr.js", "ultraHdr", scene, NEUTRAL | {"ev": ev}, File(data))
    first, second = ([jpeg.split(file), jpeg.split(next(jpeg.further_pictures(file)))] for file in (theirs, ours))
    for one, other in zip(first, second, strict=True):
        assert [s.marker for s in one.segments if s.marker >= 0xE0] == [
            s.marker for s in other.segments if s.marker >= 0xE0
        ]
    if not ev and kind in ("JPEG", "side", "DCF JPEG", "Adobe JPEG"):
        assert first[0].scan == jpeg.split(data).scan
    one, other = (decode(file, "file") for file in (theirs, ours))
    assert one.metadata == other.metadata
    np.testing.assert_allclose(one.pixels.astype(int), other.pixels, atol=30)
    assert np.abs(one.pixels.astype(int) - other.pixels).mean() < 1
    about, expected = one.gain_map.about, other.gain_map.about
    np.testing.assert_allclose(about.high_ev, expected.high_ev, atol=0.0101)
    assert (about.low_ev, about.gamma, about.headroom_ev) == (expected.low_ev, expected.gamma, expected.headroom_ev)
    assert one.gain_map.codes.shape == other.gain_map.codes.shape
    stops = np.log2((opening.lit(one).linear + 1 / 64) / (opening.lit(other).linear + 1 / 64))
    assert np.quantile(np.abs(stops), 0.99) < 0.15  # two JPEG codings
    said = page_modules.call("files/ultrahdr.js", "findGainMap", theirs)
    same_gain_map(said["about"], about)
    with Image.open(io.BytesIO(said["codes"])) as picture, Image.open(io.BytesIO(bytes(first[1]))) as same:
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(same))
