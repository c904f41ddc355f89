"""No drift: what files say of their colours, by ICC profiles and in other ways, the page reads as Python does."""

import functools
import struct
import zlib

import numpy as np
import pytest
from drift import NEUTRAL, P3, dcf, files_of, pixels_of, space_of, spaces, told_of
from hypothesis import given, settings
from hypothesis import strategies as st
from javascript import File

from reexposure.light import camera, colour, icc, transfer
from reexposure.light.colour import ColourSpace
from reexposure.photo import boxes, png
from reexposure.radiance import opening
from reexposure.radiance.radiance import RadianceMap

quick = settings(max_examples=40)
LINEAR = ColourSpace("Display P3", colour.KNOWN["Display P3"], camera.PowerResponse(1.0))


def same_space(said, expected):
    curve = told_of(expected)["curve"]
    assert said["name"] == expected.name
    assert said["curve"]["kind"] == curve["kind"]
    np.testing.assert_allclose(said["primaries"], expected.primaries, atol=1.5e-4)
    for key in said["curve"].keys() - {"kind"}:
        np.testing.assert_allclose(said["curve"][key], curve[key], atol=1e-3)


@quick
@given(spaces)
def test_profiles_are_written_and_read_alike(page_modules, drawn):
    space = space_of(drawn)
    profile = page_modules.call("files/icc.js", "profileOf", told_of(space))
    np.testing.assert_allclose(*(np.frombuffer(one, np.uint8) for one in (profile, icc.profile_of(space))), atol=1)
    same_space(page_modules.call("files/icc.js", "spaceOf", profile), icc.space(profile))


numbers = st.floats(-0.5, 3).map(lambda value: round(value * 65536))
tones = st.one_of(
    st.tuples(st.integers(0, 4), st.lists(numbers, min_size=0, max_size=7)).map(
        lambda one: b"para" + bytes(4) + struct.pack(f">HH{len(one[1])}i", one[0], 0, *one[1])
    ),
    st.lists(st.integers(0, 65535), max_size=6).map(
        lambda values: b"curv" + bytes(4) + struct.pack(f">I{len(values)}H", len(values), *values)
    ),
    st.binary(max_size=20),
)
GONE = [b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"wtpt", b"RGB ", b"acsp"]


@quick
@given(tones, st.lists(st.sampled_from(GONE), max_size=1), st.integers(0, 300))
def test_odd_profiles_say_the_same(page_modules, tone, gone, end):
    """Curves of all kinds, profiles without a matrix (of scanners and printers, for instance), and damaged ones."""
    whole = icc.profile_of(P3)
    curve = whole.index(b"curv")
    profile = whole[:curve] + tone + whole[curve + len(tone) :]
    for name in gone:
        profile = profile.replace(name, b"none")
    profile = profile[: len(profile) - end]
    with np.errstate(all="ignore"):
        expected = icc.space(profile)
    same_space(page_modules.call("files/icc.js", "spaceOf", profile), expected)


def pieces(*, codes, gamma, chromaticities, is_srgb, profile, name):
    """The chunks of a PNG that tell colours, in order."""
    found = [(b"cICP", bytes(codes))] if codes else []
    found += [(b"gAMA", struct.pack(">I", gamma))] if gamma else []
    found += [(b"cHRM", struct.pack(">8I", *chromaticities))] if chromaticities else []
    found += [(b"sRGB", b"\0")] if is_srgb else []
    return [*found, (b"iCCP", name + b"\0\0" + zlib.compress(profile))] if profile else found


