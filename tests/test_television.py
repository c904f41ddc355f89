"""PQ and HLG, and deep AVIF, HEIC and JPEG XL: light stays light, and 10 bits stay 10."""

import sys
import zlib

import numpy as np
import OpenImageIO as oiio
import pytest
from coloured import HDR, HLG_2020, P3, REC_2020, avif, cicp, deep, heic, in_srgb, middles, patches, png, shown

import reexposure as rx
from reexposure.errors import MissingPackageError
from reexposure.light import colour, icc, transfer
from reexposure.light.colour import ColourSpace


@pytest.mark.parametrize(
    ("codes", "response"), [((9, 16), transfer.PqResponse()), ((9, 18), HLG_2020), ((12, 16), transfer.PqResponse())]
)
def test_png_in_pq_and_hlg_is_light(codes, response, tmp_path):
    read = rx.open(png(deep(response.encode(HDR)), cicp(*codes)))
    assert isinstance(read, rx.RadianceMap)
    assert read.origin == "file"
    np.testing.assert_allclose(middles(read.linear), HDR, rtol=0.005)
    primaries = REC_2020 if codes[0] == 9 else P3
    assert read.photo.colour_space.primaries == primaries
    read.save(tmp_path / "light.exr")
    again = rx.RadianceMap.load(tmp_path / "light.exr")
    np.testing.assert_allclose(middles(again.linear), HDR, rtol=0.005)
    assert again.photo.colour_space.primaries == primaries
    for format, tolerance in (("PNG", 0.01), ("JPEG", 0.03), ("AVIF", 0.03)):
        for ev in (0, -2):
            wanted = in_srgb((HDR * 2.0**ev).clip(0, 1), primaries)
            np.testing.assert_allclose(shown(read.expose(ev).encoded(format)), wanted, atol=tolerance)


def test_png_in_pq_by_the_name_of_its_profile():
    named = b"iCCP", b"ITUR_2100_PQ_FULL\0\0" + zlib.compress(icc.profile_of(ColourSpace()))
    np.testing.assert_allclose(
        middles(rx.open(png(deep(transfer.PqResponse().encode(HDR)), named)).linear), HDR, rtol=0.005
    )


def test_hlg_is_seen_on_its_display():
    # ITU-R BT.2408: HDR reference white, 203 cd/m2, is 75 % of HLG; BT.2100: 100 % is 1000 cd/m2.
    read = rx.open(png(deep(np.array([(0.75,) * 3, (1.0,) * 3])), cicp(9, 18)))
    np.testing.assert_allclose(middles(read.linear)[:, 0], (1.0, 1000 / 203), rtol=0.005)


def test_pq_of_8_bits_and_of_grey():
    pixels = np.rint(patches(transfer.PqResponse().encode(HDR)) * 255).astype(np.uint8)
    np.testing.assert_allclose(middles(rx.open(png(pixels, cicp(9, 16))).linear), HDR, rtol=0.06)
    grey = rx.open(png(deep(transfer.PqResponse().encode(HDR))[..., 1:2], cicp(9, 16)))
    np.testing.assert_allclose(middles(grey.linear), HDR[:, [1, 1, 1]], rtol=0.005)
    assert grey.photo.grey
    np.testing.assert_allclose(shown(grey.expose(0).encoded("JPEG")), HDR[:, [1, 1, 1]].clip(0, 1), atol=0.02)


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_avif_of_more_than_8_bits_is_read_in_all_of_them(bits, channels):
    top = (1 << bits) - 1
    ramp = np.repeat(np.linspace(0, top, 64 * 32).reshape(32, 64, 1), channels, -1).astype(np.uint16)
    read = rx.open(avif(ramp if channels > 1 else ramp[..., 0], (1, 13), bits))
    assert read.pixels.dtype == np.uint16
    assert np.abs(read.pixels[..., 0] / 65535 - ramp[..., 0] / top).max() < 0.6 / top
    assert (read.alpha is not None) == (channels == 4)
    assert read.grey == (channels == 1)


