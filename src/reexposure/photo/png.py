"""PNG files as what they are: a list of chunks. Pillow and OpenImageIO write the pixels only."""

from __future__ import annotations

import re
import struct
import zlib

from reexposure.photo.metadata import IPTC_RESOURCE, Metadata, resource_block

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_KEYWORD = b"XML:com.adobe.xmp"
KEPT = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"sBIT", b"tEXt", b"zTXt", b"iTXt")
RAW_IPTC = b"Raw profile type iptc"
RAW_EXIF = (b"Raw profile type exif", b"Raw profile type APP1")

Chunks = list[tuple[bytes, bytes]]


def chunks(data: bytes) -> Chunks:
    """The (type, content) of each chunk, as far as the file goes."""
    found, at = [], len(SIGNATURE)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


def kept(data: bytes) -> Chunks:
    """What only a PNG can keep: texts, and colours told in PNG's own ways."""
    ours = (XMP_KEYWORD + b"\0", b"Raw profile type ")
    return [(kind, content) for kind, content in chunks(data) if kind in KEPT and not content.startswith(ours)]


def resources(data: bytes) -> bytes:
    """Photoshop's image resources, which hold IPTC, from ImageMagick's raw profile."""
    for kind, content in chunks(data):
        keyword, _, rest = content.partition(b"\0")
        if kind in (b"tEXt", b"zTXt") and keyword == RAW_IPTC:
            # In a zTXt a byte names the compression. Lines with a name, a count, and the bytes in hexadecimal follow.
            text = rest if kind == b"tEXt" else zlib.decompressobj().decompress(rest[1:], 10_000_000)
            lines = text.strip().split(b"\n", 2)
            block = bytes.fromhex(re.sub(rb"\s", b"", lines[2]).decode()) if len(lines) == 3 else b""
            return block if block.startswith(b"8BIM") or not block else resource_block({IPTC_RESOURCE: block})
    return b""


def has_raw_exif(data: bytes) -> bool:
    """Whether EXIF is kept as text, as ImageMagick did before PNG had a chunk for it."""
    return any(content.startswith(RAW_EXIF) for kind, content in chunks(data) if kind in (b"tEXt", b"zTXt"))


def with_metadata(data: bytes, metadata: Metadata, own: Chunks) -> bytes:
    """A PNG of pixels alone, with its metadata and the chunks ``own`` put before the picture."""
    head, *rest = chunks(data)
    added = [c for c in own if not (metadata.profile and c[0] in (b"sRGB", b"cICP", b"gAMA", b"cHRM"))]
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
        added.append((b"zTXt", RAW_IPTC + b"\0\0" + zlib.compress(text)))
    pixels = [c for c in rest if c[0] in (b"PLTE", b"tRNS", b"IDAT", b"IEND")]
    return SIGNATURE + b"".join(_chunk(*c) for c in (head, *added, *pixels))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