CODES = st.tuples(st.sampled_from([1, 2, 3, 9, 12]), st.sampled_from([1, 2, 3, 4, 8, 13, 16, 18]))
OWN = icc.profile_of(P3)
PROFILES = [OWN, OWN.replace(b"cprt", b"A2B0"), icc.profile_of(LINEAR), icc.profile_of(P3, grey=True)]
tellings = st.fixed_dictionaries({
    "codes": st.none() | CODES.map(lambda two: (*two, 0, 1)),
    "gamma": st.none() | st.sampled_from([45455, 100_000, 55_556, 45_000, 5]),
    "chromaticities": st.none() | st.sampled_from([
        (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
        (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000), (1,) * 8,
    ]),
    "is_srgb": st.booleans(),
    "profile": st.none() | st.sampled_from(PROFILES),
    "name": st.sampled_from([b"x", b"ITUR_2100_PQ_FULL"]),
})  # fmt: skip


def same_colours(page_modules, data):
    """What the page makes of a file's colours is what Python makes of them, as far as it shows them itself."""
    said, expected = page_modules.call("files/about.js", "aboutOf", data), opening.open(data)
    assert bool(said.get("television")) == isinstance(expected, RadianceMap)
    if said.get("television"):
        return
    space, profile = expected.colour_space, expected.metadata.profile
    if transfer.is_ordinary(space.response):
        assert "recoded" not in said
        same_space(said["space"], space)
        np.testing.assert_allclose(
            *(np.frombuffer(one, np.uint8) for one in (said["metadata"]["profile"], profile)), atol=1
        )
    else:
        same_space(said["space"], colour.named(space.primaries))
        for curve, response in zip(said["recoded"], (space.response,) * 3, strict=True):
            np.testing.assert_allclose(curve["gamma"], response.gamma)


@quick
@given(tellings, st.booleans())
def test_pngs_tell_their_colours(page_modules, told, grey):
    pixels = pixels_of(1, 4, 4, 3)
    picture = files_of(pixels[..., 0] if grey else pixels, "PNG")
    head = len(png.SIGNATURE) + 25
    chunks = b"".join(png._chunk(*one) for one in pieces(**told))
    same_colours(page_modules, picture[:head] + chunks + picture[head:])


@pytest.mark.parametrize("curve", [1.0, 1.8])
def test_a_photo_of_another_curve_keeps_its_colours(page_modules, curve):
    """The page takes its values to sRGB's curve, and says so."""
    picture = files_of(pixels_of(1, 6, 6, 3), "PNG")
    head = len(png.SIGNATURE) + 25
    data = picture[:head] + png._chunk(b"gAMA", struct.pack(">I", round(100_000 / curve))) + picture[head:]
    photo, said = opening.open(data), page_modules.call("files/about.js", "aboutOf", data)
    rgba = np.dstack([photo.pixels, np.full(photo.pixels.shape[:2], 255, np.uint8)])
    levels = page_modules.each("light/curves.js", "decoder", rgba.ravel() / 255, made=[said["recoded"][0]])
    light = levels.reshape(6, 6, 4).astype(np.float16)
    scene = {"photo": rgba.ravel(), "light": light.ravel(), "width": 6, "height": 6, "curve": {"kind": "srgb"}}
    saved = opening.open(
        page_modules.call("files/picture.js", "pictureFile", scene, {"format": "png", "settings": NEUTRAL}, File(data))
    )
    assert saved.colour_space.is_srgb
    expected = photo.colour_space.response.decode(photo.pixels / 255)
    np.testing.assert_allclose(saved.colour_space.response.decode(saved.pixels / 255), expected, atol=0.005)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("told", [(0xFFFF, b"R03\0"), (0xFFFF, b"R98\0"), (1, b"R03\0")])
@pytest.mark.parametrize("profile", [b"", *PROFILES], ids=["none", "P3", "tables", "linear", "grey"])
def test_jpegs_tell_their_colours(page_modules, order, told, profile):
    pixels = pixels_of(1, 8, 8, 3)
    options = {"icc_profile": profile} if profile else {}
    same_colours(page_modules, files_of(pixels, "JPEG", exif=b"Exif\0\0" + dcf(order, *told), **options))


@settings(max_examples=15)
@given(CODES, st.sampled_from([b"", icc.profile_of(P3)]))
def test_avifs_tell_their_colours(page_modules, codes, profile):
    data = avif(profile)
    at = data.find(b"colrnclx")
    if at > 0:
        data = data[: at + 8] + struct.pack(">HH", *codes) + data[at + 12 :]
    properties = page_modules.call("files/boxes.js", "primaryProperties", data)
    assert [(one["kind"].encode(), one["content"]) for one in properties] == boxes.primary_properties(data)
    same_colours(page_modules, data)


@functools.cache
def avif(profile):
    return files_of(pixels_of(1, 16, 16, 3), "AVIF", **({"icc_profile": profile} if profile else {}))
