"""What files say of their colours, in each of the ways there are, is what results show and name."""

import io
import shutil
import struct
import subprocess
import sys
import zlib

import numpy as np
import OpenImageIO as oiio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

import reexposure as rx
from reexposure.errors import MissingPackageError
from reexposure.figures.closeup import brightness_change
from reexposure.light import camera, colour, icc, transfer
from reexposure.light.colour import ColourSpace
from reexposure.photo import tiff, with_openimageio
from reexposure.photo.ifd import Directories
from reexposure.photo.metadata import Metadata
from reexposure.photo.shown import shown as rx_shown
from reexposure.server import view

SDR = np.array([(0.02,) * 3, (0.18,) * 3, (0.5,) * 3, (0.8,) * 3, (0.6, 0.3, 0.1), (0.6, 0.1, 0.05)], np.float32)
HDR = np.array([(0.02,) * 3, (0.18,) * 3, (0.5,) * 3, (1.0,) * 3, (4.0,) * 3, (0.6, 0.1, 0.05)], np.float32)
REC_2020, P3 = colour.KNOWN["Rec. 2020"], colour.KNOWN["Display P3"]
SRGB = camera.RESPONSES["srgb"]
HLG_2020 = colour.of_codes(9, 18).response


def patches(encoded, size_px=16):
    """Six squares side by side."""
    return np.repeat(np.repeat(encoded[None], size_px, 1), size_px, 0)


