"""EXIF: what it says of how the picture lies, and how it is put right without moving a byte.

Maker notes hold offsets of their own, which no rewriting of the directories would respect: values
are changed where they are, and entries are taken out by moving up those behind them.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator

from reexposure.photo.ifd import CODES, SIZES, Directories, Entry

ORIENTATION, EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x0112, 0x8769, 0x8825, 0xA005
WIDTHS, HEIGHTS = (0x0100, 0xA002), (0x0101, 0xA003)
THUMBNAIL_AT, THUMBNAIL_SIZE = 0x0201, 0x0202
HEADS = (b"II*\0", b"MM\0*")


def orientation(exif: bytes) -> int | None:
    """How the picture lies, 1 to 8; None if EXIF does not say. Damaged EXIF counts as far as it goes."""
    told = None
    with contextlib.suppress(ValueError):
        data = Directories(exif)
        for entry in data.entries(data.first):
            if entry.tag == ORIENTATION and entry.type in CODES:
                value = data.unpack(CODES[entry.type], entry.at)
                told = value if value in range(1, 9) else told
    return told


def upright(exif: bytes, height_px: int, width_px: int) -> bytes:
    """``exif`` of a picture that was turned upright: orientation 1, this size, no thumbnail.

    Entries that point nowhere are taken out, and directories that cannot be read; nothing is left of
    EXIF that is no TIFF structure, or whose first directory is damaged.
    """
    if exif[:4] not in HEADS:
        return b""
    try:
        data = Directories(exif)
        missing = data.next_link(data.first) + 4 - len(data.data)
        if 0 < missing <= 4:  # only the link to a thumbnail is cut
            data.data += bytes(missing)
        for at in _directories(data):
            _tidy(data, at, {WIDTHS: width_px, HEIGHTS: height_px})
        _cut_thumbnail(data)
        for at in _directories(data):
            if any(not _is_sound(data, entry) for entry in _all(data, at)):
                return b""  # directories that lie over one another
        return bytes(data.data)
    except (ValueError, struct.error):
        return b""


def _directories(data: Directories) -> Iterator[int]:
    """The first directory and those it names, as far as they can be read."""
    yield data.first
    exif, gps = data.value(data.first, EXIF_IFD), data.value(data.first, GPS_IFD)
    interop = data.value(exif, INTEROP_IFD) if exif else None
    yield from (at for at in (exif, gps, interop) if at)


def _tidy(data: Directories, at: int, sizes: dict[tuple[int, ...], int]) -> None:
    """Take out what cannot be read, and say what is true of the upright picture."""
    left = []
    for place, entry in zip(_places(data, at), list(_all(data, at)), strict=True):
        if not _is_sound(data, entry):
            continue
        true = {ORIENTATION: 1} | {tag: size for tags, size in sizes.items() for tag in tags}
        if entry.tag in true and entry.type in CODES:
            if true[entry.tag] >> 8 * SIZES[entry.type]:
                continue
            struct.pack_into(data.order + CODES[entry.type], data.data, entry.at, true[entry.tag])
        left.append(bytes(data.data[place : place + 12]))
    count = data.unpack("H", at)
    link = data.data[at + 2 + 12 * count : at + 6 + 12 * count]
    struct.pack_into(data.order + "H", data.data, at, len(left))
    data.data[at + 2 : at + 6 + 12 * count] = (b"".join(left) + link).ljust(4 + 12 * count, b"\0")


def _cut_thumbnail(data: Directories) -> None:
    link = data.next_link(data.first)
    thumbnail = data.unpack("I", link)
    data.data[link : link + 4] = bytes(4)
    try:
        start, length = data.value(thumbnail, THUMBNAIL_AT), data.value(thumbnail, THUMBNAIL_SIZE)
    except ValueError:
        return
    if thumbnail and start and length and 8 <= start <= len(data.data) - length:
        data.data[start : start + length] = bytes(length)


def _places(data: Directories, at: int) -> Iterator[int]:
    return iter(range(at + 2, at + 2 + 12 * data.unpack("H", at), 12))


def _all(data: Directories, at: int) -> Iterator[Entry]:
    """Every entry of a directory, also those whose value is out of bounds."""
    for place in _places(data, at):
        entry = Entry(data.unpack("H", place), data.unpack("H", place + 2), data.unpack("I", place + 4), place + 8)
        yield entry if entry.size <= 4 else Entry(entry.tag, entry.type, entry.count, data.unpack("I", place + 8))


def _is_sound(data: Directories, entry: Entry) -> bool:
    """Whether an entry can be read, and the directory, if it names one."""
    if entry.type not in SIZES or not 8 <= entry.at <= len(data.data) - entry.size:
        return False
    if entry.tag not in (EXIF_IFD, GPS_IFD, INTEROP_IFD):
        return True
    try:
        at = data.unpack("I", entry.at)
        return entry.type in (4, 13) and at >= 8 and data.next_link(at) <= len(data.data)
    except ValueError:
        return False
