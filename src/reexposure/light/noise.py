"""Noise that is a function of a seed and a place alone, the same in Python and on the page (page/light/noise.js)."""

from __future__ import annotations

from typing import Any

import numpy as np

from reexposure.arrays import Float32


def noise(seed: int, rows: slice, columns: slice) -> Float32[np.ndarray, "h w"]:
    """Uniform noise of mean 0 and deviation 1 at these pixels; ``seed`` has 32 bits.

    >>> bool(noise(7, slice(2, 4), slice(0, 3))[1, 2] == noise(7, slice(0, 9), slice(0, 9))[3, 2])
    True
    """
    y, x = (np.arange(part.start, part.stop, dtype=np.uint32) for part in (rows, columns))
    hashed = _mixed(_mixed(np.uint32(seed) ^ _mixed(y))[:, None] + x)
    return (hashed >> np.uint32(8)).astype(np.float32) * np.float32(12**0.5 / 2**24) - np.float32(3**0.5)


def _mixed(x: Any) -> Any:
    """A hash of 32 bits to as many (lowbias32, Wellons 2018, public domain)."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))
