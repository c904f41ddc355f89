"""Photos go through unharmed, whatever their kind."""

import io
import shutil
import struct
import subprocess
import sys
import zlib

import numpy as np
import OpenImageIO as oiio
import pytest
from conftest import SUNSET
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import reexposure as rx
from reexposure.errors import PhotoError
from reexposure.photo import png, png_picture
from reexposure.photo.decoding import decode
from reexposure.photo.exif import ORIENTATION
from reexposure.photo.photo import Photo

sizes = st.tuples(st.integers(1, 40), st.integers(1, 40))


def noise(size, channels, kind=np.uint8, seed=0):
    return np.random.default_rng(seed).integers(0, np.iinfo(kind).max, (*size, channels), kind, endpoint=True)


@given(sizes, st.sampled_from(["PNG", "TIFF"]), st.sampled_from([np.uint8, np.uint16]), st.booleans())
@settings(max_examples=40)
def test_lossless_formats_keep_every_bit(size, format, kind, with_alpha):
    alpha = noise(size, 1, kind, 1)[..., 0] if with_alpha else None
    before = Photo(noise(size, 3, kind), alpha, format)
    after = decode(before.encoded(), "photo")
    assert after.pixels.dtype == kind
    np.testing.assert_array_equal(after.pixels, before.pixels)
    if with_alpha:
        np.testing.assert_array_equal(after.alpha, alpha)
    else:
        assert after.alpha is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_common_mode_is_read_as_rgb(mode):
    picture = Image.fromarray(noise((12, 17), 3)).convert("RGB").convert(mode)
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF")
    read = decode(buffer.getvalue(), "photo")
    assert read.pixels.shape == (12, 17, 3)
    np.testing.assert_array_equal(read.pixels, np.asarray(picture.convert("RGB")))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("deep", [False, True])
