"""Files that are no photos, however they are named: one true line each."""

import io
import struct

import numpy as np
import pytest
from PIL import Image
from tiffs import picture, tiff

import reexposure as rx
from reexposure.photo import raw, refused

SHORT, LONG, TEXT, BYTE = 3, 4, 2, 1
THUMBNAIL = picture(8, 6, bytes(range(144)))


def text(words):
    return TEXT, list(words.encode() + b"\0")


def sensor(bits=14, compression=1, photometric=32803):
    """A directory of sensor data: a colour filter array (TIFF/EP), compressed as the maker does it."""
    return picture(16, 12, bytes(500), bits=[bits], photometric=photometric, t259=(SHORT, [compression]))


def with_thumbnail(make, **tags):
    return THUMBNAIL | {254: (LONG, [1]), 271: text(make)} | {int(tag[1:]): value for tag, value in tags.items()}


RAWS = {
    "dng": tiff(with_thumbnail("Google", t50706=(BYTE, [1, 4, 0, 0]), t330=(LONG, [sensor()]))),
    "linear dng": tiff(sensor(16, photometric=34892) | {50706: (BYTE, [1, 3, 0, 0])}),
    "dng, motorola, bigtiff": tiff(with_thumbnail("Google", t330=(18, [sensor()])), order=">", big=True),
    "dng of floats": tiff(sensor(16, photometric=34892) | {50706: (BYTE, [1, 4, 0, 0]), 339: (SHORT, [3])}),
    "nef": tiff(with_thumbnail("NIKON CORPORATION", t330=(LONG, [THUMBNAIL, sensor(14, 34713)])), order=">"),
    "nef by its compression": tiff(THUMBNAIL | {330: (LONG, [sensor(14, 34713, 1)])}),
    "arw": tiff(with_thumbnail("SONY", t330=(LONG, [sensor(12, 32767)])), THUMBNAIL),
    "pef": tiff(sensor(12, 65535) | {271: text("PENTAX ")}, THUMBNAIL, order=">"),
    "3fr": tiff(with_thumbnail("Hasselblad", t330=(LONG, [sensor(16)]))),
    "srw": tiff(THUMBNAIL | {271: text("SAMSUNG"), 330: (LONG, [sensor(12, 32770)])}),
    "sensor data in the second directory": tiff(THUMBNAIL, sensor()),
    "cr2": tiff(THUMBNAIL, after_head=b"CR\2\0" + struct.pack("<I", 0)),
    "iiq": tiff(THUMBNAIL, after_head=b"IIII\1\0\0\0"),
    "orf": tiff(THUMBNAIL, magic=b"IIRO"),
    "orf, older": tiff(THUMBNAIL, magic=b"IIRS"),
    "orf, motorola": tiff(THUMBNAIL, order=">", magic=b"MMOR"),
    "rw2": tiff(THUMBNAIL, magic=b"IIU\0"),
    "raf": b"FUJIFILMCCD-RAW 0201FF129502X-T1" + bytes(200),
    "cr3": struct.pack(">I", 24) + b"ftypcrx \0\0\0\1crx isom" + bytes(200),
    "crw": b"II\x1a\0\0\0HEAPCCDR" + bytes(200),
    "x3f": b"FOVb" + bytes(200),
    "mrw": b"\0MRM" + bytes(200),
}


