"""JPEG files as what they are: a list of segments, then the compressed picture."""

from __future__ import annotations

import contextlib
import itertools
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reexposure.photo.ifd import Directories

APP0, APP1, APP2, APP11, APP13, COM, SCAN = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xFE, 0xDA
EXIF, XMP, XMP_EXTENSION = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
ICC, MPF, PHOTOSHOP = b"ICC_PROFILE\0", b"MPF\0", b"Photoshop 3.0\0"
MAX_PAYLOAD, MAX_SEGMENTS, MAX_PICTURES = 65533, 10_000, 64
MAX_FILL = 65536
FILL = re.compile(rb"(?:\xff\x00|\xff(?=\xff))*+")
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
    found, at = [], 0
    for marker, start, end in _walk(data):
        found.append(Segment(marker, data[start + 4 : end]))
        at = start
    if not found or found.pop().marker != SCAN:
        raise ValueError("JPEG ends before its picture")
    end = _end_of_picture(data, at)
    return Jpeg(found, data[at:end], data[end:])


def check(data: bytes) -> None:
    """Raise ValueError for a file with more segments than decoders should be troubled with."""
    if sum(1 for _ in _walk(data)) == MAX_SEGMENTS:
        raise ValueError("more segments than a photo has")


def segments(data: bytes) -> list[Segment]:
    """The segments before the picture, as far as they go in a file that is cut or damaged."""
    return [Segment(marker, data[start + 4 : end]) for marker, start, end in _walk(data) if marker != SCAN]


def after_fill(data: bytes, at: int) -> int:
    """Where the next marker is, behind bytes that only fill. Raises ValueError for more of them than a photo has."""
    found = FILL.match(data, at, at + MAX_FILL)
    end = found.end() if found else at
    if end - at >= MAX_FILL - 1:
        raise ValueError("more fill bytes than a photo has")
    return end


def _walk(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment up to the first scan's, which is the last."""
    if data[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    at = 2
    for _ in range(MAX_SEGMENTS):
        at = after_fill(data, at)
        if at + 4 > len(data) or data[at] != 0xFF:
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], at, end
        if data[at + 1] == SCAN:
            return
        at = end


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


def further_pictures(data: bytes) -> Iterator[bytes]:
    """The other pictures in a file of several (CIPA DC-007, multi-picture format), as its index says, then
    what follows the first.

    Real pictures do not overlap: an index of more bytes than the file has is not believed to its end.
    """
    left = len(data)
    for at, size in itertools.islice(_places(data), MAX_PICTURES):
        left -= size
        if left < 0:
            break
        if data[at : at + 2] == b"\xff\xd8":
            yield data[at : at + size]
    with contextlib.suppress(ValueError):
        rest = split(data).rest
        if rest[:2] == b"\xff\xd8":
            yield rest


def _places(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the further pictures are that the index of a multi-picture file names, and their sizes."""
    for marker, start, end in _walk(data):
        origin = start + 4 + len(MPF)
        if marker == APP2 and data[start + 4 : origin] == MPF:
            with contextlib.suppress(ValueError):
                index = Directories(data[origin:end])
                table = index.find(index.first, 0xB002)
                for at in range(table.at + 16, table.at + table.size - 15, 16) if table else ():
                    size, offset = index.unpack("I", at + 4), index.unpack("I", at + 8)
                    if offset:  # 0 is the first picture's
                        yield origin + offset, size
            return


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
