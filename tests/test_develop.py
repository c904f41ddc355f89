"""Highlights and shadows: what is left alone, what comes back, and what must not happen on the way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reexposure.light import camera, colour, develop, resampling, surroundings
from reexposure.light.develop import Settings
from reexposure.photo.photo import Photo
from reexposure.radiance.radiance import RadianceMap

WEIGHTS = colour.luminances(colour.ColourSpace())
ALL_SETTINGS = [(-100, 0), (-50, 0), (100, 0), (0, 100), (0, -100), (-100, 100)]


def luminance(linear):
    return linear @ np.array(WEIGHTS)


def developed(linear, ev=0.0, highlights=0.0, shadows=0.0):
    """Light before it is clipped, its map made for it."""
    small = surroundings.slope_and_offset(surroundings.reduced_ev(linear, WEIGHTS))
    full = resampling.Enlarged(small, *linear.shape[:2]).cut(slice(0, len(linear)), slice(None))
    return develop.developed(linear, full, Settings(ev, highlights, shadows), WEIGHTS)


def grey(ev):
    """Grey light of so many stops over white."""
    return np.exp2(np.asarray(ev, np.float32))[..., None] * np.ones(3, np.float32)


def picture(pixels, linear=None):
    linear = (pixels / np.float32(np.iinfo(pixels.dtype).max)) ** 2 if linear is None else linear
    return RadianceMap(linear.astype(np.float32), Photo(pixels))


def noise(seed=0, shape=(40, 50, 3), low=0, high=256):
    return np.random.default_rng(seed).integers(low, high, shape).astype(np.uint8)


scenes = arrays.arrays(np.float32, (12, 30), elements=st.floats(-9, 9, width=32))


@pytest.mark.parametrize("ev", [-3, -0.5, 0, 2])
def test_without_highlights_and_shadows_it_is_plain_exposure_to_the_bit(ev):
    radiance = picture(noise())
    plain = camera.photograph(radiance.linear, np.float32(ev), radiance.curve)
    np.testing.assert_array_equal(radiance.develop(ev).pixels, np.rint(plain * np.float32(255)))
    np.testing.assert_array_equal(radiance.develop(ev).pixels, radiance.expose(ev).pixels)


@pytest.mark.parametrize(("highlights", "shadows"), ALL_SETTINGS)
def test_midtones_are_the_photos_own(highlights, shadows):
    """Between 0.4 and 0.6 of white, whatever is around them."""
    pixels = noise(1)
    pixels[10:30, 10:40] = noise(2, (20, 30, 3), 102, 154)
    after = picture(pixels).develop(0, highlights, shadows).pixels
    np.testing.assert_array_equal(after[10:30, 10:40], pixels[10:30, 10:40])
    if not shadows:
        darker = (pixels <= 153).all(-1)
        np.testing.assert_array_equal(after[darker], pixels[darker])


@given(st.floats(-12, 12), st.floats(-100, 100), st.floats(-100, 100))
def test_in_the_same_surroundings_the_brighter_stays_the_brighter(around, highlights, shadows):
    own = np.linspace(-11.9, 12, 300, dtype=np.float32)[None]
    after = own + develop.moved(own, np.full_like(own, around), np.float32(highlights / 100), np.float32(shadows / 100))
    assert np.diff(after).min() > 0


@settings(max_examples=100, deadline=None)
@given(scenes, st.sampled_from(ALL_SETTINGS))
def test_neighbours_never_swap_their_order(ev, setting):
    """By less than the level that rounding takes, in scenes of all kinds."""
    light = grey(ev)
    after = 255 * np.sqrt(luminance(developed(light, 0.0, *setting)).clip(0, 1))
    for axis in (0, 1):
        before, now = np.diff(luminance(light), axis=axis), np.diff(after, axis=axis)
        assert np.abs(now[before * now < 0]).max(initial=0) < 1


@pytest.mark.parametrize("height_ev", [0.5, 1, 2, 4])
def test_a_skyline_has_no_halo(height_ev):
    """The sky beside the roofs is as bright as far from them, and the roofs are as dark."""
    sky = np.full((80, 60), height_ev, np.float32)
    sky[40:] = -4 + 0.05 * np.random.default_rng(0).standard_normal((40, 60))
    after = np.sqrt(luminance(developed(grey(sky), 0, -100))[:40])
    edge = after[0].mean() - 2.0**-2
    assert np.abs(after - after[0].mean()).max() < 0.02 * edge


def test_highlights_come_back_below_white_and_suns_stay_white():
    scene = np.full((60, 60), 1.0, np.float32)  # a sky a stop over white
    scene[:, :20] = 0.5
    scene[28:32, 38:42] = 8  # and a sun
    photo = picture(np.full((60, 60, 3), 255, np.uint8), grey(scene))
    plain, halfway, back = (photo.develop(0, highlights).pixels[..., 0] for highlights in (0, -50, -100))
    assert (plain == 255).all()
    assert (back[:, :10] < 235).all()
    assert (back[:10, 50:] < 240).all()
    assert back[0, 0] < back[0, 59] - 5
    assert (back[30, 40], halfway[30, 40]) == (255, 255)
    assert (back <= halfway).all()


def test_an_exposure_rolls_off_instead_of_burning():
    photo = picture(noise(3, (40, 50, 1), high=220) + noise(4, high=30))
    burnt = (photo.develop(2).pixels == 255).mean()
    rolled = photo.develop(2, -100).pixels
    assert burnt > 0.4
    assert (rolled == 255).mean() < 0.05


def test_detail_is_kept():
    """Texture of a tenth of a stop in a sky two stops over white: a curve alone leaves a quarter of it."""
    texture = 0.1 * np.random.default_rng(4).choice([-1, 1], (60, 60))
    after = np.log2(luminance(developed(grey(2 + texture), 0, -100)))
    assert 0.07 < after.std() < 0.12


@pytest.mark.parametrize("light", [(3, 1.2, 0.4), (0.2, 0.5, 2.5), (1.4, 0.3, 0.3)])
def test_hue_stays_on_the_way_down(light):
    before = np.full((20, 20, 3), light, np.float32)
    after = developed(before, 0, -100)
    assert after.max() <= 1 + 1e-5
    order = np.argsort(light)
    low, middle, high = (after[..., place] for place in order)
    expected = (light[order[1]] - light[order[0]]) / (light[order[2]] - light[order[0]])
    np.testing.assert_allclose((middle - low) / (high - low), expected, atol=1e-3)


def test_highlights_have_no_bands():
    """A smooth sky stays smooth: no step larger than its own."""
    ramp = np.broadcast_to(np.linspace(-2, 3, 600, dtype=np.float32), (40, 600))
    for setting in ALL_SETTINGS:
        after = np.log2(luminance(developed(grey(ramp), 0, *setting)).clip(1e-4, 4))[20]
        assert np.abs(np.diff(after)).max() < 2.1 * 5 / 600


def test_shadows_open_and_black_stays_black():
    scene = np.full((40, 40), -7.0, np.float32)
    scene[:, 20:] = -1
    photo = picture(np.zeros((40, 40, 3), np.uint8), grey(scene) * (np.arange(40) > 2)[:, None, None])
    opened = photo.develop(0, 0, 100).pixels[..., 0]
    assert opened[20, 5] > 1.8 * photo.develop().pixels[20, 5, 0]
    assert (opened[:3] == 0).all()
    np.testing.assert_array_equal(opened[:, 20:], photo.develop().pixels[:, 20:, 0])


def test_a_step_of_the_slider_is_a_small_one():
    """From 0 on, without a jump, and each further."""
    photo = picture(np.full((30, 30, 3), 255, np.uint8), np.random.default_rng(5).uniform(0.2, 4, (30, 30, 3)))
    before = photo.develop().pixels.astype(int)
    for highlights in range(-2, -101, -2):
        after = photo.develop(0, highlights).pixels.astype(int)
        assert np.abs(after - before).max() <= 24
        before = after


def test_what_was_done_is_in_xmp():
    xmp = picture(noise()).develop(-0.5, -80, 25).metadata.xmp
    for said in (b'ExposureChange="-0.5"', b'Highlights="-80"', b'Shadows="+25"'):
        assert said in xmp
    assert b"Highlights" not in picture(noise()).expose(1).metadata.xmp


@pytest.mark.parametrize("wrong", [{"highlights": -101}, {"shadows": 100.5}, {"shadows": np.nan}, {"ev": np.inf}])
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"range|finite"):
        picture(noise()).develop(**wrong)