def middles(pixels, size_px=16):
    return pixels[size_px // 2, size_px // 2 :: size_px]


def deep(encoded):
    return np.rint(patches(encoded) * 65535).astype(np.uint16)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(pixels, *chunks):
    """A PNG of 8 or 16 bits with these chunks before its picture."""
    plain = with_openimageio.write(pixels, ".png")
    plain = b"".join([plain[:8], *(chunk(*one) for one in parts(plain) if one[0] in (b"IHDR", b"IDAT", b"IEND"))])
    return plain[:33] + b"".join(chunk(*one) for one in chunks) + plain[33:]


def parts(data):
    at = 8
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size


def iccp(profile):
    return b"iCCP", b"x\0\0" + zlib.compress(profile)


def cicp(primaries, curve):
    return b"cICP", bytes([primaries, curve, 0, 1])


def avif(pixels, codes, bits=8):
    imagecodecs = pytest.importorskip("imagecodecs")
    primaries, curve = codes
    matrix = 0 if pixels.ndim > 2 else 1  # RGB itself, which one channel cannot be
    return imagecodecs.avif_encode(
        pixels, level=100, bitspersample=bits, primaries=primaries, transfer=curve, matrix=matrix, speed=8
    )


def shown(data):
    """What a colour-managed program shows of a picture file, as linear sRGB light of the patches."""
    with Image.open(io.BytesIO(data)) as opened:
        profile = opened.info.get("icc_profile")
        picture = opened.convert("L" if profile and profile[16:20] == b"GRAY" else "RGB")
    if profile:
        own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        picture = ImageCms.profileToProfile(picture, own, srgb, renderingIntent=1, outputMode="RGB")
    return SRGB.decode(middles(np.asarray(picture) / 255))


def in_srgb(linear, primaries):
    return (linear @ colour.conversion(ColourSpace("RGB", primaries), ColourSpace()).T).clip(0, 1)


# PQ and HLG


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


# Colours told outside ICC


def test_avif_in_display_p3_is_written_so(tmp_path):
    pixels = np.rint(patches(SRGB.encode(SDR)) * 255).astype(np.uint8)
    photo = rx.open(avif(pixels, (12, 13)))
    assert photo.colour_space.name == "Display P3"
    radiance = rx.reconstruct(photo)
    for format in ("AVIF", "JPEG", "PNG", "TIFF", "WEBP"):
        np.testing.assert_allclose(shown(radiance.expose(0).encoded(format)), in_srgb(SDR, P3), atol=0.04)
    rx.reconstruct(photo, "srgb").save(tmp_path / "a.exr")
    assert rx.open(tmp_path / "a.exr").photo.colour_space.name == "Display P3"


def exif_of(space_code, index):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = space_code
    exif.get_ifd(0x8769)[0xA005] = {1: index, 2: b"0100"}
    return exif


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


def chromaticities(primaries):
    order = (primaries[3], *primaries[:3])
    return b"cHRM", struct.pack(">8I", *(round(100_000 * v) for xy in order for v in xy))


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


# A file's own curve


def profile_with(response, primaries=REC_2020):
    return icc.profile_of(ColourSpace("own", primaries, response))


def bent(gamma):
    return camera.TableResponse(tuple((0.2 * np.linspace(0, 1, 200) + 0.8 * np.linspace(0, 1, 200) ** gamma).tolist()))


CURVES = [
    camera.PowerResponse(1.0),
    camera.PowerResponse(1.8),
    camera.PowerResponse(2.6),
    bent(4.0),
    transfer.ChannelResponses((camera.PowerResponse(1.8), camera.PowerResponse(2.2), camera.PowerResponse(2.6))),
]


@pytest.mark.parametrize("response", CURVES)
def test_a_stop_is_a_stop_of_the_files_own_curve(response):
    photo = rx.open(png(deep(response.encode(SDR)), iccp(profile_with(response))))
    radiance = rx.reconstruct(photo)
    np.testing.assert_allclose(middles(radiance.linear)[1:], SDR[1:], rtol=0.01)
    np.testing.assert_array_equal(radiance.expose(0).pixels[:, 16:], photo.pixels[:, 16:])
    darker = radiance.expose(-2)
    light = icc.space(darker.metadata.profile).response.decode(middles(darker.pixels) / 65535)
    np.testing.assert_allclose(np.log2(light[1:4] / SDR[1:4]), -2, atol=0.05)


@pytest.mark.parametrize("response", [SRGB, camera.PowerResponse(2.0), camera.PowerResponse(2.4)])
def test_ordinary_curves_stay_with_the_square_root(response):
    photo = rx.open(png(deep(response.encode(SDR)), iccp(profile_with(response))))
    assert rx.reconstruct(photo).curve == camera.PowerResponse(2.0)
    np.testing.assert_allclose(middles(rx.reconstruct(photo, "srgb").linear)[1:], SDR[1:], rtol=0.01)


def test_dark_light_of_a_linear_file_is_not_taken_for_lost():
    """Of a linear picture a third of all codes are darker than what the camera of the method loses."""
    linear = np.full((40, 60, 3), 0.05, np.float32)
    photo = rx.open(png(np.rint(linear * 65535).astype(np.uint16), iccp(profile_with(camera.PowerResponse(1.0)))))
    radiance = rx.reconstruct(photo)
    assert radiance.under.max() == 0
    np.testing.assert_allclose(radiance.linear, linear, rtol=0.001)


def table_profile(grey=False, model=b"RGB ", curve=None):
    """An ICC profile of class scnr made of a table: device values are inverted, and sRGB below that (ICC.1, 10.10)."""
    grid = np.linspace(0, 1, 256)
    entry = np.rint((SRGB.decode(1 - grid) if curve is None else curve(grid)) * 65535).astype(">u2")
    matrix = colour.to_xyz(ColourSpace()) * 32768 / 65535  # XYZ of 1.0 is 32768
    corners = np.array([(r, g, b) for r in (0, 1) for g in (0, 1) for b in (0, 1)], float) @ matrix.T
    count = 3
    lut = b"mft2" + bytes(4) + bytes([count, 3, 2, 0])
    lut += np.rint(np.eye(3) * 65536).astype(">i4").tobytes() + struct.pack(">HH", 256, 2)
    lut += entry.tobytes() * count + np.rint(corners * 65535).astype(">u2").tobytes()
    lut += np.array([0, 65535], ">u2").tobytes() * 3
    white = b"XYZ " + bytes(4) + np.rint(colour.D50 * 65536).astype(">i4").tobytes()
    text = b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(79)
    body, index = b"", struct.pack(">I", 3)
    for name, content in ((b"A2B0", lut), (b"wtpt", white), (b"desc", text)):
        index += name + struct.pack(">II", 128 + 4 + 36 + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4xI4s4s4s12x4s", 168 + len(body), 0x02400000, b"scnr", model, b"XYZ ", b"acsp")
    return head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061) + bytes(48) + index + body


@pytest.mark.parametrize("depth", [8, 16])
def test_a_profile_of_tables_is_followed(depth):
    encoded = deep(1 - SRGB.encode(SDR))
    pixels = encoded if depth == 16 else (encoded >> 8).astype(np.uint8)
    photo = rx.open(png(pixels, iccp(table_profile())))
    assert photo.pixels.dtype == pixels.dtype
    assert photo.metadata.profile == b""
    np.testing.assert_allclose(middles(photo.pixels) / photo.levels, SRGB.encode(SDR), atol=0.006)
    darker = rx.reconstruct(photo).expose(-2)
    np.testing.assert_allclose(
        middles(darker.pixels)[1:4] / photo.levels * 255, [[60] * 3, [99] * 3, [124] * 3], atol=10
    )


def test_a_deep_linear_profile_of_tables_keeps_more_than_8_bits():
    ramp = np.linspace(0.002, 0.02, 6)[:, None] * np.ones(3)
    photo = rx.open(png(deep(ramp), iccp(table_profile(curve=lambda grid: grid))))
    np.testing.assert_allclose(middles(photo.pixels) / 65535, SRGB.encode(ramp), atol=0.004)


def test_srgb_without_the_white_it_was_adapted_from():
    """As libultrahdr writes it: version 4, D50 as its white, no chad."""
    profile = bytearray(icc.profile_of(ColourSpace()))
    place = profile.index(b"wtpt")
    at = int.from_bytes(profile[place + 4 : place + 8], "big")
    profile[at + 8 : at + 20] = np.rint(colour.D50 * 65536).astype(">i4").tobytes()
    profile[8] = 4
    assert icc.space(bytes(profile)).is_srgb


# Pixels


def test_a_grey_profile_is_followed(tmp_path):
    linear = icc.profile_of(ColourSpace(response=camera.PowerResponse(1.0)), grey=True)
    photo = rx.open(png(deep(SDR)[..., 1:2], iccp(linear)))
    rx.reconstruct(photo, "srgb").save(tmp_path / "a.exr")
    np.testing.assert_allclose(middles(rx.open(tmp_path / "a.exr").linear)[1:], SDR[1:, [1, 1, 1]], rtol=0.01)
    assert photo.metadata.profile == linear
    darker = rx.reconstruct(photo).expose(-2)
    assert darker.metadata.profile == linear
    np.testing.assert_allclose(middles(darker.pixels)[1:4, 0] / 65535, SDR[1:4, 0] / 4, rtol=0.01)


def changed_tiff(pixels, tag, value, profile=b""):
    data = bytearray(tiff.write(pixels, Metadata(profile=profile), False))
    tags = Directories(data)
    struct.pack_into(tags.order + "H", data, tags.find(tags.first, tag).at, value)
    return bytes(data)


@pytest.mark.parametrize("depth", [8, 16])
def test_associated_alpha_of_tiff_becomes_straight(depth):
    top = (1 << depth) - 1
    kind = np.uint16 if depth == 16 else np.uint8
    colours, alpha = SRGB.encode(SDR), np.array([0.5, 0.5, 0.5, 1, 0.25, 0])[:, None]
    values = patches(np.rint(np.concatenate([colours * alpha, alpha], 1) * top).astype(kind))
    photo = rx.open(changed_tiff(values, 338, 1))
    np.testing.assert_allclose(middles(photo.pixels)[:5] / top, colours[:5], atol=2.5 / top * 1.1)
    np.testing.assert_array_equal(photo.alpha, values[..., 3])
    again = rx.open(rx.reconstruct(photo).expose(0).encoded("TIFF"))
    np.testing.assert_allclose(middles(again.pixels)[:5] / top, colours[:5], atol=2.5 / top * 1.1)


@pytest.mark.parametrize(("model", "channels", "photometric"), [("CMYK", 4, 5), ("LAB", 3, 8)])
def test_16_bits_of_cmyk_and_lab_are_as_8(model, channels, photometric):
    rng = np.random.default_rng(1)
    shallow = patches(rng.integers(0, 256, (30, channels)).astype(np.uint8))
    scale = np.array([257, 256, 256] if model == "LAB" else [257] * channels, np.uint32)
    deeper = (shallow * scale).astype(np.uint16)
    if model == "LAB":
        deeper[..., 1:] = (shallow[..., 1:].astype(np.int8).astype(np.int32) * 256).astype(np.uint16)
    both = [rx.open(changed_tiff(pixels, 262, photometric)) for pixels in (shallow, deeper)]
    assert both[1].pixels.dtype == np.uint16
    assert not (both[1].pixels[..., 0] == both[1].pixels[..., 1]).all()
    np.testing.assert_allclose(both[1].pixels / 257, both[0].pixels, atol=1)


# Hostile profiles


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


def with_colorants(values):
    profile = bytearray(icc.profile_of(ColourSpace()))
    for name, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), values, strict=True):
        place = profile.index(name)
        at = int.from_bytes(profile[place + 4 : place + 8], "big")
        profile[at + 8 : at + 20] = np.rint(np.array(value) * 65536).astype(">i4").tobytes()
    return bytes(profile)


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


