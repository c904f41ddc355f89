"""TIFF files of 8 and 16 bits, by Pillow, which alone writes EXIF into them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from reexposure.arrays import Shaped
from reexposure.codecs.ifd import Directories
from reexposure.metadata import IPTC_RESOURCE, Metadata, resource_block

WIDTH, BITS, SAMPLE_FORMAT, XMP, IPTC, RESOURCES = 256, 258, 339, 700, 33723, 34377
STRUCTURE = {
    254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 277, 278, 279, 280, 281, 282, 283, 284, 290, 291, 292, 293, 296,
    297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 333, 334, 336, 337, 338, 339, 340, 341, 342, 347,
    512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, XMP, IPTC, RESOURCES, 34675, 37724,
}  # fmt: skip
"""Tags that tell how the picture is stored, or that `Metadata` holds on its own; the rest is EXIF."""


def blocks(picture: TiffImageFile) -> tuple[bytes, bytes, bytes]:
    """EXIF, XMP and image resources of an opened TIFF."""
    tags = picture.tag_v2
    exif = picture.getexif()
    about = Image.Exif()
    about.load(exif.tobytes())
    for tag in [t for t in about if t in STRUCTURE]:
        del about[tag]
    resources, iptc = _bytes(tags, RESOURCES), _bytes(tags, IPTC)
    if iptc and not resources:
        resources = resource_block({IPTC_RESOURCE: iptc})
    return about.tobytes().removeprefix(b"Exif\0\0") if len(about) else b"", _bytes(tags, XMP), resources


def write(pixels: Shaped[np.ndarray, "h w c"], metadata: Metadata, compression: str) -> bytes:
    """A TIFF of one to four channels of uint8 or uint16.

    Pillow knows no colours of 16 bits. But a strip is only bytes, compressed as such: written as
    a picture of 8 bits and twice as wide, it is right once two tags are.
    """
    deep = pixels.dtype == np.uint16
    stored = pixels.astype("<u2").view(np.uint8) if deep else pixels
    height, width, channels = pixels.shape
    stored = np.ascontiguousarray(stored).reshape(height, -1, channels)
    picture = Image.fromarray(stored[..., 0] if channels == 1 else stored)
    info = ImageFileDirectory_v2()
    if metadata.exif:
        exif = Image.Exif()
        exif.load(metadata.exif)
        for tag in exif:
            info[tag] = exif.get_ifd(tag) if tag in (0x8769, 0x8825) else exif[tag]
    for tag, block in ((XMP, metadata.xmp), (IPTC, metadata.iptc), (RESOURCES, metadata.resources)):
        if block:
            info[tag] = block
            info.tagtype[tag] = 7 if tag == IPTC else 1
    options: dict[str, Any] = {"icc_profile": metadata.profile} if metadata.profile else {}
    if metadata.dpi:
        options["dpi"] = metadata.dpi
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", tiffinfo=info, compression=compression, **options)
    if not deep:
        return buffer.getvalue()
    tags = Directories(buffer.getvalue())
    tags.change(tags.first, WIDTH, width)
    tags.change(tags.first, BITS, *[16] * channels)
    return bytes(tags.data)


def _bytes(tags: ImageFileDirectory_v2, tag: int) -> bytes:
    value = tags.get(tag, b"")
    if isinstance(value, bytes):
        return value
    if isinstance(value, tuple) and all(isinstance(v, int) for v in value):  # IPTC is often stored as longs
        return b"".join(v.to_bytes(4, "little" if tags._endian == "<" else "big") for v in value)
    return b""
