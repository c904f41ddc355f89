"""JPEG files as what they are: a list of segments, then the compressed picture."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from reexposure.photo.ifd import Directories

APP0, APP1, APP2, APP13, COM = 0xE0, 0xE1, 0xE2, 0xED, 0xFE
EXIF, XMP, XMP_EXTENSION = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
ICC, MPF, PHOTOSHOP = b"ICC_PROFILE\0", b"MPF\0", b"Photoshop 3.0\0"
MAX_PAYLOAD = 65533
SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # any marker but a restart or a stuffed byte


@dataclass(frozen=True)
class Segment:
    """One marker segment; ``payload`` is what follows its length."""

    marker: int
    payload: bytes

    def __bytes__(self) -> bytes:
        if len(self.payload) > MAX_PAYLOAD:
            raise ValueError(f"a JPEG segment holds {MAX_PAYLOAD} bytes, not {len(self.payload)}")
        return struct.pack(">BBH", 0xFF, self.marker, len(self.payload) + 2) + self.payload

    def starts(self, marker: int, name: bytes) -> bool:
        """Whether this is the segment of ``marker`` that begins with ``name``."""
        return self.marker == marker and self.payload.startswith(name)


@dataclass(frozen=True)
class Jpeg:
    """A JPEG file taken apart: ``segments`` before the picture, ``scan`` from its first scan to its
    end marker, and ``rest``, whatever follows that: other pictures, in a file of several."""

    segments: list[Segment]
    scan: bytes
    rest: bytes = b""

    def __bytes__(self) -> bytes:
        return b"\xff\xd8" + b"".join(map(bytes, self.segments)) + self.scan + self.rest

    def payload(self, marker: int, name: bytes) -> bytes:
        """What follows ``name`` in the first segment that begins with it, or nothing."""
        return next((s.payload[len(name) :] for s in self.segments if s.starts(marker, name)), b"")


def split(data: bytes) -> Jpeg:
    """Take a JPEG apart. Raises ValueError where it is none, or ends before its picture does."""
    if data[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    at = 2
    segments: list[Segment] = []
    while True:
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if at + 4 > len(data) or data[at] != 0xFF:
            raise ValueError("JPEG ends before its picture")
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            end = _end_of_picture(data, at)
            return Jpeg(segments, data[at:end], data[end:])
        segments.append(Segment(marker, data[at + 4 : at + 2 + length]))
        at += 2 + length


def _end_of_picture(data: bytes, at: int) -> int:
    """Where the picture whose first scan starts at ``at`` is over, end marker included."""
    while True:
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        found = SCAN_END.search(data, at)
        if found is None:
            raise ValueError("JPEG without an end")
        at = found.start()
        if data[at + 1] == 0xD9:
            return at + 2


def chunked(marker: int, name: bytes, data: bytes) -> list[Segment]:
    """An ICC profile in as many numbered segments as it needs."""
    size = MAX_PAYLOAD - len(name) - 2
    pieces = parts(data, size)
    return [Segment(marker, name + bytes([n, len(pieces)]) + piece) for n, piece in enumerate(pieces, 1)]


def parts(data: bytes, size: int) -> list[bytes]:
    """``data`` in pieces of at most ``size`` bytes."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def further_pictures(data: bytes) -> list[bytes]:
    """The other pictures in a file of several (CIPA DC-007, multi-picture format), as its index says."""
    at = data.find(MPF)
    if at < 0:
        return []
    origin = at + len(MPF)
    try:
        index = Directories(data[origin : origin + MAX_PAYLOAD])
        places = index.find(index.first, 0xB002)
        if places is None:
            return []
        rows = [
            [index.unpack("I", places.at + 16 * number + 4 * column) for column in (1, 2)]
            for number in range(1, places.count // 16)
        ]
    except ValueError:
        return []
    pictures = [data[origin + offset : origin + offset + size] for size, offset in rows]
    return [p for p in pictures if p[:2] == b"\xff\xd8"]


def multi_picture(primary: Jpeg, others: Iterable[bytes]) -> bytes:
    """One file out of ``primary`` and further pictures, with the index that says where they are."""
    pictures = list(others)
    segments = [s for s in primary.segments if not s.starts(APP2, MPF)]
    # After the metadata that readers expect first, as phones do.
    place = next((i for i, s in enumerate(segments) if not APP0 <= s.marker < APP0 + 16), len(segments))
    blank = Segment(APP2, MPF + _index([0] * (len(pictures) + 1), 0))
    before = 2 + sum(len(bytes(s)) for s in segments[:place])
    size = 2 + sum(len(bytes(s)) for s in segments) + len(bytes(blank)) + len(primary.scan)
    origin = before + 4 + len(MPF)
    index = Segment(APP2, MPF + _index([size, *map(len, pictures)], size - origin))
    whole = Jpeg([*segments[:place], index, *segments[place:]], primary.scan)
    return bytes(whole) + b"".join(pictures)


def _index(sizes: list[int], first_offset: int) -> bytes:
    """A big-endian MPF index of pictures of ``sizes`` bytes; the second starts at ``first_offset``."""
    head = struct.pack(">2sHIH", b"MM", 42, 8, 3)
    table_at = 8 + 2 + 3 * 12 + 4
    head += struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
    head += struct.pack(">HHII", 0xB001, 4, 1, len(sizes))
    head += struct.pack(">HHII", 0xB002, 7, 16 * len(sizes), table_at) + struct.pack(">I", 0)
    offset = 0
    for number, size in enumerate(sizes):
        kind = 0x030000 if number == 0 else 0  # the baseline primary picture
        head += struct.pack(">IIIHH", kind, size, offset, 0, 0)
        offset = first_offset if number == 0 else offset + size
    return head