# HEIC


def heic(pixels, path, codes=None):
    """A HEIC of 10 bits; of its profile code points are made, which libheif's own encoder does not write."""
    if shutil.which("heif-enc") is None:
        pytest.skip("no encoder of HEIC here")
    pytest.importorskip("pi_heif")
    (path / "a.png").write_bytes(png(pixels, *([iccp(icc.profile_of(ColourSpace()))] if codes else [])))
    command = ["heif-enc", "-L", "-b", "10", "-p", "chroma=444", str(path / "a.png"), "-o", str(path / "a.heic")]
    subprocess.run(command, check=True, capture_output=True)
    data = (path / "a.heic").read_bytes()
    if codes is None:
        return data
    at = data.index(b"colrprof") + 4
    told = b"nclx" + struct.pack(">3HB", *codes, 6, 0x80)
    return data[:at] + told + data[at + len(told) :]


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


# What formats hold


def test_linear_light_of_16_bits_does_not_break_into_steps_in_8():
    response = camera.PowerResponse(1.0)
    photo = rx.open(png(deep(SDR / 4), iccp(profile_with(response))))
    written = rx.reconstruct(photo, "srgb").expose(0).encoded("JPEG")
    assert transfer.is_ordinary(rx.open(written).colour_space.response)
    np.testing.assert_allclose(shown(written), in_srgb(SDR / 4, REC_2020), atol=0.01)
    kept = rx.reconstruct(photo).expose(0).encoded("PNG")
    assert rx.open(kept).colour_space == photo.colour_space


