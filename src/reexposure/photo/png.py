"""PNG files as what they are: a list of chunks. Pillow and OpenImageIO read and write the pixels only.

Source: W3C, "Portable Network Graphics (PNG) Specification (Third Edition)"; ImageMagick for its raw profiles.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from reexposure.photo import exif
from reexposure.photo.metadata import IPTC_RESOURCE, MAX_PROFILE, Metadata, resource_block

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PICTURE = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
COLOURS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4}
"""Colours told in PNG's own ways, and how many bytes that takes."""
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
XMP_KEYWORD, RAW = b"XML:com.adobe.xmp", b"Raw profile type "
READ = (XMP_KEYWORD, *(RAW + name for name in (b"exif", b"APP1", b"xmp", b"iptc", b"8bim")))
MAX_CHUNKS, MAX_SIDE_CHUNKS, MAX_TEXT = 200_000, 10_000, 16_000_000

Chunks = list[tuple[bytes, bytes]]


def chunks(data: bytes) -> Chunks:
    """The (type, content) of each chunk beside the picture, before or after it, whose checksum is right."""
    found: Chunks = []
    for kind, start, end in _places(data):
        if kind not in (b"IDAT", b"fdAT") and _is_whole(data, start, end):
            found.append((kind, data[start : end - 4]))
            if len(found) == MAX_SIDE_CHUNKS:
                break
    return found


def picture_alone(data: bytes) -> bytes:
    """A PNG of what its pixels need and nothing else: a damaged side chunk harms nobody.

    The compressed picture becomes one chunk; it has a checksum of its own within.
    """
    kept, end = bytearray(SIGNATURE), b""
    for kind, start, stop in _places(data):
        if kind == b"IEND":
            end = data[start - 8 : stop]
        elif kind in PICTURE and kind != b"IDAT" and (kind != b"tRNS" or _is_whole(data, start, stop)):
            kept += data[start - 8 : stop]
    return bytes(kept) + _chunk(b"IDAT", b"".join(picture_parts(data))) + end


def picture_parts(data: bytes) -> Iterator[bytes]:
    """The compressed picture, chunk by chunk."""
    return (data[start : end - 4] for kind, start, end in _places(data) if kind == b"IDAT")


def blocks(data: bytes) -> Metadata:
    """What a PNG says about its picture; damaged blocks say nothing."""
    about = chunks(data)
    told = dict(reversed(about))  # the first of each
    packed = {content.partition(b"\0")[0]: (kind, content) for kind, content in reversed(about) if kind in TEXTS}
    texts = {name: _text(*packed[name])[1] for name in READ if name in packed}
    own = [told.get(b"eXIf", b""), *(_raw(texts, name) for name in (b"exif", b"APP1"))]
    own = [block.removeprefix(b"Exif\0\0") for block in own]
    iptc = _raw(texts, b"iptc") or _raw(texts, b"8bim")
    return Metadata(
        exif=next((block for block in own if block.startswith(exif.HEADS)), b""),
        xmp=texts.get(XMP_KEYWORD) or _raw(texts, b"xmp"),
        resources=iptc if iptc.startswith(b"8BIM") or not iptc else resource_block({IPTC_RESOURCE: iptc}),
        profile=_inflated(told.get(b"iCCP", b"").partition(b"\0")[2][1:], MAX_PROFILE),
        dpi=_dpi(told.get(b"pHYs", b"")),
    )


def kept(data: bytes) -> Chunks:
    """What only a PNG can keep: texts, and colours told in PNG's own ways."""
    found, room = dict[bytes, tuple[bytes, bytes]](), MAX_TEXT
    texts: Chunks = []
    for kind, content in chunks(data):
        if COLOURS.get(kind) == len(content):
            found.setdefault(kind, (kind, content))
        elif kind in TEXTS and not content.startswith((XMP_KEYWORD + b"\0", RAW)):
            keyword, text = _text(kind, content, room)
            room = max(0, room - len(text) if text else room - room // 8)  # what fails takes its time, too
            if keyword and (text or kind == b"tEXt"):
                texts.append((kind, content))
    return [*found.values(), *texts]


def with_metadata(data: bytes, metadata: Metadata, own: Chunks) -> bytes:
    """A PNG of pixels alone, with its metadata and the chunks ``own`` put before the picture."""
    added = [c for c in own if not (metadata.profile and c[0] in COLOURS)]
    if metadata.profile:
        added.insert(0, (b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.profile)))
    if metadata.dpi:
        added.append((b"pHYs", struct.pack(">IIB", *(round(dpi / 0.0254) for dpi in metadata.dpi), 1)))
    if metadata.exif:
        added.append((b"eXIf", metadata.exif))
    if metadata.xmp:
        added.append((b"iTXt", XMP_KEYWORD + b"\0\0\0\0\0" + metadata.xmp))
    if metadata.resources:
        block = metadata.resources
        text = b"\niptc\n%8d\n" % len(block) + block.hex().encode() + b"\n"
        added.append((b"zTXt", RAW + b"iptc\0\0" + zlib.compress(text)))
    picture = picture_alone(data)
    head = len(SIGNATURE) + 25  # IHDR, which comes first
    return picture[:head] + b"".join(_chunk(*c) for c in added) + picture[head:]


def _places(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The type of each chunk, where its content starts and where all of it ends."""
    at = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        if at + 12 > len(data):
            return
        end = at + 12 + _number(data, at)
        yield data[at + 4 : at + 8], at + 8, end
        if data[at + 4 : at + 8] == b"IEND":
            return
        at = end


def _is_whole(data: bytes, start: int, end: int) -> bool:
    """Whether a chunk's checksum is right."""
    return zlib.crc32(data[start - 4 : end - 4]) == _number(data, end - 4)


def _text(kind: bytes, content: bytes, room: int = MAX_TEXT) -> tuple[bytes, bytes]:
    """Keyword and text of a text chunk; no text where it is damaged, or longer than ``room``."""
    keyword, _, rest = content.partition(b"\0")
    if kind == b"zTXt":
        return keyword, _inflated(rest[1:], room)  # after a byte that names the compression
    if kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].partition(b"\0")[2].partition(b"\0")[2]  # two names of languages
        return keyword, _inflated(rest, room) if packed else rest
    return keyword, rest


def _inflated(data: bytes, limit: int) -> bytes:
    """What ``data`` was before its compression; nothing if it is damaged or exceeds ``limit``."""
    try:
        whole = zlib.decompressobj()
        text = whole.decompress(data, limit + 1)
    except zlib.error:
        return b""
    return text if len(text) <= limit and whole.eof else b""


def _raw(texts: dict[bytes, bytes], name: bytes) -> bytes:
    """One of ImageMagick's profiles: lines with a name, a count, and the bytes in hexadecimal."""
    lines = texts.get(RAW + name, b"").strip().split(b"\n", 2)
    try:
        return bytes.fromhex(re.sub(rb"\s", b"", lines[2]).decode("ascii")) if len(lines) == 3 else b""
    except ValueError:
        return b""  # damaged


def _dpi(content: bytes) -> tuple[float, float] | None:
    if len(content) != 9 or content[8] != 1:  # 0: only the shape of a pixel is known
        return None
    return _number(content, 0) * 0.0254, _number(content, 4) * 0.0254


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
