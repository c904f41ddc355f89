"""Bits a value: 8 or 16."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reexposure.arrays import Shaped
from reexposure.light import bands, camera, colour, transfer
from reexposure.photo import colours

if TYPE_CHECKING:
    from reexposure.photo.photo import Photo


def to_8_bits(pixels: Shaped[np.ndarray, "h w *c"]) -> Shaped[np.ndarray, "h w *c"]:
    """Pixels of 16 bits rounded to 8; those of 8 as they are."""
    if pixels.dtype == np.uint8:
        return pixels
    rounded = np.empty(pixels.shape, np.uint8)

    def work(rows: slice) -> None:
        rounded[rows] = (pixels[rows].astype(np.uint32) + 128) // 257

    bands.over_rows(work, *pixels.shape[:2])
    return rounded


def in_16_bits(photo: Photo) -> Photo:
    """The same photo in 16 bits."""
    if photo.levels > 255:
        return photo
    alpha = None if photo.alpha is None else photo.alpha * np.uint16(257)
    return replace(photo.with_pixels(photo.pixels * np.uint16(257)), alpha=alpha)


def in_8_bits(photo: Photo) -> Photo:
    """The photo in 8 bits: of its own curve, or of sRGB's where its own has too few of them (linear light)."""
    if photo.levels == 255:
        return photo
    pixels, metadata, space = photo.pixels, photo.metadata, photo.colour_space
    if not transfer.is_ordinary(space.response):
        pixels = np.empty_like(photo.pixels)
        usual = colour.named(space.primaries)

        def encode(rows: slice) -> None:
            linear = space.response.decode(photo.pixels[rows] / np.float32(photo.levels))
            pixels[rows] = np.rint(camera.photograph(linear, response=usual.response) * np.float32(photo.levels))

        bands.over_rows(encode, *pixels.shape[:2])
        metadata = colours.naming(usual, metadata, photo.grey)
    alpha = None if photo.alpha is None else to_8_bits(photo.alpha)
    return replace(photo, pixels=to_8_bits(pixels), alpha=alpha, metadata=metadata)
