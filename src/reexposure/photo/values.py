"""Values as files store them -> values of 16 bits, with straight alpha."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Shaped, UInt16


def in_16_bits(values: UInt16[np.ndarray, "h w c"], bits: int) -> UInt16[np.ndarray, "h w c"]:
    """Values of ``bits`` bits, 9 to 16, as values of 16: the largest stays the largest.

    >>> in_16_bits(np.array([[[0, 512, 1023]]], np.uint16), 10).tolist()
    [[[0, 32800, 65535]]]
    """
    top = (1 << bits) - 1
    return ((values.astype(np.uint32) * 65535 + top // 2) // top).clip(0, 65535).astype(np.uint16)


def straight(pixels: Shaped[np.ndarray, "h w c"]) -> Shaped[np.ndarray, "h w c"]:
    """Pixels whose colours were multiplied by their alpha, the last channel, with their own colours again.

    >>> straight(np.array([[[59, 100, 128], [7, 7, 0]]], np.uint8)).tolist()
    [[[118, 199, 128], [0, 0, 0]]]
    """
    top = np.float32(np.iinfo(pixels.dtype).max)
    alpha = pixels[..., -1:].astype(np.float32)
    colours = pixels[..., :-1] * (top / np.maximum(alpha, 1)) * (alpha > 0)
    return np.concatenate([np.rint(colours).clip(0, top).astype(pixels.dtype), pixels[..., -1:]], axis=-1)