@pytest.mark.parametrize("kind", RAWS)
def test_camera_raw_is_never_its_thumbnail(kind, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(RAWS[kind])
    with pytest.raises(rx.PhotoError) as caught:
        rx.open(path)
    assert str(caught.value) == f"{path}: camera raw; develop it to TIFF or JPEG first"


PHOTOS = {
    "plain": tiff(THUMBNAIL),
    "with a make and EXIF": tiff(
        THUMBNAIL | {271: text("NIKON CORPORATION"), 272: text("D850"), 34665: (LONG, [{33437: (LONG, [2])}])}
    ),
    "with smaller copies below it": tiff(THUMBNAIL | {330: (LONG, [THUMBNAIL | {254: (LONG, [1])}])}),
    "with smaller copies after it": tiff(THUMBNAIL, THUMBNAIL | {254: (LONG, [1])}),
    "bigtiff": tiff(THUMBNAIL, big=True),
    "bigtiff, motorola": tiff(THUMBNAIL, big=True, order=">"),
    "the second directory is out of reach": tiff(THUMBNAIL)[:-4] + struct.pack("<I", 10**9),
    "a directory below is out of reach": tiff(THUMBNAIL | {330: (LONG, [10**9])}),
}


@pytest.mark.parametrize("kind", PHOTOS)
def test_tiff_photos_are_read(kind, tmp_path):
    (tmp_path / "a.nef").write_bytes(PHOTOS[kind])
    photo = rx.open(tmp_path / "a.nef")
    np.testing.assert_array_equal(photo.pixels.ravel(), range(144))


def test_directories_that_run_in_circles_end():
    around = bytearray(tiff(THUMBNAIL))
    around[-4:] = around[4:8]
    assert not raw.is_raw(bytes(around))
    assert not raw.is_raw(tiff(THUMBNAIL | {330: (LONG, [8] * 5000)}))


def test_many_tags_and_directories_take_no_time(monkeypatch):
    """The same directory of 65535 tags stands below each of many others."""
    tags = struct.pack("<H", 65535) + struct.pack("<HHII", 65000, 3, 1, 0) * 65535 + bytes(4)
    data = tiff(*[THUMBNAIL | {330: (LONG, [8] * 16)}] * 60, after_head=tags)
    count = 0
    entries = raw.Directories.entries

    def counted(self, at):
        nonlocal count
        for entry in entries(self, at):
            count += 1
            yield entry

    monkeypatch.setattr(raw.Directories, "entries", counted)
    assert not raw.is_raw(data)
    assert 300 < count < 30_000


def test_offsets_beyond_all_bounds():
    """Of 64 bits, which no file can reach: of the first directory, of the next, and of one below."""
    far = 2**64 - 1
    after = tiff(THUMBNAIL, big=True)[:-8] + struct.pack("<Q", far)
    np.testing.assert_array_equal(rx.open(after).pixels.ravel(), range(144))
    np.testing.assert_array_equal(rx.open(tiff(THUMBNAIL | {330: (18, [far])}, big=True)).pixels.ravel(), range(144))
    with pytest.raises(rx.PhotoError, match="this file: damaged"):
        rx.open(tiff(THUMBNAIL, big=True)[:8] + struct.pack("<Q", far) + bytes(500))


def test_what_damaged_files_say_cannot_steer_a_terminal():
    from exrs import exr

    data = exr({f"{name}\x1b[2J": np.zeros((2, 2), np.float32) for name in "ABC"}, (0, 0, 1, 1))
    for hostile in (data, data.replace(b"chlist\0", b"ch\x1b\x7fst\0")):
        with pytest.raises(rx.PhotoError) as caught:
            rx.open(hostile)
        assert str(caught.value).isprintable()


def jpeg(marker, bits=8):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "grey").save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = marker, bits
    return bytes(data)


OTHERS = {
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40),
    "JPEG 2000, bare": b"\xff\x4f\xff\x51" + bytes(40),
    "PSD": b"8BPS\0\1" + bytes(40),
    "PDF": b"%PDF-1.7\n",
    "SVG": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "video (MP4)": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(40),
    "video (MOV)": b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + bytes(40),
    "WebM": b"\x1a\x45\xdf\xa3" + bytes(40),
    "AVI": b"RIFF\0\0\1\0AVI LIST" + bytes(40),
    "LogLuv": tiff(picture(8, 6, bytes(200), bits=[16] * 3, photometric=32845, t259=(3, [34676]))),
    "ZIP": b"PK\3\4" + bytes(40),
    "web page": b"<!DOCTYPE html><html></html>",
    "hierarchical JPEG": jpeg(0xC5),
    "JPEG-LS": jpeg(0xF7),
    "JPEG of 4 bits": jpeg(0xC3, 4),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_not_read_is_named(kind, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(OTHERS[kind])
    with pytest.raises(rx.PhotoError) as caught:
        rx.open(path)
    assert str(caught.value).startswith(f"{path}: a")
    assert kind.split(",")[0] in str(caught.value)


def test_the_command_says_it_too(tmp_path, reexpose):
    (tmp_path / "x.nef").write_bytes(RAWS["nef"])
    done = reexpose("x.nef", "--ev", "-1", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.decode() == "reexpose: x.nef: camera raw; develop it to TIFF or JPEG first\n"
    assert [path.name for path in tmp_path.iterdir()] == ["x.nef"]


def test_photos_are_not_refused():
    for format in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "PPM", "TIFF"):
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8), "grey").save(buffer, format)
        assert refused.reason(buffer.getvalue()) is None


@pytest.mark.parametrize(
    ("bits", "settings"), [(12, {"level": 100}), (12, {"lossless": True}), (16, {"lossless": True})]
)
def test_jpeg_of_more_than_8_bits(bits, settings, tmp_path):
    imagecodecs = pytest.importorskip("imagecodecs")
    row = np.linspace(0, 2**bits - 1, 64).astype(np.uint16)
    pixels = np.dstack([np.tile(row, (32, 1))] * 3)
    (tmp_path / "a.jpg").write_bytes(
        imagecodecs.jpeg8_encode(pixels, bitspersample=bits, subsampling="444", **settings)
    )
    photo = rx.open(tmp_path / "a.jpg")
    assert photo.pixels.dtype == np.uint16
    error = np.abs(photo.pixels / 65535 - pixels / (2**bits - 1)).max()
    assert error < (0.002 if "level" in settings else 1e-5)
    photo.save(tmp_path / "b.jpg")
    assert rx.open(tmp_path / "b.jpg").pixels.dtype == np.uint8


def test_jpeg_of_12_bits_without_its_reader(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(jpeg(0xC1, 12))
    monkeypatch.setitem(__import__("sys").modules, "imagecodecs", None)
    with pytest.raises(rx.PhotoError, match=r"a.jpg: a JPEG of 12 bits, .*reexposure\[deep\]"):
        rx.open(tmp_path / "a.jpg")
