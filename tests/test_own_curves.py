"""A file's own curve decodes it, and profiles made of tables are followed."""

import numpy as np
import pytest
from coloured import CURVES, REC_2020, SDR, SRGB, deep, iccp, in_srgb, middles, png, profile_with, shown, table_profile

import reexposure as rx
from reexposure.figures.closeup import brightness_change
from reexposure.light import camera, colour, icc, transfer
from reexposure.photo.shown import shown as rx_shown
from reexposure.server import view


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


def test_linear_light_of_16_bits_does_not_break_into_steps_in_8():
    response = camera.PowerResponse(1.0)
    photo = rx.open(png(deep(SDR / 4), iccp(profile_with(response))))
    written = rx.reconstruct(photo, "srgb").expose(0).encoded("JPEG")
    assert transfer.is_ordinary(rx.open(written).colour_space.response)
    np.testing.assert_allclose(shown(written), in_srgb(SDR / 4, REC_2020), atol=0.01)
    kept = rx.reconstruct(photo).expose(0).encoded("PNG")
    assert rx.open(kept).colour_space == photo.colour_space


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
    drawn = view.for_page(radiance)
    assert drawn.response == "srgb"
    assert view.colours(drawn.photo.colour_space)["curve"] == {"kind": "srgb"}
    np.testing.assert_allclose(middles(drawn.photo.pixels) / 65535, SRGB.encode(SDR), atol=0.002)
    np.testing.assert_array_equal(drawn.linear, radiance.linear)
    plain = brightness_change(radiance.photo, -1, radiance.curve)
    np.testing.assert_allclose(response.decode(middles(plain.pixels) / 65535), SDR / 2, rtol=0.01)


def test_the_page_draws_ordinary_photos_as_they_are():
    radiance = rx.reconstruct(png(deep(SRGB.encode(SDR))))
    assert view.for_page(radiance) is radiance
