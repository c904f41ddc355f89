"""What the page gets of a radiance map: the photo and its light as raw textures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reexposure import camera
from reexposure.arrays import Float32, Shaped
from reexposure.photo import Photo
from reexposure.radiance import RadianceMap

MAX_VIEW_PX = 26_000_000
"""Larger photos are shown reduced (and saved in full): their textures would not fit a small GPU."""

BAND_ROWS = 256


def step_of(height_px: int, width_px: int, max_side_px: int) -> int:
    """The whole number by which the photo is reduced for the page, which takes ``max_side_px``."""
    step = 1
    while max(height_px, width_px) // step > max_side_px or height_px * width_px // step**2 > MAX_VIEW_PX:
        step += 1
    return min(step, height_px, width_px)


def write(radiance: RadianceMap, folder: Path, step: int = 1) -> None:
    """Write two textures of (h // step, w // step, 4), row by row, to ``folder``.

    ``input``: uint8, the photo as encoded, with its alpha. ``light``: float16, linear light (1.0 =
    clip level), and how far it was reconstructed: positive over-exposed, negative under-exposed.
    """
    height = len(radiance.linear) // step * step
    with (folder / "input").open("wb") as encoded, (folder / "light").open("wb") as light:
        for top in range(0, height, BAND_ROWS * step):
            rows = slice(top, min(top + BAND_ROWS * step, height))
            pixels = radiance.photo.pixels[rows] / np.float32(radiance.photo.levels)
            over, under = camera.over_exposure(pixels).max(-1), camera.under_exposure(pixels).max(-1)
            alpha = np.ones(over.shape, np.float32)
            if radiance.photo.alpha is not None:
                alpha = radiance.photo.alpha[rows] / np.float32(radiance.photo.levels)
            shown = np.dstack([pixels, alpha]) * np.float32(255)
            np.rint(_reduced(shown, step)).astype(np.uint8).tofile(encoded)
            lit = np.dstack([radiance.linear[rows].clip(0, 65504), np.where(over > 0, over, -under)])
            _reduced(lit, step).astype(np.float16).tofile(light)


def is_display_p3(photo: Photo) -> bool:
    """Whether the photo's numbers mean Display P3 colours, as most phones' do, and not sRGB."""
    profile = photo.metadata.get("icc_profile", b"")
    return b"Display P3" in profile or "Display P3".encode("utf-16-be") in profile


def _reduced(picture: Float32[np.ndarray, "h w 4"], step: int) -> Shaped[np.ndarray, "h2 w2 4"]:
    """Means over ``step`` x ``step`` pixels."""
    if step == 1:
        return picture
    height, width = len(picture) // step, picture.shape[1] // step
    return picture[:, : width * step].reshape(height, step, width, step, 4).mean((1, 3))
