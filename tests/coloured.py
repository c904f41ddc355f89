"""Pictures of known light in every colour space and container, and what a colour-managed program shows of a file."""

import io
import shutil
import struct
import subprocess
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from reexposure.light import camera, colour, icc, transfer
from reexposure.light.colour import ColourSpace
from reexposure.photo import tiff, with_openimageio
from reexposure.photo.ifd import Directories
from reexposure.photo.metadata import Metadata

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


def exif_of(space_code, index):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = space_code
    exif.get_ifd(0x8769)[0xA005] = {1: index, 2: b"0100"}
    return exif


def chromaticities(primaries):
    order = (primaries[3], *primaries[:3])
    return b"cHRM", struct.pack(">8I", *(round(100_000 * v) for xy in order for v in xy))


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


def changed_tiff(pixels, tag, value, profile=b""):
    data = bytearray(tiff.write(pixels, Metadata(profile=profile), False))
    tags = Directories(data)
    struct.pack_into(tags.order + "H", data, tags.find(tags.first, tag).at, value)
    return bytes(data)


def with_colorants(values):
    profile = bytearray(icc.profile_of(ColourSpace()))
    for name, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), values, strict=True):
        place = profile.index(name)
        at = int.from_bytes(profile[place + 4 : place + 8], "big")
        profile[at + 8 : at + 20] = np.rint(np.array(value) * 65536).astype(">i4").tobytes()
    return bytes(profile)


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


def jpeg_file(pixels, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=100, subsampling=0, **options)
    return buffer.getvalue()
