"""JPEG XL files (ISO 18181-2): boxes around the picture, which OpenImageIO writes without metadata."""

from __future__ import annotations

import importlib.util
import struct

from reexposure.photo.boxes import boxes
from reexposure.photo.metadata import Metadata

CODESTREAM, SIGNATURE = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
PACKED = b"brob"
MIN_BYTES, MAX_BLOCK = 128, 16_000_000
FILE_TYPE = b"ftypjxl \0\0\0\0jxl "


def is_jxl(data: bytes) -> bool:
    """Whether this is JPEG XL, bare or in boxes."""
    return data.startswith((CODESTREAM, SIGNATURE))


def blocks(data: bytes) -> tuple[bytes, bytes]:
    """EXIF and XMP out of the boxes."""
    exif = content(data, b"Exif") or b""
    return exif[4 + int.from_bytes(exif[:4], "big") :], content(data, b"xml ") or b""


def content(data: bytes, kind: bytes) -> bytes | None:
    """The content of the first box of a kind, or of a packed one, which needs imagecodecs; or None."""
    found = [] if data.startswith(CODESTREAM) else list(boxes(data))
    plain = next((data[box.start : box.end] for box in found if box.kind == kind), None)
    packed = [box for box in found if box.kind == PACKED and data.startswith(kind, box.start)]
    return _unpacked(data[packed[0].start + 4 : packed[0].end]) if plain is None and packed else plain


def note_on_packed(data: bytes) -> str | None:
    """What to say of a file whose EXIF or XMP cannot be read for want of a package."""
    if data.startswith(CODESTREAM) or importlib.util.find_spec("imagecodecs"):
        return None
    kinds = {data[box.start : box.start + 4] for box in boxes(data) if box.kind == PACKED}
    return (
        "its EXIF or XMP is packed, which needs pip install 'reexposure[deep]'" if kinds & {b"Exif", b"xml "} else None
    )


def _unpacked(data: bytes) -> bytes | None:
    """What a box of Brotli data held, up to MAX_BLOCK bytes; None if it is damaged or cannot be read here."""
    try:
        import imagecodecs

        return bytes(imagecodecs.brotli_decode(data, out=MAX_BLOCK))
    except (ImportError, RuntimeError, ValueError):
        return None


def padded(data: bytes) -> bytes:
    """The file with a box of nothing behind it, if it is short: OpenImageIO refuses files of less than 128 bytes."""
    return data if len(data) >= MIN_BYTES else with_metadata(data, Metadata()) + _box(b"free" + bytes(MIN_BYTES))


def with_metadata(data: bytes, about: Metadata) -> bytes:
    """A JPEG XL file with boxes for EXIF and XMP after the picture, in place of what it has of them."""
    if data.startswith(CODESTREAM):
        data = SIGNATURE + _box(FILE_TYPE) + _box(b"jxlc" + data)
    else:  # OpenImageIO writes EXIF that says nothing
        kept = [box for box in boxes(data) if box.kind not in (PACKED, b"Exif", b"xml ")]
        data = b"".join(_box(box.kind + data[box.start : box.end]) for box in kept)
    if about.exif:
        data += _box(b"Exif" + bytes(4) + about.exif)
    if about.xmp:
        data += _box(b"xml " + about.xmp)
    return data


def _box(content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 4) + content
