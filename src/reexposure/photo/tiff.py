"""TIFF files of 8 and 16 bits: what they say, and how they are written.

Source: Adobe, "TIFF Revision 6.0".
"""

from __future__ import annotations

import contextlib
import io
import struct
from dataclasses import replace
from fractions import Fraction

import numpy as np

from reexposure.arrays import Shaped
from reexposure.photo import exif
from reexposure.photo.ifd import Directories, Value, directory
from reexposure.photo.metadata import IPTC_RESOURCE, Metadata, resource_block, without_resources

BITS, RESOLUTION = 258, 282
RESOLUTIONS = (RESOLUTION, 283, 296)
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
    import tifffile

    _, width, channels = pixels.shape
    head = metadata.exif or b"II*\0\0\0\0\0"
    said = Directories(head)
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=said.order) as writer:
        file.write(head[8:])  # after the header, which is there by now
        writer.write(
            pixels if channels > 1 else pixels[..., 0],
            photometric="rgb" if channels >= 3 else "minisblack",
            planarconfig="contig" if channels > 1 else None,
            extrasamples=["unassalpha"] if channels in (2, 4) else None,
            compression="adobe_deflate" if compressed else None,
            predictor=compressed,
            rowsperstrip=max(1, STRIP_BYTES // (width * channels * pixels.itemsize)),
            software=False,  # it is told by EXIF
            metadata=None,
            maxworkers=1,
        )
    # tifffile writes no links to EXIF and GPS, so its directory is left behind and this one is in its place.
    own = Directories(file.getvalue())
    tags = (
        {tag: value for tag, value in said.fields(said.first).items() if tag not in STRUCTURE} if metadata.exif else {}
    )
    tags |= {tag: value for tag, value in own.fields(own.first).items() if tag not in RESOLUTIONS}
    tags |= _about(metadata, said.order)
    del own  # and the copy that it holds
    start = file.seek(0, io.SEEK_END)
    start += file.write(bytes(start % 2))
    file.write(directory(said.order, tags, start))
    file.seek(4)
    file.write(struct.pack(said.order + "I", start))
    return file.getvalue()


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
