"""EXIF: what it says of how the picture lies, and how it is put right without moving a byte.

Maker notes hold offsets of their own, which no rewriting of the directories would respect: values
are changed where they are, and entries are taken out by moving up those behind them.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Container, Iterator

from reexposure.photo.ifd import CODES, SIZES, Directories, Entry, Value, directory

ORIENTATION, EXIF_IFD, GPS_IFD, INTEROP_IFD, MAKER_NOTE = 0x0112, 0x8769, 0x8825, 0xA005, 0x927C
NEAR, LAST_TYPE = 64_000, 13
"""LAST_TYPE: the types behind it are BigTIFF's."""
WIDTHS, HEIGHTS = (0x0100, 0xA002), (0x0101, 0xA003)
X_RESOLUTION, RESOLUTION_UNIT, CENTIMETRE = 0x011A, 0x0128, 3
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


def dpi(exif: bytes) -> tuple[float, float] | None:
    """The resolution that EXIF names, across and down, in dots an inch; None without it."""
    with contextlib.suppress(ValueError, ZeroDivisionError):
        data = Directories(exif)
        entry = data.find(data.first, X_RESOLUTION)
        if entry is not None:
            dots = data.unpack("I", entry.at) / data.unpack("I", entry.at + 4)
            dots *= 2.54 if data.value(data.first, RESOLUTION_UNIT) == CENTIMETRE else 1
            return (dots, dots) if dots > 0 else None
    return None


def upright(exif: bytes, height_px: int, width_px: int) -> bytes:
    """``exif`` of a picture that was turned upright: orientation 1, this size, no thumbnail.

    Entries that point nowhere are taken out, and directories that cannot be read; nothing is left of
    EXIF that is no TIFF structure, or whose first directory is damaged.
    """
    fresh = _once_upright(exif, height_px, width_px)
    # Where directories or values lie over one another, a change of one damages another.
    return fresh if _once_upright(fresh, height_px, width_px) == fresh else b""


def _once_upright(exif: bytes, height_px: int, width_px: int) -> bytes:
    if exif[:4] not in HEADS:
        return b""
    try:
        raw = bytearray(exif)
        data = Directories(raw)
        missing = data.next_link(data.first) + 4 - len(raw)
        if 0 < missing <= 4:  # only the link to a thumbnail is cut
            raw += bytes(missing)
        for at in _directories(data):
            _tidy(data, raw, at, {WIDTHS: width_px, HEIGHTS: height_px})
        _cut_thumbnail(data, raw)
        return bytes(raw) if data.count(data.first) else b""
    except (ValueError, struct.error):
        return b""


def of_tiff(tags: Directories, leaving_out: Container[int]) -> bytes:
    """EXIF out of a TIFF's first directory and those it names, as a structure of its own.

    Maker notes stay at the offset they have, if that is near the file's beginning: theirs count from there.
    """
    data = bytearray((b"II*\0" if tags.order == "<" else b"MM\0*") + bytes(4))
    exif, gps = tags.value(tags.first, EXIF_IFD), tags.value(tags.first, GPS_IFD)
    interop = _find(tags, exif, INTEROP_IFD)
    note = _find(tags, exif, MAKER_NOTE)
    fixed: dict[int, Value] = {}
    if note and 4 < note.size <= NEAR - note.at:
        data = data.ljust(note.at, b"\0") + tags.data[note.at : note.at + note.size]
        fixed[MAKER_NOTE] = Value(note.type, note.count, struct.pack(tags.order + "I", note.at))

    def add(at: int | None, more: dict[int, Value], skip: Container[int] = ()) -> int:
        """Where a directory is now, or 0 if nothing is in it."""
        values = {tag: value for tag, value in _copied(tags, at).items() if tag not in skip} | more
        data.extend(bytes(len(data) % 2))
        start = len(data)
        data.extend(directory(tags.order, values, start) if values else b"")
        return start if values else 0

    def link(tag: int, at: int) -> dict[int, Value]:
        return {tag: Value(4, 1, struct.pack(tags.order + "I", at))} if at else {}

    inner = link(INTEROP_IFD, add(tags.unpack("I", interop.at) if interop else None, {}))
    links = link(EXIF_IFD, add(exif, fixed | inner)) | link(GPS_IFD, add(gps, {}))
    struct.pack_into(tags.order + "I", data, 4, add(tags.first, links, leaving_out))
    return bytes(data) if data[4:8] != bytes(4) else b""


