"""JPEG XL files (ISO 18181-2): boxes around the picture, which OpenImageIO writes without metadata."""

from __future__ import annotations

import struct

from reexposure.photo.metadata import Metadata

CODESTREAM, SIGNATURE = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
FILE_TYPE = b"ftypjxl \0\0\0\0jxl "


def is_jxl(data: bytes) -> bool:
    """Whether this is JPEG XL, bare or in boxes."""
    return data.startswith((CODESTREAM, SIGNATURE))


def blocks(data: bytes) -> tuple[bytes, bytes]:
    """EXIF and XMP out of the boxes (those that are compressed stay unread)."""
    exif, xmp, at = b"", b"", 0
    while at + 8 <= len(data) and not data.startswith(CODESTREAM):
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 16 if size == 1 else at + 8
        end = at + int.from_bytes(data[at + 8 : at + 16], "big") if size == 1 else at + size if size else len(data)
        if end <= at:
            break
        if kind == b"Exif":
            exif = data[start + 4 + int.from_bytes(data[start : start + 4], "big") : end]
        elif kind == b"xml ":
            xmp = data[start:end]
        at = end
    return exif, xmp


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
