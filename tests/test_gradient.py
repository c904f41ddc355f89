"""The graduated filter: where it acts, how softly, and what it leaves alone."""

import numpy as np
import pytest

from reexposure.light.develop import Settings
from reexposure.light.gradient import Gradient, along
from reexposure.photo.photo import Photo
from reexposure.radiance.radiance import RadianceMap

SKY = Gradient(-2, (0.5, 0.2), (0.5, 0.6))


def radiance_of(pixels, linear=None):
    return RadianceMap((pixels / np.float32(255)) ** 2 if linear is None else linear, Photo(pixels))


def test_it_is_full_before_its_start_and_gone_beyond_its_end():
    pixels = np.random.default_rng(1).integers(30, 230, (100, 60, 3)).astype(np.uint8)
    radiance = radiance_of(pixels)
    after = radiance.develop(gradient=SKY).pixels
    np.testing.assert_array_equal(after[:20], radiance.expose(-2).pixels[:20])
    np.testing.assert_array_equal(after[60:], pixels[60:])


def test_it_is_feathered_across_the_way_and_even_along_it():
    share = along(Gradient(1, (0.1, 0.3), (0.8, 0.6)), 90, 160, slice(0, 90))
    steps = np.abs(np.diff(share, axis=1))
    assert steps.max() < 1.6 / (0.7 * 160)  # smoothstep is one and a half as steep as a straight line
    assert np.abs(np.diff(steps)).max() < 1e-3
    np.testing.assert_array_equal(along(SKY, 50, 40, slice(10, 30)), along(SKY, 50, 40, slice(0, 50))[10:30])


def test_highlights_see_the_light_that_it_leaves():
    """A sky two stops over white, darkened by two, needs no highlights brought back."""
    pixels = np.full((80, 90, 3), 255, np.uint8)
    pixels[40:] = 60
    linear = (pixels / np.float32(255)) ** 2
    linear[:40] = 4
    radiance = radiance_of(pixels, linear)
    dark = radiance.develop(0, -100, 0, Gradient(-4, (0.5, 0.55), (0.5, 0.8))).pixels
    np.testing.assert_allclose(dark[:30], 128, atol=1)


def test_reconstructed_highlights_are_a_mask_with_the_edges_of_the_picture():
    """A clipped sky behind a dark roof is darkened up to it, and the roof is left alone."""
    pixels = np.full((120, 160, 3), 255, np.uint8)
    pixels[60:] = 40
    linear = (pixels / np.float32(255)) ** 2
    linear[:60] = 3
    radiance = radiance_of(pixels, linear)
    there = Gradient(-2, where="highlights")
    after = radiance.develop(-1, gradient=there).pixels.astype(int)
    np.testing.assert_allclose(after[:60], 255 * np.sqrt(3 / 8), atol=3)
    np.testing.assert_allclose(after[62:], 40 / np.sqrt(2), atol=1)
    known = RadianceMap(linear, Photo(pixels), origin="gain map")  # of which nothing was reconstructed
    np.testing.assert_array_equal(known.develop(-1, gradient=there).pixels, known.expose(-1).pixels)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ev": 9}, "out of range"),
        ({"ev": float("nan")}, "out of range"),
        ({"ev": 1, "start": (0.5, -0.1)}, "outside of the picture"),
        ({"ev": 1, "end": (1.2, 0.5)}, "outside of the picture"),
        ({"ev": 1, "start": (0.5, 0.5), "end": (0.5, 0.5)}, "ends where it starts"),
        ({"ev": 1, "where": "sky"}, "line, highlights"),
    ],
)
def test_what_cannot_be_is_said(settings, said):
    with pytest.raises(ValueError, match=said):
        Gradient(**settings)


def test_it_is_recorded_and_read_again():
    for gradient in (SKY, Gradient(0.3, (0.125, 0), (1, 0.3333), "highlights")):
        settings = Settings(-1, -50, 20, gradient)
        assert Settings.of_told(settings.told()) == settings
    with pytest.raises(ValueError, match="not a gradient"):
        Gradient.of_told("-1 EV line 0.5")
    picture = radiance_of(np.full((4, 4, 3), 90, np.uint8)).develop(gradient=SKY)
    assert b'Gradient="-2 EV line 0.5,0.2 0.5,0.6"' in picture.metadata.xmp
