"""JPEGs that were cut short, by a full card or a broken download: what there is of them."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Shaped

FILLED = 128
"""What libjpeg fills in for blocks that never came, in every channel: it takes their coefficients for 0."""


def is_cut(data: bytes, error: Exception) -> bool:
    """Whether an error of Pillow says that a JPEG ends too soon, with at least its header there."""
    return data.startswith(b"\xff\xd8") and "image file is truncated" in str(error)


def ended(data: bytes) -> bytes:
    """The file with an end, so that decoders fill in what is missing."""
    return data + b"\xff\xd9"


def note(pixels: Shaped[np.ndarray, "h w c"]) -> str:
    """How much is missing of a picture as it lies in its file, in words that follow the file's name."""
    there = np.flatnonzero((pixels != FILLED).any((1, 2)))
    missing = 1 - (there[-1] + 1 if there.size else 0) / len(pixels)
    if missing < 0.005:
        return "cut short: hardly a row is missing, but in a progressive JPEG fine detail may be"
    return f"cut short: the last {100 * missing:.0f} % are missing, and grey here"