def test_what_a_format_cannot_hold_is_said_and_the_nearest_that_can_is_chosen():
    values = deep(SRGB.encode(SDR))
    photo = rx.open(avif((values >> 6), (1, 13), 10))
    assert photo.natural_format == "PNG"
    assert photo.lost_in("AVIF") == "AVIF does not hold more than 8 bits (PNG, TIFF and JPEG XL do)"
    assert photo.lost_in("TIFF") is None
    shallow = rx.open(png((values >> 8).astype(np.uint8)))
    assert shallow.natural_format == "PNG"
    assert shallow.lost_in("JPEG") is None


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


def test_the_command_says_what_a_format_cannot_hold(reexpose, tmp_path):
    values = deep(SRGB.encode(SDR))
    (tmp_path / "deep.avif").write_bytes(avif(values >> 6, (1, 13), 10))
    done = reexpose(tmp_path / "deep.avif", "--ev", "-1", check=True)
    assert done.stdout.decode().strip() == str(tmp_path / "deep_ev-1.png")
    assert done.stderr == b""
    assert rx.open(tmp_path / "deep_ev-1.png").levels == 65535
    done = reexpose(tmp_path / "deep.avif", "--ev", "-1", "-o", tmp_path / "a.jpg", check=True)
    assert (
        done.stderr.decode()
        == f"{tmp_path / 'a.jpg'}: JPEG does not hold more than 8 bits (PNG, TIFF and JPEG XL do)\n"
    )


