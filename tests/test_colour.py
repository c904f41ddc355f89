"""Colour profiles are understood, kept, and do not change the result."""

import io

import numpy as np
import pytest
from conftest import SUNSET
from PIL import Image, ImageCms

import reexposure as rx
from reexposure.light import camera, colour, icc
from reexposure.photo.decoding import decode

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
P3 = icc.profile_of(colour.ColourSpace("Display P3", colour.KNOWN["Display P3"]))


def test_a_profile_from_elsewhere_is_srgb():
    assert icc.space(SRGB).is_srgb
    assert icc.space(b"").is_srgb
    assert icc.space(b"damaged" * 40).is_srgb


@pytest.mark.parametrize("name", list(colour.KNOWN))
@pytest.mark.parametrize("response", [camera.RESPONSES["srgb"], camera.PowerResponse(2.199), camera.PowerResponse(1.0)])
def test_what_is_written_is_read_and_littlecms_reads_it_too(name, response):
    before = colour.ColourSpace(name, colour.KNOWN[name], response)
    data = icc.profile_of(before)
    after = icc.space(data)
    assert after.name == name
    grid = np.linspace(0, 1, 50)
    np.testing.assert_allclose(after.response.decode(grid), response.decode(grid), atol=0.002)
    read = ImageCms.ImageCmsProfile(io.BytesIO(data)).profile
    assert read.media_white_point[1][:2] == pytest.approx(before.primaries[3], abs=0.001)


def test_a_display_p3_photo_gives_what_its_srgb_conversion_gives():
    with Image.open(SUNSET) as picture:
        srgb = picture.resize((600, 400), Image.Resampling.BOX)
    p3 = ImageCms.profileToProfile(srgb, io.BytesIO(SRGB), io.BytesIO(P3), outputMode="RGB")
    both = []
    for shown, profile in ((srgb, SRGB), (p3, P3)):
        buffer = io.BytesIO()
        shown.save(buffer, "PNG", icc_profile=profile)
        radiance = rx.reconstruct(decode(buffer.getvalue(), "photo"))
        after = radiance.expose(-1)
        assert after.metadata.profile == profile
        result = Image.fromarray(after.pixels)
        if profile == P3:
            result = ImageCms.profileToProfile(result, io.BytesIO(P3), io.BytesIO(SRGB), outputMode="RGB")
        both.append((np.asarray(result).astype(int), radiance))
    (a, ra), (b, rb) = both
    # Where a channel clips in one space and not in the other, one file has lost what the other has.
    same = np.ones(a.shape[:2], bool)
    for r in (ra, rb):
        same &= (r.over.max(-1) == 0) & (r.under.max(-1) == 0)
    difference = np.abs(a - b).max(-1)
    assert same.mean() > 0.7
    # Three roundings to 8 bits lie between the two; one level each way is theirs.
    assert np.percentile(difference[same], 99.5) <= 1
    lost = (ra.over.min(-1) == 1) & (rb.over.min(-1) == 1)
    assert np.median(difference[lost]) <= 1


def test_cmyk_is_converted_by_its_profile_or_plainly():
    buffer = io.BytesIO()
    Image.new("CMYK", (20, 20), (0, 0, 0, 128)).save(buffer, "JPEG", icc_profile=b"damaged")
    read = decode(buffer.getvalue(), "photo")
    assert read.metadata.profile == b""
    assert np.abs(read.pixels.astype(int) - 127).max() <= 2


def test_grey_stays_grey_and_keeps_a_grey_profile(tmp_path):
    with Image.open(SUNSET) as picture:
        picture.convert("L").resize((150, 100)).save(tmp_path / "grey.jpg")
    rx.reconstruct(tmp_path / "grey.jpg").expose(-2).save(tmp_path / "darker.jpg")
    with Image.open(tmp_path / "darker.jpg") as after:
        assert after.mode == "L"
