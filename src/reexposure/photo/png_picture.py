"""The compressed picture of a PNG, looked through before libpng sees it, which writes to stderr what it does not like.

Source: W3C, "Portable Network Graphics (PNG) Specification (Third Edition)", 7.2 (scan lines), 8 (passes).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from reexposure.photo import png

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Where each pass of an interlaced picture starts, in x and y, and how far apart its pixels are."""
MAX_FILTER, PIECE = 4, 1 << 20


def check(data: bytes) -> None:
    """Raise ValueError if a PNG's picture cannot be decompressed, ends early or has a filter that does not exist."""
    places = _filter_places(data)
    row, count = next(places, (0, 0))
    at = 0  # in the rows that `row` and `count` tell of
    for piece in _decompressed(data):
        start = 0
        while count and start < len(piece):
            part = piece[start : start + row * count - at]
            filters = part[-at % row :: row]
            if filters and max(filters) > MAX_FILTER:
                raise ValueError("a filter that does not exist")
            at += len(part)
            start += len(part)
            if at == row * count:
                (row, count), at = next(places, (0, 0)), 0
    if count:
        raise ValueError("it ends too early")


def _decompressed(data: bytes) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    try:
        for part in png.picture_parts(data):
            piece = stream.decompress(part, PIECE)
            while piece:
                yield piece
                piece = stream.decompress(stream.unconsumed_tail, PIECE)
    except zlib.error as error:
        raise ValueError("it cannot be decompressed") from error


def _filter_places(data: bytes) -> Iterator[tuple[int, int]]:
    """The bytes of a row, the one that names its filter first, and how many rows there are, for each pass."""
    width, height, depth, colours, interlaced = struct.unpack_from(">IIBB2xB", data, 16)
    for left, top, across, down in PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            yield 1 + -(-columns * depth * CHANNELS.get(colours, 1) // 8), rows