def jpeg_file(pixels, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=100, subsampling=0, **options)
    return buffer.getvalue()


def test_ultra_hdr_names_the_colours_of_a_file_that_is_kept(tmp_path):
    adobe = np.rint(patches(colour.ADOBE_RGB.response.encode(SDR)) * 255).astype(np.uint8)
    inverted = 255 - np.rint(patches(SRGB.encode(SDR)) * 255).astype(np.uint8)
    for pixels, options, primaries in (
        (adobe, {"exif": exif_of(0xFFFF, "R03")}, colour.KNOWN["Adobe RGB"]),
        (inverted, {"icc_profile": table_profile()}, colour.KNOWN["sRGB"]),
        (255 - inverted, {"icc_profile": b"profile"}, colour.KNOWN["sRGB"]),
    ):
        rx.reconstruct(jpeg_file(pixels, **options), "srgb").save(tmp_path / "a.jpg", overwrite=True)
        written = (tmp_path / "a.jpg").read_bytes()
        np.testing.assert_allclose(shown(written), in_srgb(SDR, primaries), atol=0.03)
        light = rx.RadianceMap.load(written)
        np.testing.assert_allclose(middles(light.linear)[1:4], SDR[1:4], rtol=0.05)


def test_linear_pictures_are_shown_without_steps():
    ramp = np.repeat(np.linspace(0.001, 0.01, 96)[None, :, None], 3, -1).repeat(16, 0)
    profile = profile_with(camera.PowerResponse(1.0), colour.KNOWN["sRGB"])
    linear = np.rint(ramp * 65535).astype(np.uint16)
    wanted = SRGB.encode(ramp)[0, :, 0] * 255
    for photo in (
        rx.open(png(linear, iccp(profile))),
        rx.open(png(linear[..., :1], iccp(icc.profile_of(icc.space(profile), grey=True)))),
    ):
        seen = np.asarray(rx_shown(photo, (96, 16)).convert("RGB"))
        np.testing.assert_allclose(seen[0, :, 0], wanted, atol=0.6)


@pytest.mark.parametrize("response", [CURVES[0], CURVES[-1]])
def test_the_page_and_figures_draw_a_file_of_its_own_curve(response):
    radiance = rx.reconstruct(png(deep(response.encode(SDR)), iccp(profile_with(response))))
    drawn = view.drawn(radiance)
    assert drawn.response == "srgb"
    assert view.colours(drawn.photo.colour_space)["curve"] == {"kind": "srgb"}
    np.testing.assert_allclose(middles(drawn.photo.pixels) / 65535, SRGB.encode(SDR), atol=0.002)
    np.testing.assert_array_equal(drawn.linear, radiance.linear)
    plain = brightness_change(radiance.photo, -1, radiance.curve)
    np.testing.assert_allclose(response.decode(middles(plain.pixels) / 65535), SDR / 2, rtol=0.01)


def test_the_page_draws_ordinary_photos_as_they_are():
    radiance = rx.reconstruct(png(deep(SRGB.encode(SDR))))
    assert view.drawn(radiance) is radiance


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
