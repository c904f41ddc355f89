"""One scene's light becomes many scenes' light, and stays light."""

import numpy as np
import pytest

from reexposure.training import alter

pytestmark = pytest.mark.extras


def test_colours_never_darken_a_channel_of_white():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        matrix = alter.colours(rng)
        white = alter.jittered(np.ones((1, 1, 3), np.float32), matrix)
        assert white.min() == pytest.approx(1, abs=1e-5)
        assert alter.jittered(rng.uniform(0, 3, (8, 8, 3)).astype(np.float32), matrix).min() >= 0


def test_spread_multiplies_stops_over_white_and_keeps_hues():
    light = np.array([[[0.9, 0.5, 0.1], [4.0, 2.0, 1.0]]], np.float32)
    spread = alter.with_spread(light, 1.5)
    np.testing.assert_allclose(spread[0], [[0.9, 0.5, 0.1], [8, 4, 2]], rtol=1e-5)


def test_only_parts_far_over_white_are_shifted_each_on_its_own():
    light = np.full((20, 30, 3), 0.5, np.float32)
    light[2:6, 2:6] = 64  # six stops over
    light[2:6, 20:24] = 64
    light[12:16, 10:14] = 4  # two stops over
    shifted = alter.with_shifted_parts(light, np.random.default_rng(3))
    np.testing.assert_array_equal(shifted[12:], light[12:])
    np.testing.assert_array_equal(shifted[0], light[0])
    one, two = (np.log2(shifted[3, column, 0] / 64) for column in (3, 21))
    assert abs(one - two) > 0.1
    assert max(abs(one), abs(two)) <= 2
    assert shifted.min() >= 0.5


def test_a_sun_only_adds_light_and_falls_with_distance_from_a_core_far_over_white():
    light = np.full((48, 64, 3), 0.3, np.float32)
    light[:16] = 0.8
    for seed in range(10):
        sunny = alter.with_sun(light, np.random.default_rng(seed))
        np.testing.assert_array_equal(sunny, alter.with_sun(light, np.random.default_rng(seed)))
        assert (sunny >= light).all()
        assert sunny.min(-1).max() > 16  # four stops over: white even then
        row, _ = np.unravel_index(sunny.min(-1).argmax(), sunny.shape[:2])
        assert row < 16  # where it was bright already
        assert (sunny - light).mean((1, 2))[-8:].max() < (sunny - light).mean((1, 2))[row]


def test_no_sun_hides_in_what_burns_already():
    light = np.full((48, 64, 3), 1.5, np.float32)
    np.testing.assert_array_equal(alter.with_sun(light, np.random.default_rng(1)), light)
