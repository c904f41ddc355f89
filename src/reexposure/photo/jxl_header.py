"""What a JPEG XL codestream says of its picture before it is decoded (ISO 18181-1, annexes B and D)."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

CODESTREAM = b"\xff\x0a"
RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
ENOUGH = 64
"""Bytes of the codestream that hold all that is read here."""
MAX_BOXES = 1000
"""How many boxes are looked at before the picture has to have begun."""


@dataclass(frozen=True)
class Header:
    """Size in pixels as the picture lies in the file, whether it moves, and whether its values are floats."""

    height: int
    width: int
    animated: bool
    floats: bool


def header(data: bytes) -> Header:
    """Read the header of a JPEG XL file, bare or in boxes. Raises ValueError where there is none."""
    stream = _start_of_codestream(data)
    if not stream.startswith(CODESTREAM):
        raise ValueError("JPEG XL without a picture")
    bits = _Bits(stream[2:])
    height, width = _size(bits)
    if bits.read(1):  # all as usual
        return Header(height, width, False, False)
    if not bits.read(1):  # nothing beyond that but colours
        return Header(height, width, False, bool(bits.read(1)))
    bits.read(3)  # orientation
    if bits.read(1):  # the size it is meant to be shown at
        _size(bits)
    if bits.read(1):  # a preview
        _preview(bits)
    animated = bool(bits.read(1))  # after which its speed would follow
    return Header(height, width, animated, not animated and bool(bits.read(1)))


def reason(data: bytes) -> str | None:
    """Why a JPEG XL file is not read, in words that follow its name, or None."""
    with contextlib.suppress(ValueError):
        if header(data).animated:  # of which OpenImageIO gives the last frame
            return "an animation in JPEG XL, which is not read; save one of its frames as a picture first"
    return None


class _Bits:
    """Numbers out of bytes, from the lowest bit on; zeros follow the end."""

    def __init__(self, data: bytes) -> None:
        self.rest = int.from_bytes(data, "little")

    def read(self, count: int) -> int:
        value = self.rest & ((1 << count) - 1)
        self.rest >>= count
        return value

    def one_of(self, *counts: int) -> int:
        """A number whose first two bits say how many more it has."""
        return self.read(counts[self.read(2)])


def _size(bits: _Bits) -> tuple[int, int]:
    """Height and width; small ones are multiples of 8, and the width may be told as a ratio."""
    small = bits.read(1)

    def side() -> int:
        return 8 * (bits.read(5) + 1) if small else bits.one_of(9, 13, 18, 30) + 1

    height = side()
    ratio = bits.read(3)
    if ratio == 0:
        return height, side()
    above, below = RATIOS[ratio - 1]
    return height, height * above // below


def _preview(bits: _Bits) -> None:
    small = bits.read(1)
    for place in range(2):
        if place == 1 and bits.read(3):  # the width told as a ratio
            return
        if small:
            choice = bits.read(2)
            bits.read((0, 0, 5, 9)[choice])
        else:
            bits.one_of(6, 8, 10, 12)


def _start_of_codestream(data: bytes) -> bytes:
    """The first bytes of the codestream, which boxes may hold in parts."""
    if data.startswith(CODESTREAM):
        return data[:ENOUGH]
    found, at = b"", 0
    for _ in range(MAX_BOXES):
        if at + 8 > len(data) or len(found) >= ENOUGH:
            break
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        start = at + (16 if size == 1 else 8)
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        end = at + size if size else len(data)
        if end < start:
            break
        start += 4 if kind == b"jxlp" else 0  # the number of the part
        if kind in (b"jxlc", b"jxlp"):
            found += data[start : min(end, start + ENOUGH)]
        if kind == b"jxlc":
            break
        at = end
    return found