def test_avif_in_pq_is_light():
    values = np.rint(patches(transfer.PqResponse().encode(HDR)) * 1023).astype(np.uint16)
    read = rx.open(avif(values, (9, 16), 10))
    np.testing.assert_allclose(middles(read.linear), HDR, rtol=0.02)
    np.testing.assert_allclose(shown(read.expose(0).encoded("AVIF")), in_srgb(HDR.clip(0, 1), REC_2020), atol=0.03)


def test_avif_of_10_bits_names_the_extra_that_reads_it(monkeypatch):
    data = avif(np.zeros((16, 16, 3), np.uint16), (1, 13), 10)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(MissingPackageError, match=r"^a\.avif: AVIF of 10 bits needs .*'reexposure\[deep\]'$"):
        rx.open(data, "a.avif")


def test_a_film_in_avif_of_10_bits_is_refused_before_it_is_decoded():
    data = avif(np.zeros((3, 16, 16, 3), np.uint16), (1, 13), 10)
    with pytest.raises(rx.PhotoError, match=r"^a\.avif: an animation in AVIF of 10 bits, "):
        rx.open(data, "a.avif")


@pytest.mark.parametrize("curve", [16, 18])
def test_jpeg_xl_in_pq_and_hlg_is_light(curve, tmp_path):
    values = deep(colour.of_codes(9, curve).response.encode(HDR))
    spec = oiio.ImageSpec(values.shape[1], values.shape[0], 3, oiio.UINT16)
    spec.attribute("compression", "jpegxl:100")
    spec.attribute("CICP", "int[4]", (9, curve, 0, 1))
    target = oiio.ImageOutput.create("a.jxl")
    assert target.open(str(tmp_path / "a.jxl"), spec)
    assert target.write_image(values)
    target.close()
    read = rx.RadianceMap.load(tmp_path / "a.jxl")
    np.testing.assert_allclose(middles(read.linear), HDR, rtol=0.005)
    assert read.photo.colour_space.name == "Rec. 2020"


@pytest.mark.parametrize("curve", [16, 18])
def test_heic_in_pq_and_hlg_is_light(curve, tmp_path):
    read = rx.open(heic(deep(colour.of_codes(9, curve).response.encode(HDR)), tmp_path, (9, curve)))
    np.testing.assert_allclose(middles(read.linear), HDR, rtol=0.05)
    assert read.photo.colour_space.name == "Rec. 2020"


@pytest.mark.parametrize(("channels", "codes"), [(1, None), (3, (12, 13))])
def test_heic_of_10_bits_is_read_in_all_of_them(channels, codes, tmp_path):
    ramp = np.repeat(np.linspace(0, 1, 64 * 32).reshape(32, 64, 1), channels, -1)
    read = rx.open(heic(np.rint(ramp * 65535).astype(np.uint16), tmp_path, codes))
    assert read.pixels.dtype == np.uint16
    assert read.grey == (channels == 1)
    assert np.abs(read.pixels[..., 0] / 65535 - ramp[..., 0]).max() < 2 / 1023
    assert read.colour_space.name == ("Display P3" if codes else "sRGB")


@pytest.mark.parametrize(("curve", "alpha"), [(8, False), (8, True), (13, False)])
def test_jpeg_xl_of_floats_beyond_white_is_light(curve, alpha, tmp_path):
    values = patches(colour.of_codes(9, curve).response.encode(HDR)).astype(np.float32)
    values = np.dstack([values, np.full(values.shape[:2], 0.5, np.float32)]) if alpha else values
    for name, pixels in (("light", values), ("photo", values.clip(0, 1))):
        spec = oiio.ImageSpec(*values.shape[1::-1], values.shape[2], oiio.FLOAT)
        spec.attribute("compression", "jpegxl:100")
        spec.attribute("CICP", "int[4]", (9, curve, 0, 1))
        spec.attribute("oiio:UnassociatedAlpha", 1)
        target = oiio.ImageOutput.create("a.jxl")
        assert target.open(str(tmp_path / f"{name}.jxl"), spec)
        assert target.write_image(np.ascontiguousarray(pixels))
        target.close()
    read = rx.open(tmp_path / "light.jxl")
    np.testing.assert_allclose(middles(read.linear), HDR, rtol=0.005)
    assert (read.photo.alpha is not None) == alpha
    assert isinstance(rx.open(tmp_path / "photo.jxl"), rx.Photo)
