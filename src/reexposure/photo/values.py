"""Values as files store them -> values of 16 bits, with straight alpha."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Shaped, UInt16
from reexposure.light import bands


def in_16_bits(values: UInt16[np.ndarray, "h w c"], bits: int) -> UInt16[np.ndarray, "h w c"]:
    """Values of ``bits`` bits, 9 to 16, as values of 16: the largest stays the largest.

    >>> in_16_bits(np.array([[[0, 512, 1023]]], np.uint16), 10).tolist()
    [[[0, 32800, 65535]]]
    """
    table = np.rint(np.linspace(0, 65535, 1 << bits)).astype(np.uint16)
    return table.take(values, mode="clip")


def straight(pixels: Shaped[np.ndarray, "h w c"]) -> Shaped[np.ndarray, "h w c"]:
    """Pixels whose colours were multiplied by their alpha, the last channel, with their own colours again.

    >>> straight(np.array([[[59, 100, 128], [7, 7, 0]]], np.uint8)).tolist()
    [[[118, 199, 128], [0, 0, 0]]]
    """
    top, result = np.float32(np.iinfo(pixels.dtype).max), pixels.copy()

    def work(rows: slice) -> None:
        alpha = pixels[rows, :, -1:].astype(np.float32)
        colours = pixels[rows, :, :-1] * (top / np.maximum(alpha, 1)) * (alpha > 0)
        result[rows, :, :-1] = np.rint(colours).clip(0, top)

    bands.over_rows(work, *pixels.shape[:2])
    return result
