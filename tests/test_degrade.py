"""Photos made for training are photos of the light they are paired with."""

import numpy as np
import pytest

from reexposure.light import camera
from reexposure.training import degrade


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


def test_jitter_keeps_light_positive(light):
    for seed in range(20):
        assert degrade.jittered(light, np.random.default_rng(seed)).min() >= 0
