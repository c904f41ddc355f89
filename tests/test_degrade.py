"""Photos made for training are photos of the light they are paired with."""

import numpy as np
import pytest

from reexposure.light import camera
from reexposure.training import alter, degrade

pytestmark = pytest.mark.extras


@pytest.fixture
def light():
    rng = np.random.default_rng(3)
    smooth = np.repeat(np.linspace(0.002, 3, 96, dtype=np.float32)[None, :], 64, 0)[..., None]
    return smooth * rng.uniform(0.7, 1.2, 3).astype(np.float32)


def test_known_light_is_the_photos_own_and_lost_light_is_the_scenes(light):
    for seed in range(12):
        photo, radiance = degrade.take_photo(light, np.random.default_rng(seed))
        known = (photo > 0.15) & (photo < 0.85) & (light < 0.9)
        off = camera.RESPONSES["sqrt"].encode(radiance[known]) - photo[known]
        assert np.abs(np.mean(off)) < 0.01
        np.testing.assert_array_equal(radiance[light >= 1], light[light >= 1])


def test_noise_is_from_hardly_any_to_a_few_levels():
    """What is left of it in a JPEG of a dark, plain surface."""
    flat = np.full((64, 64, 3), 0.003, np.float32)
    levels = [255 * degrade.take_photo(flat, np.random.default_rng(seed))[0].std() for seed in range(40)]
    assert min(levels) < 0.3
    assert 3 < max(levels) < 20


def test_the_same_seed_takes_the_same_photo(light):
    first, second = (degrade.take_photo(light, np.random.default_rng(5))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_exposures_clip_the_share_they_say(light):
    rng = np.random.default_rng(0)
    exposures = degrade.Exposures(clipped_share=(0.1, 0.1001), shift_probability=0.0)
    exposed = camera.expose(light, exposures.sample(light, rng))
    assert (exposed.max(-1) >= 1).mean() == pytest.approx(0.1, abs=0.02)


def test_photographs_are_over_exposed_by_one_to_four_stops(light):
    rng = np.random.default_rng(0)
    exposures = degrade.PhotographExposures(clipped_share=(0.3, 0.3001))
    assert exposures.sample(light, rng) == 1.0  # 30 % would take less
    assert exposures.sample(light / 16, rng) == pytest.approx(np.log2(16 / np.percentile(light.max(-1), 70)), abs=0.01)
    assert exposures.sample(light / 1000, rng) == 4.0


def test_sharpening_adds_what_a_blur_takes():
    edge = np.repeat(np.where(np.arange(32) < 16, 0.3, 0.6).astype(np.float32)[None, :, None], 8, 0).repeat(3, -1)
    sharp = degrade.sharpened(edge, amount=1.0, sigma_px=0.8)
    np.testing.assert_allclose(sharp + alter.blurred(edge, 0.8), 2 * edge, atol=1e-6)
    assert sharp[4, 15, 0] < 0.25
    assert sharp[4, 16, 0] > 0.65
