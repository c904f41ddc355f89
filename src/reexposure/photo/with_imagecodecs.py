"""AVIF of more than 8 bits, which Pillow would cut, by imagecodecs: an extra."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import UInt16
from reexposure.errors import MissingPackageError
from reexposure.photo import boxes
from reexposure.photo.values import in_16_bits


def depth(data: bytes) -> int:
    """Bits a value of an AVIF file, by the header of its AV1 stream (AV1 in ISOBMFF, 2.3.3)."""
    for kind, content in boxes.primary_properties(data):
        if kind == b"pixi" and len(content) > 5:
            return content[5]
        if kind == b"av1C" and len(content) > 2:
            return 12 if content[2] & 0x20 else 10 if content[2] & 0x40 else 8
    return 8


def read(data: bytes) -> UInt16[np.ndarray, "h w c"]:
    """The pixels of a still AVIF file as they lie in it, in 16 bits.

    Raises MissingPackageError where imagecodecs is not installed, ValueError if it cannot decode them.
    """
    bits = depth(data)
    try:
        import imagecodecs
    except ImportError as error:
        raise MissingPackageError(
            f"AVIF of {bits} bits needs another package; pip install 'reexposure[deep]'"
        ) from error
    if data[8:12] == b"avis":
        raise ValueError(f"an animation (AVIF) of {bits} bits, which is not read")
    try:
        pixels = np.asarray(imagecodecs.avif_decode(data))
    except (RuntimeError, OSError) as error:
        raise ValueError(str(error)) from error
    if pixels.ndim not in (2, 3):
        raise ValueError(f"an animation (AVIF) of {bits} bits, which is not read")
    return in_16_bits(pixels.reshape(*pixels.shape[:2], -1), bits)
