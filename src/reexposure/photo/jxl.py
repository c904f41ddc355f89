"""JPEG XL files (ISO 18181-2): boxes around the picture, which OpenImageIO writes without metadata."""

from __future__ import annotations

import struct

from reexposure.photo.boxes import child
from reexposure.photo.metadata import Metadata

CODESTREAM, SIGNATURE = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
MIN_BYTES = 128
FILE_TYPE = b"ftypjxl \0\0\0\0jxl "


def is_jxl(data: bytes) -> bool:
    """Whether this is JPEG XL, bare or in boxes."""
    return data.startswith((CODESTREAM, SIGNATURE))


def blocks(data: bytes) -> tuple[bytes, bytes]:
    """EXIF and XMP out of the boxes (those that are compressed stay unread)."""
    exif = content(data, b"Exif") or b""
    return exif[4 + int.from_bytes(exif[:4], "big") :], content(data, b"xml ") or b""


def content(data: bytes, kind: bytes) -> bytes | None:
    """The content of the first box of a kind, or None."""
    found = None if data.startswith(CODESTREAM) else child(data, None, kind)
    return data[found.start : found.end] if found else None


def padded(data: bytes) -> bytes:
    """The file with a box of nothing behind it, if it is short: OpenImageIO refuses files of less than 128 bytes."""
    return data if len(data) >= MIN_BYTES else with_metadata(data, Metadata()) + _box(b"free" + bytes(MIN_BYTES))


def with_metadata(data: bytes, about: Metadata) -> bytes:
    """A JPEG XL file with boxes for EXIF and XMP after the picture."""
    if data.startswith(CODESTREAM):
        data = SIGNATURE + _box(FILE_TYPE) + _box(b"jxlc" + data)
    if about.exif:
        data += _box(b"Exif" + bytes(4) + about.exif)
    if about.xmp:
        data += _box(b"xml " + about.xmp)
    return data


def _box(content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 4) + content
