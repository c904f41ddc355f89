"""Grey, alpha, CMYK and Lab are what they mean, and what a format cannot hold is said."""

import numpy as np
import pytest
from coloured import (
    SDR,
    SRGB,
    avif,
    changed_tiff,
    deep,
    exif_of,
    iccp,
    in_srgb,
    jpeg_file,
    middles,
    patches,
    png,
    shown,
    table_profile,
)

import reexposure as rx
from reexposure.light import camera, colour, icc
from reexposure.light.colour import ColourSpace


def test_a_grey_profile_is_followed(tmp_path):
    linear = icc.profile_of(ColourSpace(response=camera.PowerResponse(1.0)), grey=True)
    photo = rx.open(png(deep(SDR)[..., 1:2], iccp(linear)))
    rx.reconstruct(photo, "srgb").save(tmp_path / "a.exr")
    np.testing.assert_allclose(middles(rx.open(tmp_path / "a.exr").linear)[1:], SDR[1:, [1, 1, 1]], rtol=0.01)
    assert photo.metadata.profile == linear
    darker = rx.reconstruct(photo).expose(-2)
    assert darker.metadata.profile == linear
    np.testing.assert_allclose(middles(darker.pixels)[1:4, 0] / 65535, SDR[1:4, 0] / 4, rtol=0.01)


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


def test_what_a_format_cannot_hold_is_said_and_the_nearest_that_can_is_chosen():
    values = deep(SRGB.encode(SDR))
    photo = rx.open(avif((values >> 6), (1, 13), 10))
    assert photo.natural_format == "PNG"
    assert photo.lost_in("AVIF") == "AVIF does not hold more than 8 bits (PNG, TIFF and JPEG XL do)"
    assert photo.lost_in("TIFF") is None
    shallow = rx.open(png((values >> 8).astype(np.uint8)))
    assert shallow.natural_format == "PNG"
    assert shallow.lost_in("JPEG") is None


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


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_grey_profile_is_named_in_every_format(format):
    profile = icc.profile_of(ColourSpace(response=camera.PowerResponse(1.8)), grey=True)
    grey = np.rint(patches(SDR[:4, 1:2] ** (1 / 1.8)) * 255).astype(np.uint8)
    written = rx.reconstruct(png(grey, iccp(profile))).expose(0).encoded(format)
    np.testing.assert_allclose(shown(written), SDR[:4], atol=0.01)
