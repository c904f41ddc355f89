"""JPEG of rare processes: those of 12 and 16 bits, and those that nobody reads."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from reexposure.arrays import Shaped
from reexposure.errors import MissingPackageError
from reexposure.photo import jpeg
from reexposure.photo.values import in_16_bits

HIERARCHICAL, JPEG_LS = (0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), 0xF7


@dataclass(frozen=True)
class Frame:
    """What a JPEG says of its picture: the ``marker`` of its process, ``bits`` a sample, its size in pixels.

    ``at`` is where in the file it says so.
    """

    marker: int
    bits: int
    height: int
    width: int
    at: int


def frame(data: bytes) -> Frame | None:
    """The first frame header of a JPEG of any process, or None (ITU-T T.81, B.2.2; T.87)."""
    at = 2
    for _ in range(jpeg.MAX_SEGMENTS):
        if not data.startswith(b"\xff", at) or at + 9 > len(data):
            return None
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in (0, 0xFF):
            try:
                at = jpeg.after_fill(data, at)
            except ValueError:
                return None
        elif marker == JPEG_LS or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Frame(marker, data[at + 4], height, width, at)
        elif marker == 0xDA:
            return None
        else:
            at += 2 + length
    return None


def reason(data: bytes) -> str | None:
    """Why a JPEG cannot be read, in words that follow its name, or None."""
    found = frame(data)
    if found is None:
        return None
    kind = "a hierarchical JPEG" if found.marker in HIERARCHICAL else "a JPEG-LS picture"
    if found.marker not in (*HIERARCHICAL, JPEG_LS):
        if 8 <= found.bits <= 16:
            return None
        kind = f"a JPEG of {found.bits} bits"
    return f"{kind}, which is not read; save it as TIFF, PNG or JPEG first"


def as_8_bits(data: bytes) -> bytes | None:
    """A JPEG of more than 8 bits claiming 8, so that its segments can be read by those who know no other; or None."""
    found = frame(data)
    if found is None or not 8 < found.bits <= 16:
        return None
    return data[: found.at + 4] + b"\x08" + data[found.at + 5 :]


def read(data: bytes) -> Shaped[np.ndarray, "h w c"]:
    """The pixels of a JPEG of more than 8 bits, scaled to 16.

    Raises MissingPackageError where imagecodecs is not installed, ValueError for a damaged picture.
    """
    found = frame(data)
    assert found is not None
    try:
        import imagecodecs
    except ImportError as error:
        need = "which needs another package; pip install 'reexposure[deep]'"
        raise MissingPackageError(f"a JPEG of {found.bits} bits, {need}") from error
    pixels = imagecodecs.jpeg_decode(data)
    if pixels.shape[:2] != (found.height, found.width):
        raise ValueError("damaged picture")
    return in_16_bits(pixels.reshape(found.height, found.width, -1), found.bits)
