"""PIQE: how disturbed a picture looks by itself, without a reference.

Source: Venkatanath et al. 2015, "Blind image quality evaluation using perception based features",
in the form that is used everywhere, MATLAB's `piqe`, peculiarities included.
"""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Bool, Shaped

BLOCK_PX = 16
SEGMENT_PX = 6
ACTIVE_VARIANCE = 0.1
FLAT_DEVIATION = 0.1


def piqe(grey: Shaped[np.ndarray, "h w"]) -> float:
    """0 (undisturbed) to 100 of a grey picture, whose brightest value is taken as white.

    Only blocks of 16 pixels in which something happens count. One is disturbed if a stretch of its
    edge is flat (blocking) or if its middle varies like its surround (noise); a picture without
    such blocks has 100.
    """
    from scipy.ndimage import gaussian_filter

    tall, wide = (-side % BLOCK_PX for side in grey.shape)
    padded = np.pad(grey.astype(np.float64), ((0, tall), (0, wide)), mode="symmetric")
    levels = np.round(255 * padded / max(padded.max(), 1e-12))

    def blurred(values: Shaped[np.ndarray, "h w"]) -> Shaped[np.ndarray, "h w"]:
        return gaussian_filter(values, 7 / 6, radius=3, mode="nearest")

    mean = blurred(levels)
    deviation = np.sqrt(np.abs(blurred(levels**2) - mean**2))
    normalised = (levels - mean) / (deviation + 1)

    height, width = normalised.shape
    blocks = normalised.reshape(height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, BLOCK_PX).swapaxes(1, 2)
    blocks = blocks.reshape(-1, BLOCK_PX, BLOCK_PX)
    variance = blocks.var((1, 2), ddof=1)
    blocks, variance = blocks[variance > ACTIVE_VARIANCE], variance[variance > ACTIVE_VARIANCE]
    disturbed = (1 - variance) @ _blocky(blocks) + variance @ _noisy(blocks, variance)
    return float((disturbed + 1) / (len(blocks) + 1) * 100)


def _blocky(blocks: Shaped[np.ndarray, "n 16 16"]) -> Bool[np.ndarray, " n"]:
    """Blocks with a flat stretch of six pixels along one of their edges."""
    edges = np.stack([blocks[:, 0], blocks[:, -1], blocks[:, :, 0], blocks[:, :, -1]], 1)
    stretches = np.lib.stride_tricks.sliding_window_view(edges, SEGMENT_PX, axis=-1)
    return (stretches.std(-1, ddof=1) < FLAT_DEVIATION).any((1, 2))


def _noisy(blocks: Shaped[np.ndarray, "n 16 16"], variance: Shaped[np.ndarray, " n"]) -> Bool[np.ndarray, " n"]:
    """Blocks whose two middle columns vary as the rest does, as in noise and unlike in structure."""
    middle = blocks[:, :, 7:9].std((1, 2), ddof=1)
    # As in MATLAB's code, where the second middle column is taken out only after the first has
    # moved its neighbours up: columns 8 and 10, counted from one, are what the surround lacks.
    surround = np.delete(blocks, [7, 9], axis=2).std((1, 2), ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.nan_to_num(middle / surround, posinf=np.inf)
        deviation = np.sqrt(variance)
        difference = np.abs(deviation - ratio) / np.maximum(deviation, ratio)
    return deviation > 2 * difference
