"""Photos as a screen is to show them: reduced to the size they appear at, in sRGB."""

from __future__ import annotations

import functools
import io
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from reexposure.arrays import Shaped
from reexposure.photo import Photo, to_8_bits

SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
"""An ICC profile of sRGB, for the files that show such pictures."""


def shown(
    photo: Photo, size_px: tuple[int, int], crop_px: tuple[float, float, float, float] | None = None
) -> Image.Image:
    """The photo, or what lies in ``crop_px`` (left, top, right, bottom), as an sRGB picture of ``size_px`` (w, h).

    Transparent parts show white, as paper does. Colours are converted by the photo's profile,
    relative colorimetric with black point compensation; a damaged profile counts as sRGB.
    """
    picture = _resized(photo.pixels, size_px, crop_px)
    if photo.alpha is not None:
        paper = Image.new("RGB", picture.size, "white")
        picture = Image.composite(picture, paper, _resized(photo.alpha, size_px, crop_px))
    transform = _to_srgb(photo.metadata.get("icc_profile"))
    if transform is not None:
        ImageCms.applyTransform(picture, transform, inPlace=True)
    return picture


def _resized(
    pixels: Shaped[np.ndarray, "h w *c"], size_px: tuple[int, int], crop_px: tuple[float, float, float, float] | None
) -> Image.Image:
    picture = Image.fromarray(np.ascontiguousarray(to_8_bits(pixels)))
    if size_px == picture.size and crop_px is None:
        return picture.copy()  # it shares its memory with the photo
    return picture.resize(size_px, Image.Resampling.LANCZOS, box=crop_px, reducing_gap=4)


@functools.lru_cache(maxsize=8)
def _to_srgb(profile: bytes | None) -> Any:
    """Pillow's transform from a profile to sRGB, or None where it would change no level by more than one."""
    if not profile:
        return None
    try:
        transform = ImageCms.buildTransform(
            io.BytesIO(profile),
            io.BytesIO(SRGB_PROFILE),
            "RGB",
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        return None
    levels = np.linspace(0, 255, 18).astype(np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(18, -1, 3)
    converted = np.asarray(ImageCms.applyTransform(Image.fromarray(colours), transform))
    return transform if np.abs(converted.astype(int) - colours).max() > 1 else None
