"""TIFF files of 8 and 16 bits, by Pillow, which alone writes EXIF into them."""

from __future__ import annotations

import io
import itertools
import zlib
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from reexposure.arrays import Shaped
from reexposure.photo.ifd import Directories
from reexposure.photo.metadata import IPTC_RESOURCE, Metadata, image_resources, resource_block

WIDTH, BITS, COMPRESSION, OFFSETS, SIZES, RESOLUTION, PREDICTOR, DEFLATE = 256, 258, 259, 273, 279, 282, 317, 8
SUBFILE, PHOTOMETRIC, REDUCED, MASK = 254, 262, 1, 4
XMP, IPTC, RESOURCES = 700, 33723, 34377
STRUCTURE = {
    254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 277, 278, 279, 280, 281, 282, 283, 284, 290, 291, 292, 293, 296,
    297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 333, 334, 336, 337, 338, 339, 340, 341, 342, 347,
    512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, XMP, IPTC, RESOURCES, 34675, 37724,
}  # fmt: skip
"""Tags that tell how the picture is stored, or that `Metadata` holds on its own; the rest is EXIF."""


def is_tiff(data: bytes) -> bool:
    """Whether this is a TIFF or BigTIFF."""
    return data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))


def note_on_pages(data: bytes) -> str | None:
    """What to say of a TIFF of which only the first page is read; smaller copies of it are no pages."""
    tags = Directories(data)
    kinds = [tags.value(at, SUBFILE) or 0 for at in tags.chain()]
    more = sum(1 for kind in kinds[1:] if not kind & (REDUCED | MASK))
    return f"has {more} further page{'s' if more > 1 else ''}; the first is used" if more else None


def with_indices(data: bytes) -> bytes:
    """A TIFF of a palette as one of grey: OpenImageIO would round its colours, which have 16 bits."""
    tags = Directories(data)
    tags.change(tags.first, PHOTOMETRIC, 1)
    return bytes(tags.data)


def blocks(picture: TiffImageFile, data: bytes) -> tuple[bytes, bytes, bytes]:
    """EXIF, XMP and image resources of an opened TIFF."""
    tags = Directories(data)
    about = Image.Exif()
    if not tags.big:  # whose directories nothing else can hold
        about.load(picture.getexif().tobytes())
    for tag in [t for t in about if t in STRUCTURE]:
        del about[tag]
    xmp, resources, iptc = (_block(tags, tag) for tag in (XMP, RESOURCES, IPTC))
    if iptc and not resources:
        resources = resource_block({IPTC_RESOURCE: iptc})
    return about.tobytes().removeprefix(b"Exif\0\0") if len(about) else b"", xmp, resources


def write(pixels: Shaped[np.ndarray, "h w c"], metadata: Metadata, compressed: bool) -> bytes:
    """A TIFF of one to four channels of uint8 or uint16, deflated if ``compressed``.

    Pillow knows no colours of 16 bits, and no EXIF in a compressed file. But a strip is only
    bytes: written plainly, as a picture of 8 bits and twice as wide, it is put right afterwards.
    """
    height, width, channels = pixels.shape
    stored = pixels
    if compressed:  # as the difference to the pixel before: TIFF's predictor 2
        stored = pixels.copy()
        stored[:, 1:] -= pixels[:, :-1]
    deep = pixels.dtype == np.uint16
    stored = stored.astype("<u2").view(np.uint8) if deep else stored
    stored = np.ascontiguousarray(stored).reshape(height, -1, channels)
    picture = Image.fromarray(stored[..., 0] if channels == 1 else stored)
    info = ImageFileDirectory_v2()
    if metadata.exif:
        exif = Image.Exif()
        exif.load(metadata.exif)
        for tag in exif:
            info[tag] = exif.get_ifd(tag) if tag in (0x8769, 0x8825) else exif[tag]
    # IPTC has a tag of its own in TIFF; written twice, it would be read twice.
    others = {number: block for number, block in image_resources(metadata.resources).items() if number != IPTC_RESOURCE}
    for tag, block in ((XMP, metadata.xmp), (IPTC, metadata.iptc), (RESOURCES, resource_block(others))):
        if block:
            info[tag] = block
            info.tagtype[tag] = 7 if tag == IPTC else 1
    if compressed:
        info[PREDICTOR] = 2
    options: dict[str, Any] = {"icc_profile": metadata.profile} if metadata.profile else {}
    if metadata.dpi:
        options["dpi"] = metadata.dpi
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", tiffinfo=info, compression="raw", **options)
    tags = Directories(buffer.getvalue())
    if deep:
        tags.change(tags.first, WIDTH, width)
        tags.change(tags.first, BITS, *[16] * channels)
    return _deflated(tags) if compressed else bytes(tags.data)


def _deflated(tags: Directories) -> bytes:
    """The file with its strips, which Pillow puts last, compressed."""
    offsets, sizes = tags.values(tags.first, OFFSETS), tags.values(tags.first, SIZES)
    strips = [zlib.compress(tags.data[at : at + size]) for at, size in zip(offsets, sizes, strict=True)]
    places = itertools.accumulate(map(len, strips[:-1]), initial=offsets[0])
    tags.change(tags.first, COMPRESSION, DEFLATE)
    tags.change(tags.first, SIZES, *map(len, strips))
    tags.change(tags.first, OFFSETS, *places)
    return bytes(tags.data[: offsets[0]]) + b"".join(strips)


def _block(tags: Directories, tag: int) -> bytes:
    """The bytes of a tag, whatever type it claims: IPTC is often stored as longs."""
    entry = tags.find(tags.first, tag)
    return b"" if entry is None else bytes(tags.data[entry.at : entry.at + entry.size])
