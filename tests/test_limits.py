"""What headers claim: refused before memory or time is spent on it."""

import io
import struct
import zlib

import numpy as np
import pytest
from exrs import exr
from PIL import Image
from tiffs import picture, tiff

import reexposure as rx
from reexposure.photo import jxl_header, limits
from reexposure.reconstruction import network


def saved(format, size=(8, 8), mode="RGB", **options):
    buffer = io.BytesIO()
    Image.new(mode, size, "white").save(buffer, format, **options)
    return buffer.getvalue()


def png(width, height):
    data = bytearray(saved("PNG"))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def jpeg(width, height, **options):
    data = bytearray(saved("JPEG", **options))
    at = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp(width, height):
    """The lossless kind, in which even a large white picture takes no bytes."""
    return patched(saved("WEBP", lossless=True), 21, "<I", (width - 1) | (height - 1) << 14)


def patched(data, at, code, *values):
    data = bytearray(data)
    struct.pack_into(code, data, at, *values)
    return bytes(data)


def jxl(width, height, parts=0):
    """The head of a codestream: 30 bits for each side, then a picture with everything as usual."""
    bits = "0" + "11" + f"{height - 1:030b}"[::-1] + "000" + "11" + f"{width - 1:030b}"[::-1] + "1"
    bits = bits.ljust(-(-len(bits) // 8) * 8, "0")
    stream = b"\xff\x0a" + bytes(int(bits[n : n + 8][::-1], 2) for n in range(0, len(bits), 8)) + bytes(50)
    if not parts:
        return stream
    size = -(-len(stream) // parts)
    boxes = [(b"jxlp", struct.pack(">I", n) + stream[n * size : (n + 1) * size]) for n in range(parts)]
    boxes = [(b"ftyp", b"jxl \0\0\0\0jxl "), (b"free", bytes(99)), *boxes]
    return b"\0\0\0\x0cJXL \r\n\x87\n" + b"".join(
        struct.pack(">I", len(content) + 8) + kind + content for kind, content in boxes
    )


LARGE = {
    "png": png(50_000, 50_000),
    "jpeg": jpeg(65_500, 65_500),
    "progressive jpeg": jpeg(65_500, 65_500, progressive=True),
    "gif": patched(saved("GIF"), 6, "<HH", 65_535, 65_535),
    "bmp": patched(saved("BMP"), 18, "<ii", 50_000, 50_000),
    "ppm": b"P6 50000 50000 255\n" + bytes(100),
    "deep ppm": b"P6 50000 50000 65535\n" + bytes(100),
    "pfm": b"PF 50000 50000 -1\n" + bytes(100),
    "tiff": tiff(picture(50_000, 50_000, bytes(100))),
    "deep tiff": tiff(picture(50_000, 50_000, bytes(100), bits=[16] * 3)),
    "tiff of 2**32 rows": tiff(picture(3, 2**32 - 1, bytes(100))),
    "jxl": jxl(50_000, 50_000),
    "jxl in parts": jxl(2**30, 2**30, parts=7),
    "hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 99999999 +X 99999999\n" + bytes(100),
    "exr": exr({"R": np.zeros((1, 50_000), np.float16)}, (0, 0, 49_999, 0), display=(0, 0, 49_999, 49_999)),
}


@pytest.mark.parametrize("kind", LARGE)
def test_sizes_beyond_the_limit_are_refused(kind, tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(LARGE[kind])
    with pytest.raises(rx.PhotoError) as caught:
        rx.reconstruct(path)
    assert str(caught.value).startswith(f"{path}: more than 200 megapixels (")


def test_sizes_beyond_the_limits_of_a_reader_are_refused(tmp_path):
    (tmp_path / "a.webp").write_bytes(webp(16_383, 16_383))
    with pytest.raises(rx.PhotoError, match=r"a\.webp: more than 178 megapixels"):
        rx.open(tmp_path / "a.webp")
    for side in (15_000, 150_000):
        (tmp_path / "a.tif").write_bytes(tiff(picture(side, side, bytes(100), bits=[32] * 3, t339=(3, [3] * 3))))
        with pytest.raises(rx.PhotoError, match=r"a\.tif: .*(claims|too large)"):
            rx.RadianceMap.load(tmp_path / "a.tif")


FEW_BYTES = {
    "16 megapixels": tiff(picture(4_000, 4_000, bytes(100))),
    "png": png(14_000, 14_000),
    "jpeg": jpeg(14_000, 14_000, progressive=True),
    "tiff": tiff(picture(14_000, 14_000, bytes(100))),
    "webp": webp(13_000, 13_000),
    "jxl": jxl(14_000, 14_000),
    "hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 14000 +X 14000\n" + bytes(100),
}


@pytest.mark.parametrize("kind", FEW_BYTES)
def test_more_than_the_bytes_can_hold_is_refused(kind, tmp_path):
    (tmp_path / "a.bin").write_bytes(FEW_BYTES[kind])
    with pytest.raises(rx.PhotoError, match=r"a\.bin: (196|169|16) megapixels claimed by \d+ bytes"):
        rx.reconstruct(tmp_path / "a.bin")


EVEN = {"png": {}, "jpeg": {"quality": 30}, "tiff": {"compression": "tiff_deflate"}}


@pytest.mark.parametrize("format", EVEN)
def test_even_pictures_of_many_pixels_and_few_bytes_are_refused(format, tmp_path):
    Image.new("L", (8_000, 8_000)).save(tmp_path / "a.bin", format, **EVEN[format])
    with pytest.raises(rx.PhotoError, match=r"a\.bin: 64 megapixels claimed by \d+ bytes"):
        rx.open(tmp_path / "a.bin")


def test_formats_that_pack_harder_may_have_more_pixels_in_a_byte():
    limits.check(6_000, 8_000, 400_000, tight=True)
    with pytest.raises(limits.TooLargeError, match="48 megapixels claimed by 400000 bytes"):
        limits.check(6_000, 8_000, 400_000)


@pytest.mark.slow
def test_a_png_whose_picture_lies_behind_chunks_without_number_says_so(tmp_path):
    whole = png(8, 8)
    empty = struct.pack(">I4sI", 0, b"teXt", zlib.crc32(b"teXt"))
    (tmp_path / "a.png").write_bytes(whole[:33] + empty * 200_000 + whole[33:])
    with pytest.raises(rx.PhotoError, match=r"a\.png: damaged picture \(no picture in its first 200000 chunks\)"):
        rx.open(tmp_path / "a.png")


def test_who_asks_for_more_gets_it():
    limits.check(20_000, 20_000, 1_000_000, max_px=400_000_000)
    with pytest.raises(limits.TooLargeError, match=r"more than 400 megapixels \(20001 x 20000\)"):
        limits.check(20_000, 20_001, 1_000_000, max_px=400_000_000)
    limits.check(14_000, 14_000, 10, max_px=400_000_000)


def test_an_even_white_picture_is_read(tmp_path):
    Image.new("L", (2_000, 3_000), "white").save(tmp_path / "a.png")
    assert rx.open(tmp_path / "a.png").pixels.shape == (3_000, 2_000, 3)


@pytest.mark.parametrize("kind", ["png", "tiff", "jxl"])
def test_narrow_pictures_are_refused(kind, tmp_path):
    width, height = 1, limits.MAX_ASPECT + 1
    made = {"png": png(width, height), "tiff": tiff(picture(width, height, bytes(9))), "jxl": jxl(width, height)}
    (tmp_path / "a.bin").write_bytes(made[kind])
    with pytest.raises(rx.PhotoError, match=r"a\.bin: 1 x 100001 pixels: too narrow for a photo"):
        rx.open(tmp_path / "a.bin")


@pytest.mark.parametrize("size", [(1, limits.MAX_ASPECT), (60_000, 1), (20, 30_000), (3_000, 100)])
def test_the_network_sees_little_of_narrow_photos(size, tmp_path, monkeypatch):
    """It sees them padded to 32 pixels, which once were millions."""
    seen = []
    gain = network.Network.gain

    def watched(self, photo, matrix):
        seen.append(np.prod([-(-side // 32) * 32 for side in photo.shape[:2]]))
        return gain(self, photo, matrix)

    monkeypatch.setattr(network.Network, "gain", watched)
    Image.new("RGB", size, "white").save(tmp_path / "a.png")
    found = rx.reconstruct(tmp_path / "a.png")
    assert found.linear.shape == (size[1], size[0], 3)
    assert found.linear.min() >= 1
    assert seen[0] < 400_000


@pytest.mark.parametrize("parts", [0, 1, 3, 7])
@pytest.mark.parametrize("size", [(1, 1), (513, 8193), (2**30, 1), (70_000, 300_000)])
def test_jpeg_xl_says_its_size(size, parts):
    found = jxl_header.header(jxl(*size, parts=parts))
    assert (found.width, found.height, found.animated) == (*size, False)


@pytest.mark.parametrize("size", [(8, 8), (256, 256), (16, 24), (300, 300), (120, 100), (400, 300), (300, 200), (7, 5)])
def test_jpeg_xl_says_its_size_as_its_own_encoder_does(size):
    imagecodecs = pytest.importorskip("imagecodecs")
    data = imagecodecs.jpegxl_encode(np.zeros((size[1], size[0], 3), np.uint8))
    found = jxl_header.header(data)
    assert (found.width, found.height, found.animated) == (*size, False)


def test_animated_jpeg_xl_is_named(tmp_path):
    imagecodecs = pytest.importorskip("imagecodecs")
    frames = np.zeros((3, 16, 16, 3), np.uint8)
    (tmp_path / "a.jxl").write_bytes(imagecodecs.jpegxl_encode(frames, photometric="rgb"))
    with pytest.raises(rx.PhotoError, match="an animation in JPEG XL"):
        rx.open(tmp_path / "a.jxl")


@pytest.mark.parametrize("data", [b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99)])
def test_jpeg_xl_without_a_picture(data, tmp_path):
    (tmp_path / "a.jxl").write_bytes(data)
    with pytest.raises(rx.PhotoError, match=r"a\.jxl: "):
        rx.open(tmp_path / "a.jxl")


def test_more_channels_than_are_read_are_refused(tmp_path):
    """To list sixty thousand takes OpenEXR five seconds."""
    (tmp_path / "a.exr").write_bytes(exr({f"c{n}": np.zeros((1, 1), np.float16) for n in range(20_000)}, (0, 0, 0, 0)))
    with pytest.raises(rx.PhotoError, match=r"a\.exr: more channels than are read"):
        rx.open(tmp_path / "a.exr")


def test_many_channels_are_not_read_for_three(tmp_path):
    """A thousand layers of which one is the picture."""
    layers = {f"layer{n}.{name}": np.zeros((4, 6), np.float16) for n in range(333) for name in "RGB"}
    colours = {name: np.full((4, 6), 0.5, np.float16) for name in "RGB"}
    (tmp_path / "a.exr").write_bytes(exr(layers | colours, (0, 0, 5, 3)))
    np.testing.assert_array_equal(rx.RadianceMap.load(tmp_path / "a.exr").linear, np.full((4, 6, 3), 0.5))


class Endless(io.RawIOBase):
    """A file without an end, which begins as told; ``given`` is how much of it was read."""

    mode, name = "rb", "endless"

    def __init__(self, begin):
        self.begin, self.given = begin, 0

    def readable(self):
        return True

    def readinto(self, room):
        size = min(len(room), 10_000)
        room[:size] = self.begin[self.given : self.given + size].ljust(size, b"\0")
        self.given += size
        assert self.given < 1_000_000, "all of it was asked for"
        return size


@pytest.mark.parametrize(
    ("begin", "told"), [(b"", "not a JPEG"), (b"%PDF-1.7", "a PDF document"), (b"FUJIFILMCCD-RAW", "camera raw")]
)
def test_of_what_is_no_picture_little_is_read(begin, told):
    source = Endless(begin)
    with pytest.raises(rx.PhotoError, match=f"endless: {told}"):
        rx.open(io.BufferedReader(source))
    assert source.given < 100_000


def test_files_of_too_many_bytes_are_refused(tmp_path, monkeypatch):
    data = png(8, 8) + bytes(1000)
    (tmp_path / "a.png").write_bytes(data)
    monkeypatch.setattr("reexposure.radiance.opening.MAX_BYTES", len(data) - 1)
    monkeypatch.setattr("reexposure.radiance.opening.HEAD", 100)
    with pytest.raises(rx.PhotoError, match=r"a\.png: more than 0 GB"):
        rx.open(tmp_path / "a.png")
    monkeypatch.setattr("reexposure.radiance.opening.MAX_BYTES", len(data))
    assert rx.open(tmp_path / "a.png").pixels.shape == (8, 8, 3)
