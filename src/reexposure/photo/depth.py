"""Bits a value: 8 or 16."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Shaped


def to_8_bits(pixels: Shaped[np.ndarray, "h w *c"]) -> Shaped[np.ndarray, "h w *c"]:
    """Pixels of 16 bits rounded to 8; those of 8 as they are."""
    if pixels.dtype == np.uint8:
        return pixels
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
