"""Radiance .hdr: its header, of which OpenImageIO reads little, and how its lines lie.

Source: Greg Ward, "Radiance File Formats" (filefmts.pdf), "Picture File Format (.hdr)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reexposure.arrays import Float32, Shaped

SIZE = re.compile(rb"([-+])([XY])[ \t]+(\d{1,9})[ \t]+([-+])([XY])[ \t]+(\d{1,9})[ \t]*\r?\n")
MAX_HEADER = 1_000_000
"""Bytes of a header: programs note in it what they were called with."""
MAX_STOPS = 40
"""How far from 1 exposures may be, all together."""


@dataclass(frozen=True)
class Header:
    """What stands before the pixels, which begin at ``start``.

    ``lines`` and ``length`` are how many lines of how many pixels the file has, and ``axes`` in which
    direction they lie: ``-Y +X`` is rows from the top, each from the left. Values have been multiplied
    by ``exposure``, one factor for each channel.
    """

    lines: int
    length: int
    axes: bytes = b"-Y +X"
    exposure: tuple[float, float, float] = (1.0, 1.0, 1.0)
    primaries: tuple[float, ...] | None = None
    xyz: bool = False
    start: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the upright picture."""
        return (self.lines, self.length) if self.axes[1:2] == b"Y" else (self.length, self.lines)

    def plain(self) -> bytes:
        """A header of the same pixels that any program understands, and nothing more."""
        return b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (self.lines, self.length)

    def upright(self, stored: Shaped[np.ndarray, "lines length 3"]) -> Shaped[np.ndarray, "h w 3"]:
        """The picture out of its lines as they lie."""
        first, second = self.axes.split()
        if first[1:] == b"X":
            stored, first, second = stored.swapaxes(0, 1), second, first
        return stored[:: 1 if first == b"-Y" else -1, :: 1 if second == b"+X" else -1]

    def light(self, stored: Float32[np.ndarray, "lines length 3"]) -> Float32[np.ndarray, "h w 3"]:
        """The light that these values stand for, upright."""
        upright = self.upright(stored)
        return upright if self.exposure == (1.0, 1.0, 1.0) else upright / np.array(self.exposure, np.float32)


def header(data: bytes) -> Header:
    """Read a header. Raises ValueError for one that is damaged, or of a kind that does not exist."""
    end = data.find(b"\n\n", 0, MAX_HEADER)
    size = SIZE.match(data, end + 2)
    if end < 0 or size is None or size[2] == size[5]:
        raise ValueError("damaged header")
    stops, xyz = np.zeros(3), False
    primaries: tuple[float, ...] | None = None
    for name, value in _settings(data[:end]):
        numbers = _numbers(value)
        if name == b"FORMAT":
            xyz = value == b"32-bit_rle_xyze"
            if not xyz and value != b"32-bit_rle_rgbe":
                raise ValueError("not a Radiance picture of a known format")
        elif name == b"PRIMARIES" and len(numbers) == 8:
            primaries = tuple(numbers)
        elif (name, len(numbers)) in ((b"EXPOSURE", 1), (b"COLORCORR", 3)) and min(numbers) > 0:
            stops = stops + np.log2(numbers)
    stops = stops if np.abs(stops).max() < MAX_STOPS else np.zeros(3)
    axes = size[1] + size[2] + b" " + size[4] + size[5]
    red, green, blue = map(float, np.exp2(stops))
    return Header(int(size[3]), int(size[6]), axes, (red, green, blue), primaries, xyz, size.end())


def _settings(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in text.split(b"\n")[1:]:
        name, found, value = line.partition(b"=")
        if found and not line.startswith(b"#"):
            yield name.strip(), value.strip()


def _numbers(text: bytes) -> list[float]:
    """The finite numbers that a setting lists; none if anything else is among them."""
    try:
        numbers = [float(part) for part in text[:1000].split()]
    except ValueError:
        return []
    return numbers if np.isfinite(numbers).all() else []
