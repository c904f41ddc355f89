"""TIFF files of 8 and 16 bits: what they say, and how they are written.

Source: Adobe, "TIFF Revision 6.0" and "TIFF Technical Note 3" (deflate).
"""

from __future__ import annotations

import contextlib
import struct
import zlib
from dataclasses import replace
from fractions import Fraction

import numpy as np

from reexposure.arrays import Shaped
from reexposure.photo import exif
from reexposure.photo.ifd import Directories, Value, directory
from reexposure.photo.metadata import IPTC_RESOURCE, Metadata, resource_block, without_resources

BITS, RESOLUTION = 258, 282
SUBFILE, PHOTOMETRIC, REDUCED, MASK = 254, 262, 1, 4
LOG_LUV = (32844, 32845)
XMP, IPTC, RESOURCES, PROFILE, SIGNATURE = 700, 33723, 34377, 34675, 52545
STRUCTURE = {
    254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 277, 278, 279, 280, 281, 282, 283, 284, 290, 291, 292, 293, 296,
    297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 333, 334, 336, 337, 338, 339, 340, 341, 342, 347,
    512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, XMP, IPTC, RESOURCES, PROFILE, 37724, SIGNATURE,
}  # fmt: skip
"""Tags that tell how the picture is stored, that `Metadata` holds on its own, or that sign the file (C2PA); the rest
is EXIF."""
BYTE, SHORT, LONG, RATIONAL, UNDEFINED = 1, 3, 4, 5, 7
STRIP_BYTES = 1 << 18


def is_tiff(data: bytes) -> bool:
    """Whether this is a TIFF or BigTIFF."""
    return data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))


def reason(data: bytes) -> str | None:
    """Why a TIFF cannot be read, in words that follow its name, or None for one that may be."""
    try:
        tags = Directories(data)
        if tags.value(tags.first, PHOTOMETRIC) in LOG_LUV:
            return "a LogLuv TIFF, which is not read; save it as float TIFF or OpenEXR first"
    except ValueError:
        pass
    return None


def note_on_pages(data: bytes) -> str | None:
    """What to say of a TIFF of which only the first page is read; smaller copies of it are no pages."""
    tags = Directories(data)
    kinds = [tags.value(at, SUBFILE) or 0 for at in tags.chain()]
    more = sum(1 for kind in kinds[1:] if not kind & (REDUCED | MASK))
    return f"has {more} further page{'s' if more > 1 else ''}; the first is used" if more else None


def with_indices(data: bytes) -> bytes:
    """A TIFF of a palette as one of grey: OpenImageIO would round its colours, which have 16 bits."""
    copy = bytearray(data)
    tags = Directories(copy)
    told = tags.find(tags.first, PHOTOMETRIC)
    if told and told.type == SHORT:
        struct.pack_into(tags.order + "H", copy, told.at, 1)
    return bytes(copy)


def blocks(data: bytes) -> tuple[bytes, bytes, bytes]:
    """EXIF, XMP and image resources of a TIFF, IPTC among them."""
    tags = Directories(data)
    xmp, resources, iptc = (_block(tags, tag) for tag in (XMP, RESOURCES, IPTC))
    if iptc:  # the tag that TIFF has for it; editors write it into the resources as well
        resources = resource_block({IPTC_RESOURCE: iptc}) + without_resources(resources, (IPTC_RESOURCE,))
    with contextlib.suppress(ValueError):
        return exif.of_tiff(tags, STRUCTURE), xmp, resources
    return b"", xmp, resources  # damaged


def write(pixels: Shaped[np.ndarray, "h w c"], metadata: Metadata, compressed: bool) -> bytes:
    """A TIFF of one to four channels of uint8 or uint16, deflated if ``compressed``.

    EXIF is the file's beginning, byte for byte, so that no offset in it changes; the picture's own
    directory, at the end, takes over what EXIF's first one says.
    """
    height, width, channels = pixels.shape
    head = bytearray(metadata.exif or b"II*\0\0\0\0\0")
    order = "<" if head[:1] == b"I" else ">"
    offsets, strips, at = [], [], len(head) + len(head) % 2
    rows = max(1, STRIP_BYTES // (width * channels * pixels.itemsize))
    for top in range(0, height, rows):
        strips.append(_strip(pixels[top : top + rows], order, compressed))
        offsets.append(at)
        at += len(strips[-1])
    said = Directories(head)
    tags = (
        {tag: value for tag, value in said.fields(said.first).items() if tag not in STRUCTURE} if metadata.exif else {}
    )
    tags |= _about(metadata, order)
    tags |= {
        256: _value(order, LONG, width), 257: _value(order, LONG, height),
        BITS: _value(order, SHORT, *[8 * pixels.itemsize] * channels),
        259: _value(order, SHORT, 8 if compressed else 1),
        262: _value(order, SHORT, 2 if channels >= 3 else 1),
        273: _value(order, LONG, *offsets), 277: _value(order, SHORT, channels), 278: _value(order, LONG, rows),
        279: _value(order, LONG, *map(len, strips)), 284: _value(order, SHORT, 1),
    }  # fmt: skip
    if compressed:
        tags[317] = _value(order, SHORT, 2)
    if channels in (2, 4):
        tags[338] = _value(order, SHORT, 2)  # straight alpha
    start = at + at % 2
    struct.pack_into(order + "I", head, 4, start)
    padding = b"\0" * (len(head) % 2), b"\0" * (at % 2)
    return b"".join([head, padding[0], *strips, padding[1], directory(order, tags, start)])


def _strip(rows: Shaped[np.ndarray, "h w c"], order: str, compressed: bool) -> bytes:
    if compressed:  # as the difference to the pixel before: TIFF's predictor 2
        rows = np.concatenate([rows[:, :1], rows[:, 1:] - rows[:, :-1]], axis=1)
    data = rows.astype(f"{order}u{rows.itemsize}").tobytes()
    return zlib.compress(data) if compressed else data


def _about(metadata: Metadata, order: str) -> dict[int, Value]:
    """The tags of what a photo's file says besides EXIF."""
    # IPTC written twice would be read twice.
    resources = without_resources(metadata.resources, (IPTC_RESOURCE,))
    named = {XMP: metadata.xmp, IPTC: metadata.iptc, RESOURCES: resources, PROFILE: metadata.profile}
    tags = {
        tag: Value(BYTE if tag in (XMP, RESOURCES) else UNDEFINED, len(block), block)
        for tag, block in named.items() if block
    }  # fmt: skip
    if metadata.dpi:
        for tag, dpi in zip((RESOLUTION, RESOLUTION + 1), metadata.dpi, strict=True):
            exact = Fraction(dpi).limit_denominator(10_000)
            tags[tag] = replace(_value(order, LONG, exact.numerator, exact.denominator), type=RATIONAL, count=1)
        tags[296] = _value(order, SHORT, 2)  # to the inch
    return tags


def _value(order: str, type: int, *values: int) -> Value:
    return Value(type, len(values), struct.pack(f"{order}{len(values)}{'H' if type == SHORT else 'I'}", *values))


def _block(tags: Directories, tag: int) -> bytes:
    """The bytes of a tag, whatever type it claims: IPTC is often stored as longs."""
    entry = tags.find(tags.first, tag)
    return b"" if entry is None else bytes(tags.data[entry.at : entry.at + entry.size])
