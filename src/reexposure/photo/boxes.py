"""Boxes of ISO base media files (ISO/IEC 14496-12), in which AVIF and HEIC keep pictures and what they say of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BOXES, MAX_PROPERTIES = 10_000, 1000


@dataclass(frozen=True)
class Box:
    """A box of a kind; its content is ``data[start:end]``."""

    kind: bytes
    start: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie in ``data[start:end]``, as far as they make sense."""
    end = len(data) if end is None else min(end, len(data))
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return
        size, head = _number(data, start, 4), 8
        if size == 1:
            size, head = _number(data, start + 8, 8), 16
        size = size or end - start
        if size < head or start + size > end:
            return
        yield Box(data[start + 4 : start + 8], start + head, start + size)
        start += size


def child(data: bytes, box: Box | None, kind: bytes, skip: int = 0) -> Box | None:
    """The first box of a kind in ``box``, whose content begins with ``skip`` bytes of its own; in the file for None."""
    start, end = (0, len(data)) if box is None else (box.start + skip, box.end)
    return next((found for found in boxes(data, start, end) if found.kind == kind), None)


def primary_properties(data: bytes) -> list[tuple[bytes, bytes]]:
    """The (kind, content) of each property of a file's primary picture: its colours, depth, and so on (HEIF, 9.3)."""
    meta = child(data, None, b"meta")
    main = child(data, meta, b"pitm", 4)
    known = child(data, meta, b"iprp", 4)
    store, links = child(data, known, b"ipco"), child(data, known, b"ipma")
    if meta is None or main is None or store is None or links is None:
        return []
    number = _number(data, main.start + 4, 4 if _number(data, main.start, 1) else 2)
    found = itertools.islice(boxes(data, store.start, store.end), MAX_PROPERTIES)
    every = [(box.kind, data[box.start : box.end]) for box in found]
    return [every[place - 1] for place in _linked(data, links, number) if 0 < place <= len(every)]


def _linked(data: bytes, links: Box, number: int) -> list[int]:
    """Which properties, counted from 1, the box of associations links with a picture."""
    wide_items, wide_places = _number(data, links.start, 1) > 0, _number(data, links.start + 3, 1) & 1
    item_bytes, place_bytes = 4 if wide_items else 2, 2 if wide_places else 1
    at = links.start + 8
    for _ in range(min(_number(data, links.start + 4, 4), MAX_BOXES)):
        if at + item_bytes >= links.end:
            break
        item, count = _number(data, at, item_bytes), _number(data, at + item_bytes, 1)
        at += item_bytes + 1
        if item == number:
            places = (_number(data, at + n * place_bytes, place_bytes) for n in range(count))
            return [place & (0x7FFF if wide_places else 0x7F) for place in places]
        at += count * place_bytes
    return []


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")
