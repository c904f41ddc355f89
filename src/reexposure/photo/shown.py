"""Photos as a screen is to show them: reduced to the size they appear at, in sRGB."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from reexposure.arrays import Shaped
from reexposure.light import camera, colour, icc, littlecms
from reexposure.light.resampling import resized
from reexposure.photo.depth import in_8_bits, to_8_bits

if TYPE_CHECKING:
    from reexposure.photo.photo import Photo

SRGB_PROFILE = icc.profile_of(colour.ColourSpace())
"""An ICC profile of sRGB, for the files that show such pictures."""


def shown(
    photo: Photo, size_px: tuple[int, int], crop_px: tuple[float, float, float, float] | None = None
) -> Image.Image:
    """The photo, or what lies in ``crop_px`` (left, top, right, bottom), as an sRGB picture of ``size_px`` (w, h).

    Transparent parts show white, as paper does. Colours are converted by the photo's profile,
    relative colorimetric with black point compensation; a damaged profile counts as sRGB.
    """
    photo = in_8_bits(photo)
    picture = _resized(photo.pixels, size_px, crop_px)
    if photo.alpha is not None:
        paper = Image.new("RGB", picture.size, "white")
        picture = Image.composite(picture, paper, _resized(photo.alpha, size_px, crop_px))
    if photo.grey:
        own = photo.colour_space.response.decode(np.linspace(0, 1, 256))
        return picture.point(np.rint(camera.photograph(own, response=colour.ColourSpace().response) * 255).tolist() * 3)
    with contextlib.suppress(ValueError):
        return littlecms.to_srgb(picture, photo.metadata.profile)
    return picture


def _resized(
    pixels: Shaped[np.ndarray, "h w *c"], size_px: tuple[int, int], crop_px: tuple[float, float, float, float] | None
) -> Image.Image:
    codes = to_8_bits(pixels)
    if size_px == codes.shape[1::-1] and crop_px is None:
        return Image.fromarray(np.ascontiguousarray(codes)).copy()  # it would share its memory with the photo
    return Image.fromarray(resized(codes, size_px, crop_px=crop_px))
