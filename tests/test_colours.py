"""What files say of their colours, in each of the ways there are, is what results show and name."""

import io
import struct

import numpy as np
import OpenImageIO as oiio
import pytest
from coloured import (
    P3,
    SDR,
    SRGB,
    avif,
    chromaticities,
    cicp,
    deep,
    exif_of,
    iccp,
    in_srgb,
    middles,
    parts,
    patches,
    png,
    shown,
    with_colorants,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

import reexposure as rx
from reexposure.light import camera, colour, icc
from reexposure.light.colour import ColourSpace


def test_avif_in_display_p3_is_written_so(tmp_path):
    pixels = np.rint(patches(SRGB.encode(SDR)) * 255).astype(np.uint8)
    photo = rx.open(avif(pixels, (12, 13)))
    assert photo.colour_space.name == "Display P3"
    radiance = rx.reconstruct(photo)
    for format in ("AVIF", "JPEG", "PNG", "TIFF", "WEBP"):
        np.testing.assert_allclose(shown(radiance.expose(0).encoded(format)), in_srgb(SDR, P3), atol=0.04)
    rx.reconstruct(photo, "srgb").save(tmp_path / "a.exr")
    assert rx.open(tmp_path / "a.exr").photo.colour_space.name == "Display P3"


def test_adobe_rgb_told_by_exif(tmp_path):
    buffer, encoded = io.BytesIO(), colour.ADOBE_RGB.response.encode(SDR)
    Image.fromarray(np.rint(patches(encoded) * 255).astype(np.uint8)).save(
        buffer, "JPEG", quality=100, subsampling=0, exif=exif_of(0xFFFF, "R03")
    )
    photo = rx.open(buffer.getvalue())
    assert photo.colour_space.name == "Adobe RGB"
    wanted = in_srgb(SDR, colour.KNOWN["Adobe RGB"])
    np.testing.assert_allclose(shown(rx.reconstruct(photo).expose(0).encoded("PNG")), wanted, atol=0.03)
    rx.reconstruct(photo, "srgb").save(tmp_path / "a.exr")
    spec = oiio.ImageInput.open(str(tmp_path / "a.exr")).spec()
    np.testing.assert_allclose(spec.get("chromaticities")[:6], (0.64, 0.33, 0.21, 0.71, 0.15, 0.06), atol=1e-4)


@pytest.mark.parametrize(("code", "index"), [(1, "R98"), (0xFFFF, "R98"), (1, "R03")])
def test_exif_that_does_not_tell_adobe_rgb(code, index):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 100, 50)).save(buffer, "JPEG", exif=exif_of(code, index))
    assert rx.open(buffer.getvalue()).colour_space.is_srgb


def test_what_goes_before_what():
    pixels = deep(SRGB.encode(SDR))
    adobe = iccp(icc.profile_of(colour.ADOBE_RGB))
    gamma = (b"gAMA", struct.pack(">I", 100_000))
    exif = b"eXIf", exif_of(0xFFFF, "R03").tobytes().removeprefix(b"Exif\0\0")
    names = [
        rx.open(png(pixels, *chunks)).colour_space
        for chunks in (
            (cicp(12, 13), adobe, gamma, exif), (adobe, gamma, exif), (gamma, exif), (exif,), ((b"sRGB", b"\0"), exif),
        )
    ]  # fmt: skip
    assert [one.name for one in names] == ["Display P3", "Adobe RGB", "sRGB", "Adobe RGB", "sRGB"]
    assert names[2].response == camera.PowerResponse(1.0)
    # What is sRGB against its EXIF is written with a profile that says so.
    srgb = rx.open(png(pixels, (b"sRGB", b"\0"), exif))
    assert rx.open(rx.reconstruct(srgb).expose(0).encoded("JPEG")).colour_space.is_srgb


