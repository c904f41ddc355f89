"""Views show what a pinhole camera inside the panorama would see."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reexposure import scenes
from reexposure.training import views

angles = st.floats(-3, 3)


def direction_panorama(h=128, w=256):
    """A panorama whose colours are the direction of each pixel, moved into [0, 1]."""
    azimuth = ((np.arange(w) + 0.5) / w - 0.5) * 2 * np.pi
    elevation = (0.5 - (np.arange(h) + 0.5) / h) * np.pi
    a, e = np.meshgrid(azimuth, elevation)
    return (np.stack([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)], -1) * 0.5 + 0.5).astype(np.float32)


@given(angles, st.floats(-1.2, 1.2), st.floats(-0.5, 0.5), st.floats(0.7, 1.8))
@settings(max_examples=30)
def test_the_centre_of_a_view_lies_where_the_camera_looks(yaw, pitch, roll, fov):
    view = scenes.perspective(direction_panorama(), scenes.Camera(yaw, pitch, roll, fov), 31, 31)
    seen = view[15, 15] * 2 - 1
    wanted = [np.cos(pitch) * np.sin(yaw), np.sin(pitch), np.cos(pitch) * np.cos(yaw)]
    np.testing.assert_allclose(seen, wanted, atol=0.02)


@given(angles, st.floats(0.7, 1.8))
@settings(max_examples=20)
def test_the_edges_of_a_view_are_its_field_of_view_apart(yaw, fov):
    view = scenes.perspective(direction_panorama(), scenes.Camera(yaw, 0, 0, fov), 3, 101) * 2 - 1
    left, right = view[1, 0], view[1, -1]
    seen = np.arccos(np.clip(left @ right / np.linalg.norm(left) / np.linalg.norm(right), -1, 1))
    edge_to_edge = 2 * np.arctan(np.tan(fov / 2) * 100 / 101)  # between the centres of the outer pixels
    assert seen == pytest.approx(edge_to_edge, abs=0.02)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_normalised_views_have_95_percent_of_their_pixels_in_range(seed):
    view = np.random.default_rng(seed).exponential(50, (20, 30, 3)).astype(np.float32)
    scaled = views.normalised(view)
    assert (scaled.max(-1) <= 1).mean() == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("view", [np.zeros((8, 8, 3)), np.ones((8, 8, 3)), np.full((8, 8, 3), np.nan)])
def test_dead_constant_and_broken_views_are_refused(view):
    assert views.normalised(view.astype(np.float32)) is None


def test_crops_average_the_light_and_refuse_small_images():
    image = np.random.default_rng(0).random((64, 96, 3), dtype=np.float32)
    crop = views.random_crop(image, np.random.default_rng(1), 32)
    assert crop.shape == (32, 32, 3)
    with pytest.raises(ValueError, match="smaller than a view"):
        views.random_crop(image, np.random.default_rng(1), 65)