def test_all_orientations_give_the_same_upright_picture(orientation, deep, tmp_path):
    upright = Image.fromarray(noise((10, 14), 3))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose that exif_transpose reverts
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    path = tmp_path / "turned.tif"
    if deep:
        pixels = np.asarray(stored).astype(np.uint16) * 257
        spec = oiio.ImageSpec(stored.width, stored.height, 3, oiio.UINT16)
        spec.attribute("Orientation", orientation)
        writer = oiio.ImageOutput.create(str(path))
        writer.open(str(path), spec)
        writer.write_image(np.ascontiguousarray(pixels))
        writer.close()
    else:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        stored.save(path, exif=exif)
    read = rx.open(path)
    np.testing.assert_array_equal(read.pixels // (257 if deep else 1), np.asarray(upright))
    read.save(tmp_path / "again.png")
    with Image.open(tmp_path / "again.png") as again:
        assert again.getexif().get(ORIENTATION, 1) == 1


def test_jpeg_keeps_its_tables_subsampling_exif_and_profile(tmp_path):
    from PIL import ImageCms

    exif = Image.Exif()
    exif[0x010F] = "Maker"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = tmp_path / "a.jpg"
    Image.fromarray(noise((32, 48), 3)).save(source, quality=83, subsampling=1, exif=exif, icc_profile=profile)
    rx.open(source).save(tmp_path / "b.jpg")
    with Image.open(source) as before, Image.open(tmp_path / "b.jpg") as after:
        assert after.quantization == before.quantization
        assert after.layer == before.layer
        assert after.getexif()[0x010F] == "Maker"
        assert after.info["icc_profile"] == profile


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_of_any_channels_come_back(channels, suffix, tmp_path):
    pixels = noise((20, 30), channels, np.uint16)
    spec = oiio.ImageSpec(30, 20, channels, oiio.UINT16)
    spec.attribute("oiio:UnassociatedAlpha", 1)
    writer = oiio.ImageOutput.create(f"a{suffix}")
    writer.open(str(tmp_path / f"a{suffix}"), spec)
    writer.write_image(pixels)
    writer.close()
    read = rx.open(tmp_path / f"a{suffix}")
    assert read.grey == (channels < 3)
    read.save(tmp_path / f"b{suffix}")
    again = rx.open(tmp_path / f"b{suffix}")
    np.testing.assert_array_equal(again.pixels, read.pixels)
    np.testing.assert_array_equal(read.pixels[..., 0], pixels[..., 0])
    if channels in (2, 4):
        np.testing.assert_array_equal(again.alpha, pixels[..., -1])


def test_big_tiff_and_lab_are_read(tmp_path):
    picture = Image.fromarray(noise((12, 17), 3))
    picture.save(tmp_path / "big.tif", big_tiff=True)
    np.testing.assert_array_equal(rx.open(tmp_path / "big.tif").pixels, np.asarray(picture))
    Image.new("LAB", (5, 5), (128, 128, 128)).save(tmp_path / "lab.tif")
    lab = rx.open(tmp_path / "lab.tif")
    assert lab.alpha is None
    assert np.abs(lab.pixels.astype(int) - 119).max() <= 3  # L* 50 is 119 of 255 in sRGB


def test_profiles_of_other_colour_models_are_dropped():
    from PIL import ImageCms

    grey = Image.fromarray(noise((8, 8), 1)[..., 0])
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    buffer = io.BytesIO()
    grey.save(buffer, "PNG", icc_profile=lab)
    assert not decode(buffer.getvalue(), "photo").metadata.profile


def test_a_phones_multi_picture_jpeg_becomes_an_ordinary_one():
    buffer = io.BytesIO()
    first, second = (Image.fromarray(noise((16, 16), 3, seed=s)) for s in (1, 2))
    first.save(buffer, "MPO", save_all=True, append_images=[second])
    read = decode(buffer.getvalue(), "photo")
    assert read.format == "JPEG"
    with Image.open(io.BytesIO(read.encoded())) as again:
        assert again.format == "JPEG"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.jpg", b"", "empty file"),
        ("text.jpg", b"hello, this is no picture", "not a JPEG"),
        ("truncated.jpg", SUNSET.read_bytes()[:90_000], "damaged picture"),
        ("page.html", b"<html></html>", "a web page, not a photo"),
    ],
)
def test_bad_files_are_named_with_a_reason(name, data, reason, tmp_path):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(PhotoError, match=reason) as caught:
        rx.open(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(shutil.which("heif-enc") is None, reason="no heif-enc (Debian: libheif-examples)")
def test_heic_is_read_and_comes_back_as_jpeg(tmp_path, reexpose):
    with Image.open(SUNSET) as picture:
        picture.resize((96, 64)).save(tmp_path / "a.png")
    subprocess.run(
        ["heif-enc", "-q", "95", tmp_path / "a.png", "-o", tmp_path / "a.heic"], check=True, capture_output=True
    )
    read = rx.open(tmp_path / "a.heic")
    assert np.abs(read.pixels.astype(int) - rx.open(tmp_path / "a.png").pixels).mean() < 3
    reexpose(tmp_path / "a.heic", "--ev", "-1", check=True)
    assert rx.open(tmp_path / "a_ev-1.jpg").format == "JPEG"


def test_heic_without_its_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(PhotoError, match=r"pip install 'reexposure\[heif\]'"):
        decode(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "a.heic")


@pytest.mark.parametrize(("name", "lossless"), [("a.webp", True), ("a.jxl", True), ("a.avif", False)])
def test_other_formats_come_back_as_themselves(name, lossless, tmp_path):
    before = Photo(noise((30, 40), 3), noise((30, 40), 1, seed=2)[..., 0])
    before.save(tmp_path / "a.png")
    if name == "a.webp":
        Image.open(tmp_path / "a.png").save(tmp_path / name, lossless=True, exact=True)
    else:
        before.save(tmp_path / name)
    read = rx.open(tmp_path / name)
    read.save(tmp_path / f"again{name}")
    again = rx.open(tmp_path / f"again{name}")
    np.testing.assert_array_equal(again.alpha, before.alpha)
    if lossless:
        np.testing.assert_array_equal(again.pixels, before.pixels)


def test_missing_files_and_directories_are_named(tmp_path):
    with pytest.raises(PhotoError, match=r"missing\.jpg: no such file"):
        rx.open(tmp_path / "missing.jpg")
    with pytest.raises(PhotoError, match="is a directory"):
        rx.open(tmp_path)


def test_more_than_200_megapixels_are_refused_before_decoding(tmp_path):
    path = tmp_path / "huge.png"
    Image.new("1", (20_001, 10_000)).save(path)
    with pytest.raises(PhotoError, match="more than 200 megapixels"):
        rx.open(path)


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    target = tmp_path / "out.png"
    target.write_bytes(b"precious")

    def fail(self, format=None):
        raise OSError("disk full")

    monkeypatch.setattr(Photo, "encoded", fail)
    with pytest.raises(PhotoError, match="disk full"):
        Photo(noise((4, 4), 3)).save(target)
    assert target.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_damage_in_a_deep_png_is_found_before_libpng_writes_of_it(interlaced, channels, capfd):
    height, width = 13, 11
    passes = png_picture.PASSES if interlaced else ((0, 0, 1, 1),)
    rows = [
        (-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in passes if x < width and y < height
    ]  # fmt: skip
    raw = b"".join((b"\0" + bytes(2 * channels * columns)) * count for columns, count in rows)
    colours = {1: 0, 3: 2, 4: 6}[channels]

    def file(raw):
        head = struct.pack(">IIBBBBB", width, height, 16, colours, 0, 0, interlaced)
        parts = (b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b"")
        return png.SIGNATURE + b"".join(
            struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in parts
        )

    assert decode(file(raw), "photo").pixels.shape == (height, width, 3)
    last = len(raw) - 1 - 2 * channels * rows[-1][0]
    for damaged in (b"\5" + raw[1:], raw[:last] + b"\xff" + raw[last + 1 :], raw[:-1], b""):
        with pytest.raises(PhotoError, match="damaged"):
            decode(file(damaged), "photo")
    assert capfd.readouterr().err == ""
