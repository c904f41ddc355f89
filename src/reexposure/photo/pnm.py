"""Portable maps: those of 16 bits, which Pillow cuts to 8, and those of floats (PFM), which hold light.

Sources: Netpbm, "PPM format specification"; Paul Debevec, "PFM Portable FloatMap Image Format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from reexposure.arrays import Float32, Shaped

GAP = rb"(?:\s|#[^\n]{0,1000}\n)+"
HEAD = re.compile(rb"P([56Ff])" + GAP + rb"(\d{1,9})" + GAP + rb"(\d{1,9})" + GAP + rb"([-+.eE0-9]{1,20})\s")


@dataclass(frozen=True)
class Header:
    """Size in pixels, channels, and the largest value, or for floats the scale; pixels begin at ``start``."""

    kind: bytes
    height: int
    width: int
    largest: float
    start: int

    @property
    def channels(self) -> int:
        """Three, or one for grey."""
        return 3 if self.kind in b"6F" else 1

    @property
    def is_deep(self) -> bool:
        """Whether values have 16 bits."""
        return self.kind in b"56" and 255 < self.largest <= 65535

    @property
    def is_light(self) -> bool:
        """Whether values are floats."""
        return self.kind in b"Ff"


def header(data: bytes) -> Header | None:
    """What a binary portable map of grey or RGB says of itself, or None for anything else."""
    found = HEAD.match(data[:4096])
    try:
        return found and Header(found[1], int(found[3]), int(found[2]), float(found[4]), found.end())
    except ValueError:
        return None


def deep(data: bytes, head: Header) -> Shaped[np.ndarray, "h w c"]:
    """Pixels of 16 bits, scaled to all of them. Raises ValueError if the file is cut."""
    values = _values(data, head, ">u2").astype(np.uint32)
    largest = int(head.largest)
    scaled = (values.clip(0, largest) * 65535 + largest // 2) // largest
    return scaled.astype(np.uint16).reshape(head.height, head.width, head.channels)


def light(data: bytes, head: Header) -> Float32[np.ndarray, "h w 3"]:
    """The light of a float map, whose lowest row comes first; a negative scale means little-endian.

    Raises ValueError if the file is cut.
    """
    values = _values(data, head, "<f4" if head.largest < 0 else ">f4")
    picture = values.reshape(head.height, head.width, head.channels)[::-1].astype(np.float32)
    return np.repeat(picture, 3, -1) if head.channels == 1 else picture


def _values(data: bytes, head: Header, kind: str) -> Shaped[np.ndarray, " n"]:
    count = head.height * head.width * head.channels
    if len(data) < head.start + count * np.dtype(kind).itemsize:
        raise ValueError("damaged picture (the file is cut)")
    return np.frombuffer(data, kind, count, head.start)
