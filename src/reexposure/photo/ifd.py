"""Image file directories: the tag lists of TIFF, in which EXIF and MPF are written too."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of a value of each TIFF type."""


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


class Directories:
    """A TIFF structure that can be read and have values changed in place, so that no offset moves.

    Raises ValueError for data that is none.
    """

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        if data[:4] not in (b"II*\0", b"MM\0*"):
            raise ValueError("no TIFF structure")
        self.order = "<" if data[:1] == b"I" else ">"
        self.first = self.unpack("I", 4)

    def unpack(self, code: str, at: int) -> int:
        """The number of `struct` type ``code`` at ``at``."""
        try:
            return int(struct.unpack_from(self.order + code, self.data, at)[0])
        except struct.error as error:
            raise ValueError("directory out of bounds") from error

    def entries(self, at: int) -> Iterator[Entry]:
        """The tags of the directory at ``at``; values out of bounds are left out."""
        for number in range(self.unpack("H", at)):
            place = at + 2 + 12 * number
            entry = Entry(self.unpack("H", place), self.unpack("H", place + 2), self.unpack("I", place + 4), place + 8)
            if entry.size > 4:
                entry = Entry(entry.tag, entry.type, entry.count, self.unpack("I", place + 8))
            if 0 < entry.size <= len(self.data) - entry.at:
                yield entry

    def next_link(self, at: int) -> int:
        """Where the directory at ``at`` says where the next one is."""
        return at + 2 + 12 * self.unpack("H", at)

    def find(self, at: int, tag: int) -> Entry | None:
        """The entry of ``tag`` in the directory at ``at``."""
        return next((e for e in self.entries(at) if e.tag == tag), None)

    def value(self, at: int, tag: int) -> int | None:
        """The first value of an integer tag."""
        return next(iter(self.values(at, tag)), None)

    def values(self, at: int, tag: int) -> list[int]:
        """All values of an integer tag."""
        entry = self.find(at, tag)
        if entry is None or entry.type not in CODES:
            return []
        return [self.unpack(CODES[entry.type], entry.at + n * SIZES[entry.type]) for n in range(entry.count)]

    def change(self, at: int, tag: int, *values: int) -> None:
        """Overwrite the first values of an integer tag, where it is there."""
        entry = self.find(at, tag)
        if entry is not None and entry.type in CODES:
            for number, value in enumerate(values[: entry.count]):
                place = entry.at + number * SIZES[entry.type]
                struct.pack_into(self.order + CODES[entry.type], self.data, place, value)


CODES = {1: "B", 3: "H", 4: "I", 13: "I"}
"""Integer types of TIFF in `struct`'s words."""
