"""What the networks look at: the photo reduced, in sRGB."""

from __future__ import annotations

import contextlib

import numpy as np
from PIL import Image

from reexposure.arrays import Float32
from reexposure.light import camera, littlecms
from reexposure.light.numbers import NUMBERS
from reexposure.light.resampling import reduced
from reexposure.photo.photo import Photo

STRIDE_PX = NUMBERS["stride_px"]


def look(photo: Photo, most_px: int) -> Float32[np.ndarray, "h w 3"]:
    """The photo, encoded in [0, 1], reduced to at most ``most_px`` pixels.

    A photo narrower than a network's stride is padded to it: of that, too, it sees so much and no more.
    """
    return in_srgb(small(photo, most_px), photo)


def small(photo: Photo, most_px: int) -> Float32[np.ndarray, "h w 3"]:
    """The same in the photo's own colours."""
    return reduced(photo.pixels, *size(photo, most_px)) / np.float32(photo.levels)


def size(photo: Photo, most_px: int) -> tuple[int, int]:
    """Rows and columns of what `look` makes of a photo."""
    height, width = photo.pixels.shape[:2]
    shrink = min(1.0, (most_px / (height * width)) ** 0.5, most_px / (STRIDE_PX * max(height, width)))
    return max(1, round(height * shrink)), max(1, round(width * shrink))


def in_srgb(own: Float32[np.ndarray, "h w 3"], photo: Photo) -> Float32[np.ndarray, "h w 3"]:
    """Encoded values of the photo's colour space as sRGB: the network learnt what things look like there."""
    if photo.grey or photo.colour_space.is_srgb:
        return own
    # The converter knows 8 bits only; what rounding takes is given back, as a shade is a shade in any space.
    rounded = camera.quantise(own)
    eye = Image.fromarray(np.rint(rounded * 255).astype(np.uint8))
    with contextlib.suppress(ValueError):
        converted = np.asarray(littlecms.to_srgb(eye, photo.metadata.profile), np.float32) / 255
        return (converted + own - rounded).clip(0, 1)
    return own
