"""Formats that are read but not written, files of several pictures, and what a user is told of them."""

import io

import numpy as np
import pytest
from PIL import Image
from tiffs import picture, tiff

import reexposure as rx

PIXELS = np.random.default_rng(5).integers(0, 256, (6, 8, 3), np.uint8)
OTHER = np.full_like(PIXELS, 7)
PAGE = picture(8, 6, PIXELS.tobytes())


def saved(format, *frames, **options):
    buffer = io.BytesIO()
    first, *rest = map(Image.fromarray, frames)
    more = {"save_all": True, "append_images": rest} if rest else {}
    first.save(buffer, format, **more, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["BMP", "PPM"])
def test_simple_formats_are_read_to_the_bit(format):
    photo = rx.open(saved(format, PIXELS))
    np.testing.assert_array_equal(photo.pixels, PIXELS)
    assert photo.format == "PNG"  # what they are written as


def test_pgm_and_bitmaps():
    grey = rx.open(saved("PPM", PIXELS[..., 0]))
    assert grey.grey
    np.testing.assert_array_equal(grey.pixels[..., 0], PIXELS[..., 0])
    bits = rx.open(saved("PPM", PIXELS[..., 0] > 99))
    np.testing.assert_array_equal(bits.pixels[..., 0], np.where(PIXELS[..., 0] > 99, 255, 0))


@pytest.mark.parametrize("largest", [256, 1023, 4095, 65535])
@pytest.mark.parametrize(("kind", "channels"), [("P5", 1), ("P6", 3)])
def test_portable_maps_stay_deep(kind, channels, largest):
    values = np.random.default_rng(0).integers(0, largest + 1, (6, 8, channels)).astype(np.uint16)
    photo = rx.open(f"{kind}\n# of more than 8 bits\n8 6\n{largest}\n".encode() + values.astype(">u2").tobytes())
    assert photo.grey == (channels == 1)
    np.testing.assert_allclose(photo.pixels[..., :channels] / 65535, values / largest, atol=1e-5)


def test_a_cut_portable_map():
    with pytest.raises(rx.PhotoError, match=r"this file: damaged picture \(.*cut"):
        rx.open(b"P6 8 6 65535\n" + bytes(8 * 6 * 6 - 1))


def test_gif_keeps_its_transparency():
    frame = Image.fromarray(PIXELS).quantize(16)
    buffer = io.BytesIO()
    frame.save(buffer, "GIF", transparency=int(np.asarray(frame)[0, 0]))
    photo = rx.open(buffer.getvalue())
    assert photo.notes == ()
    clear = np.asarray(frame) == np.asarray(frame)[0, 0]
    np.testing.assert_array_equal(photo.alpha, np.where(clear, 0, 255))
    np.testing.assert_array_equal(photo.pixels[~clear], np.asarray(frame.convert("RGB"))[~clear])


@pytest.mark.parametrize(
    ("format", "options"), [("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("AVIF", {"quality": 100})]
)
def test_the_first_picture_of_an_animation(format, options):
    photo = rx.open(saved(format, OTHER, PIXELS, **options))
    assert photo.notes == ("an animation; its first picture is used",)
    assert np.abs(photo.pixels.astype(int) - OTHER).max() <= 3
    assert rx.open(saved(format, OTHER, **options)).notes == ()


@pytest.mark.parametrize("big", [False, True])
def test_the_first_page_of_a_tiff(big):
    page, copy = picture(8, 6, OTHER.tobytes()), picture(8, 6, OTHER.tobytes(), t254=(4, [1]))
    for more, told in (((page,), "has 1 further page; the first is used"), ((page, copy, page), "has 2 further pages")):
        photo = rx.open(tiff(PAGE, *more, big=big))
        np.testing.assert_array_equal(photo.pixels, PIXELS)
        assert photo.notes[0].startswith(told)
    assert rx.open(tiff(PAGE, copy, big=big)).notes == ()


def test_further_pages_of_light():
    light = picture(8, 6, (PIXELS / np.float32(9)).tobytes(), bits=[32] * 3, t339=(3, [3] * 3))
    found = rx.open(tiff(light, light))
    np.testing.assert_array_equal(found.linear, PIXELS / np.float32(9))
    assert found.photo.notes == ("has 1 further page; the first is used",)


@pytest.mark.parametrize("count", [256, 16, 4, 2])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
def test_palettes_of_tiff_are_exact(count, compression):
    indexed = Image.fromarray(np.random.default_rng(2).integers(0, 256, (9, 13, 3), np.uint8)).quantize(count)
    buffer = io.BytesIO()
    indexed.save(buffer, "TIFF", compression=compression)
    np.testing.assert_array_equal(rx.open(buffer.getvalue()).pixels, np.asarray(indexed.convert("RGB")))


@pytest.mark.parametrize("white_is_zero", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 10, 12, 14, 16, 32])
def test_grey_tiffs_of_any_depth(bits, white_is_zero):
    values = np.random.default_rng(bits).integers(0, 1 << bits, (6, 8))
    row_bits = ["".join(f"{value:0{bits}b}" for value in row) for row in values]
    packed = b"".join(int(row, 2).to_bytes(len(row) // 8, "big") for row in row_bits)
    photo = rx.open(tiff(picture(8, 6, packed, bits=[bits], photometric=0 if white_is_zero else 1), order=">"))
    shown = values / ((1 << bits) - 1)
    np.testing.assert_allclose(photo.pixels[..., 0] / photo.levels, 1 - shown if white_is_zero else shown, atol=2e-5)


def test_the_command_tells_it_in_one_line(tmp_path, reexpose):
    (tmp_path / "a.gif").write_bytes(saved("GIF", PIXELS, OTHER))
    done = reexpose("a.gif", "--ev", "-1", "-o", "b.png", cwd=tmp_path, check=True)
    assert done.stderr.decode() == "a.gif: an animation; its first picture is used\n"
    assert (tmp_path / "b.png").exists()


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "group4"])
def test_damaged_tiffs_make_no_noise(compression, tmp_path, reexpose):
    """Libtiff, left to itself, writes to the process's stderr."""
    buffer = io.BytesIO()
    Image.fromarray(np.tile(PIXELS[..., 0], (20, 20)) > 99).save(buffer, "TIFF", compression=compression)
    data = bytearray(buffer.getvalue())
    data[8 : len(data) // 2] = bytes(b ^ 0x5A for b in data[8 : len(data) // 2])
    (tmp_path / "a.tif").write_bytes(data)
    done = reexpose("a.tif", "--ev", "-1", "-o", "b.png", cwd=tmp_path)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, lines) == (0, []) or (
        done.returncode == 1 and len(lines) == 1 and lines[0].startswith("reexpose: a.tif: ")
    )
