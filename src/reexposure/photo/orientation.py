"""How a picture lies in its file, and how it is turned upright."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Shaped


def upright(pixels: Shaped[np.ndarray, "h w c"], orientation: int) -> Shaped[np.ndarray, "h2 w2 c"]:
    """``pixels`` as seen when held by EXIF ``orientation`` (1 to 8)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