def _find(tags: Directories, at: int | None, tag: int) -> Entry | None:
    with contextlib.suppress(ValueError):
        return tags.find(at, tag) if at else None
    return None


def _copied(tags: Directories, at: int | None) -> dict[int, Value]:
    """The values of a directory, as many as can be told apart: together they are no longer than the file."""
    values, left = dict[int, Value](), len(tags.data)
    with contextlib.suppress(ValueError):
        for entry in tags.entries(at) if at else ():
            left -= entry.size
            if entry.type <= LAST_TYPE and entry.tag not in (EXIF_IFD, GPS_IFD, INTEROP_IFD) and left >= 0:
                values[entry.tag] = Value(entry.type, entry.count, bytes(tags.data[entry.at : entry.at + entry.size]))
    return values


def _directories(data: Directories) -> Iterator[int]:
    """The first directory and those it names, as far as they can be read."""
    yield data.first
    exif, gps = data.value(data.first, EXIF_IFD), data.value(data.first, GPS_IFD)
    interop = data.value(exif, INTEROP_IFD) if exif else None
    yield from (at for at in (exif, gps, interop) if at)


def _tidy(data: Directories, raw: bytearray, at: int, sizes: dict[tuple[int, ...], int]) -> None:
    """Take out what cannot be read, and say what is true of the upright picture."""
    left = []
    for place, entry in zip(_places(data, at), list(_all(data, at)), strict=True):
        if not _is_sound(data, entry):
            continue
        true = {ORIENTATION: 1} | {tag: size for tags, size in sizes.items() for tag in tags}
        if entry.tag in true:
            if entry.type not in CODES or true[entry.tag] >> 8 * SIZES[entry.type]:
                continue
            struct.pack_into(data.order + CODES[entry.type], raw, entry.at, true[entry.tag])
        left.append(bytes(raw[place : place + 12]))
    count = data.unpack("H", at)
    link = raw[at + 2 + 12 * count : at + 6 + 12 * count]
    struct.pack_into(data.order + "H", raw, at, len(left))
    raw[at + 2 : at + 6 + 12 * count] = (b"".join(left) + link).ljust(4 + 12 * count, b"\0")


def _cut_thumbnail(data: Directories, raw: bytearray) -> None:
    link = data.next_link(data.first)
    thumbnail = data.unpack("I", link)
    raw[link : link + 4] = bytes(4)
    try:
        start, length = data.value(thumbnail, THUMBNAIL_AT), data.value(thumbnail, THUMBNAIL_SIZE)
    except ValueError:
        return
    if thumbnail and start and length and 8 <= start <= len(raw) - length:
        raw[start : start + length] = bytes(length)


def _places(data: Directories, at: int) -> Iterator[int]:
    return iter(range(at + 2, at + 2 + 12 * data.unpack("H", at), 12))


def _all(data: Directories, at: int) -> Iterator[Entry]:
    """Every entry of a directory, also those whose value is out of bounds."""
    for place in _places(data, at):
        entry = Entry(data.unpack("H", place), data.unpack("H", place + 2), data.unpack("I", place + 4), place + 8)
        yield entry if entry.size <= 4 else Entry(entry.tag, entry.type, entry.count, data.unpack("I", place + 8))


def _is_sound(data: Directories, entry: Entry) -> bool:
    """Whether an entry can be read, and the directory, if it names one."""
    if entry.type not in SIZES or entry.type > LAST_TYPE or not 8 <= entry.at <= len(data.data) - entry.size:
        return False
    if entry.tag not in (EXIF_IFD, GPS_IFD, INTEROP_IFD):
        return True
    try:
        at = data.unpack("I", entry.at)
        return entry.type in (4, 13) and at >= 8 and data.next_link(at) <= len(data.data)
    except ValueError:
        return False