def test_gamma_and_chromaticities_of_png():
    pixels = deep(SDR ** (1 / 1.8))
    photo = rx.open(png(pixels, (b"gAMA", struct.pack(">I", 55_556)), chromaticities(P3)))
    assert photo.colour_space.name == "Display P3"
    np.testing.assert_allclose(middles(rx.reconstruct(photo).linear), SDR, rtol=0.01)
    written = rx.reconstruct(photo).expose(0).encoded("PNG")
    assert not {b"gAMA", b"cHRM"} & {kind for kind, _ in parts(written)}
    np.testing.assert_allclose(shown(written), in_srgb(SDR, P3), atol=0.02)
    # The gamma that programs write for sRGB
    usual = png(deep(SRGB.encode(SDR)), (b"gAMA", struct.pack(">I", 45_455)), chromaticities(colour.KNOWN["sRGB"]))
    assert rx.open(usual).colour_space.is_srgb
    assert rx.open(usual).metadata.profile == b""


@pytest.mark.parametrize("numbers", [(0,) * 8, (31270, 32900, *(64000, 33000) * 3), (2**32 - 1,) * 8])
def test_chromaticities_that_cannot_be_are_ignored(numbers):
    photo = rx.open(png(deep(SRGB.encode(SDR)), (b"cHRM", struct.pack(">8I", *numbers))))
    assert photo.colour_space.is_srgb


def test_srgb_without_the_white_it_was_adapted_from():
    """As libultrahdr writes it: version 4, D50 as its white, no chad."""
    profile = bytearray(icc.profile_of(ColourSpace()))
    place = profile.index(b"wtpt")
    at = int.from_bytes(profile[place + 4 : place + 8], "big")
    profile[at + 8 : at + 20] = np.rint(colour.D50 * 65536).astype(">i4").tobytes()
    profile[8] = 4
    assert icc.space(bytes(profile)).is_srgb


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=12), st.integers(0, 700))
def test_damaged_profiles_say_something_sound_or_nothing(changes, length):
    profile = bytearray(icc.profile_of(ColourSpace("P", P3, camera.PowerResponse(1.0))))
    for at, value in changes:
        if at < len(profile):
            profile[at] = value
    space = icc.space(bytes(profile[:length]))
    assert colour.sound(space.primaries)
    light = space.response.decode(np.linspace(0, 1, 30, dtype=np.float32).reshape(10, 3))
    assert np.isfinite(light).all()
    assert np.isfinite(colour.to_xyz(space)).all()


@pytest.mark.parametrize(
    "values",
    [[(0.3, 0.3, 0.3)] * 3, [(0, 0, 0), (0.3, 0.7, 0.1), (0.1, 0.1, 0.7)], [(-1, 2, 0), (1, -2, 0), (0, 0, 0)]],
)
def test_colorants_that_cannot_be_are_ignored_and_not_copied(values):
    photo = rx.open(png(deep(SRGB.encode(SDR)), iccp(with_colorants(values))))
    assert photo.colour_space.is_srgb
    assert photo.metadata.profile == b""
    assert np.isfinite(rx.reconstruct(photo, "srgb").linear).all()


def test_a_profile_of_a_few_bytes_is_not_copied():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", icc_profile=b"profile")
    assert rx.open(buffer.getvalue()).metadata.profile == b""


@pytest.mark.parametrize("primaries", [((0, 0),) * 4, ((np.nan, 0.3), *colour.KNOWN["sRGB"][1:]), ((0.3, 0.3),) * 4])
def test_primaries_that_cannot_be_are_srgb(primaries):
    assert colour.named(primaries).is_srgb


def test_primaries_of_aces_can_be():
    aces = ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077), (0.32168, 0.33767))
    assert colour.named(aces).primaries == aces


@pytest.mark.parametrize(
    ("space", "title"),
    [
        (colour.ADOBE_RGB, "Adobe RGB"),
        (ColourSpace("Display P3", P3), "Display P3"),
        (colour.linear(ColourSpace()), "sRGB linear"),
        (ColourSpace(response=camera.PowerResponse(1.8)), "sRGB, gamma 1.8"),
        (colour.of_codes(9, 1), "Rec. 2020, BT.709 curve"),
    ],
)
def test_profiles_say_what_they_are(space, title):
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc.profile_of(space)))
    assert ImageCms.getProfileDescription(profile).strip() == title
