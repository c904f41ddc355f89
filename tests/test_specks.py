"""What clipped and is too small for the network to see gets light by a formula, which one can check by hand."""

import numpy as np

import reexposure as rx
from reexposure.photo.photo import Photo
from reexposure.reconstruction import highlights, specks

WIDE = (1400, 1800)
"""More than the network looks at."""


def photo_of(*burnt, size=WIDE):
    pixels = np.full((*size, 3), 90, np.uint8)
    for top, left, tall, wide in burnt:
        pixels[top : top + tall, left : left + wide] = 255
    return Photo(pixels)


def test_the_network_says_something_up_to_two_pixels_from_what_it_sees():
    small = np.full((9, 18, 3), 0.5, np.float32)
    small[4, 5, 0] = 1
    small[4, 0, 1] = 0.95
    expected = np.ones((9, 18, 3), np.float32)
    expected[2:7, 3:8, 0] = expected[2:7, :3, 1] = 0
    np.testing.assert_array_equal(specks.unknown(small, sphere=False), expected)
    expected[2:7, -2:, 1] = 0  # beyond the line where a panorama begins
    np.testing.assert_array_equal(specks.unknown(small, sphere=True), expected)


def test_a_speck_is_the_brighter_the_wider_it_is():
    photo = photo_of((20, 30, 3, 3), (20, 60, 1, 1), (0, 0, 2, 2), size=(40, 80))
    gain = specks.gain_of(photo, slice(0, 40), slice(0, 80))[..., 0]
    for place, count in (((21, 31), 9), ((20, 30), 9), ((19, 31), 6), ((18, 31), 3), ((20, 60), 1), ((0, 0), 4)):
        assert gain[place] == np.float32(1.5) * np.float32(count / 25)
    assert gain[30:].max() == 0
    np.testing.assert_array_equal(specks.gain_of(photo, slice(20, 25), slice(29, 33))[..., 0], gain[20:25, 29:33])


def test_specks_of_a_photo_that_the_network_sees_reduced_come_back(monkeypatch):
    photo = photo_of((600, 500, 2, 2), (100, 100, 200, 200))
    light = rx.reconstruct(photo, detail=0).linear
    np.testing.assert_allclose(light[600:602, 500:502], 2 ** (1.5 * 4 / 25), rtol=1e-6)
    monkeypatch.setattr(highlights, "ROWS_PX", 37)
    np.testing.assert_array_equal(rx.reconstruct(photo, detail=0).linear, light)
    alone = rx.reconstruct(photo_of((100, 100, 200, 200)), detail=0).linear
    there = np.s_[100:300, 100:300]
    monkeypatch.setattr(specks, "SPECK_EV", 0)  # what the network sees is its own
    np.testing.assert_array_equal(rx.reconstruct(photo_of((100, 100, 200, 200)), detail=0).linear[there], alone[there])
