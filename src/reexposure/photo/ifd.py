"""Image file directories: the tag lists of TIFF, in which EXIF and MPF are written too."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value of each TIFF type."""

MAX_DIRECTORIES, MAX_ENTRIES = 64, 4096
"""A file may have more, and more tags in each; nobody needs them here."""


@dataclass(frozen=True)
class Entry:
    """One tag; ``at`` is where its value lies in the data."""

    tag: int
    type: int
    count: int
    at: int

    @property
    def size(self) -> int:
        """Bytes of all values together."""
        return SIZES.get(self.type, 0) * self.count


@dataclass(frozen=True)
class Value:
    """What a tag says: ``count`` values of TIFF's ``type``; up to four bytes are the directory's field itself."""

    type: int
    count: int
    content: bytes


class Directories:
    """A TIFF structure, to be read; who gives a bytearray can change values in place, so that no offset moves.

    A BigTIFF's numbers and offsets have eight bytes; all else is alike. Raises ValueError for data
    that is neither.
    """

    def __init__(self, data: bytes | bytearray) -> None:
        if data[:4] not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            raise ValueError("no TIFF structure")
        self.data = data
        self.order: Literal["<", ">"] = "<" if data[:1] == b"I" else ">"
        self.big = b"+" in data[2:4]
        self.offset = "Q" if self.big else "I"
        self.head, self.step, self.room = (8, 20, 8) if self.big else (2, 12, 4)
        self.first = self.unpack(self.offset, 8 if self.big else 4)

    def unpack(self, code: str, at: int) -> int:
        """The number of `struct` type ``code`` at ``at``."""
        try:
            return int(struct.unpack_from(self.order + code, self.data, at)[0])
        except (struct.error, OverflowError) as error:
            raise ValueError("directory out of bounds") from error

    def entries(self, at: int) -> Iterator[Entry]:
        """The tags of the directory at ``at``; values out of bounds are left out."""
        head, start = struct.Struct(f"{self.order}HH{self.offset}"), at + self.head
        for number in range(min(self.count(at), MAX_ENTRIES)):
            place = start + self.step * number
            try:
                tag, type, count = head.unpack_from(self.data, place)
            except (struct.error, OverflowError) as error:
                raise ValueError("directory out of bounds") from error
            entry = Entry(tag, type, count, place + head.size)
            if entry.size > self.room:
                entry = Entry(tag, type, count, self.unpack(self.offset, entry.at))
            if 0 < entry.size <= len(self.data) - entry.at:
                yield entry

    def count(self, at: int) -> int:
        """How many tags the directory at ``at`` says that it has."""
        return self.unpack("Q" if self.big else "H", at)

    def next_link(self, at: int) -> int:
        """Where the directory at ``at`` says where the next one is."""
        return at + self.head + self.step * self.count(at)

    def chain(self) -> Iterator[int]:
        """Where the directories are that follow one another, as far as they can be read."""
        at, seen = self.first, set[int]()
        while at and at not in seen and len(seen) < MAX_DIRECTORIES:
            try:
                after = self.unpack(self.offset, self.next_link(at))
            except ValueError:
                return
            yield at
            seen.add(at)
            at = after

    def find(self, at: int, tag: int) -> Entry | None:
        """The entry of ``tag`` in the directory at ``at``."""
        return next((e for e in self.entries(at) if e.tag == tag), None)

    def value(self, at: int, tag: int) -> int | None:
        """The first value of an integer tag."""
        return next(iter(self.values(at, tag, 1)), None)

    def values(self, at: int, tag: int, limit: int | None = None) -> list[int]:
        """All values of an integer tag, or the first ``limit``."""
        entry = self.find(at, tag)
        return [] if entry is None else self.values_of(entry, limit)

    def values_of(self, entry: Entry, limit: int | None = None) -> list[int]:
        """All values of an entry, or the first ``limit``; none where it holds no integers."""
        if entry.type not in CODES:
            return []
        count = entry.count if limit is None else min(entry.count, limit)
        return list(struct.unpack_from(f"{self.order}{count}{CODES[entry.type]}", self.data, entry.at))

    def fields(self, at: int) -> dict[int, Value]:
        """The tags of a directory as they lie there: of long values only where they are."""
        return {e.tag: Value(e.type, e.count, self._field(e)) for e in self.entries(at)}

    def _field(self, entry: Entry) -> bytes:
        if entry.size <= self.room:
            return bytes(self.data[entry.at : entry.at + self.room])
        return struct.pack(self.order + self.offset, entry.at)


def directory(order: str, tags: dict[int, Value], start: int) -> bytes:
    """A directory that begins at ``start``, and after it the values that are longer than its fields."""
    fields, values = [], bytearray()
    behind = start + 2 + 12 * len(tags) + 4
    for tag, value in sorted(tags.items()):
        field = value.content
        if len(field) > 4:
            field = struct.pack(order + "I", behind + len(values))
            values += value.content + bytes(len(value.content) % 2)
        fields.append(struct.pack(f"{order}HHI4s", tag, value.type, value.count, field))
    return struct.pack(order + "H", len(tags)) + b"".join(fields) + bytes(4) + bytes(values)


CODES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""Integer types of TIFF in `struct`'s words."""
