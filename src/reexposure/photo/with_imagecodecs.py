"""AVIF of more than 8 bits, which Pillow would cut, by imagecodecs: an extra."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Shaped
from reexposure.errors import MissingPackageError
from reexposure.photo import boxes
from reexposure.photo.values import in_16_bits


def depth(data: bytes) -> int:
    """Bits a value of an AVIF file: by the header of its AV1 stream, or by `pixi` for a picture made of tiles."""
    told = dict(reversed(boxes.primary_properties(data)))
    stream, sizes = told.get(b"av1C", b""), told.get(b"pixi", b"")
    if len(stream) > 2:  # AV1 in ISOBMFF, 2.3.3
        return 12 if stream[2] & 0x20 else 10 if stream[2] & 0x40 else 8
    return min(sizes[5], 16) if len(sizes) > 5 else 8


def reason(data: bytes) -> str | None:
    """Why an AVIF file is not read, in words that follow its name, or None."""
    # imagecodecs decodes all pictures of a film at once; asked for its first, it writes over other memory.
    if data[4:12] == b"ftypavis" and depth(data) > 8:
        return (
            f"an animation in AVIF of {depth(data)} bits, which is not read; save one of its frames as a picture first"
        )
    return None


def read(data: bytes) -> Shaped[np.ndarray, "h w c"]:
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
    try:
        pixels = np.asarray(imagecodecs.avif_decode(data))
    except (RuntimeError, OSError) as error:
        raise ValueError(str(error)) from error
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    return in_16_bits(pixels, bits) if pixels.dtype == np.uint16 else pixels
