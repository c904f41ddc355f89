"""The gain map that a photo's file embeds beside its picture: one function a container."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from reexposure.arrays import UInt8
from reexposure.photo import gainmap, jpeg, jpeg_metadata
from reexposure.photo.gainmap import AppleGainMap, GainMap
from reexposure.photo.metadata import Metadata
from reexposure.photo.orientation import upright


@dataclass(frozen=True, eq=False)
class EmbeddedGainMap:
    """``about`` says how ``codes``, (h2, w2, 1 or 3) and upright, become light; 255 is code 1.0."""

    about: GainMap | AppleGainMap
    codes: UInt8[np.ndarray, "h w c"]


def find(source: bytes, format: str, metadata: Metadata, orientation: int) -> EmbeddedGainMap | None:
    """The gain map in a file of ``format``, or None if there is none that can be used."""
    try:
        search = SEARCHES.get(format)
        found = search(source, metadata) if search else None
        if found is None:
            return None
        codes = np.asarray(found[1])
    except (ValueError, OSError, SyntaxError):
        return None  # a damaged gain map is no reason to refuse the photo
    turned = 1 if format == "HEIF" else orientation
    return EmbeddedGainMap(found[0], upright(codes.reshape(*codes.shape[:2], -1), turned))


def _in_jpeg(source: bytes, metadata: Metadata) -> tuple[GainMap | AppleGainMap, Image.Image] | None:
    for data in jpeg.further_pictures(source):
        segments = jpeg.Jpeg(jpeg.segments(data), b"")
        iso = segments.payload(jpeg.APP2, jpeg_metadata.GAIN_MAP_ISO)
        xmp = segments.payload(jpeg.APP1, jpeg.XMP)
        if len(iso) > 4:
            return gainmap.from_iso(iso), Image.open(io.BytesIO(data))
        if b"hdrgm:GainMapMax" in xmp:
            return gainmap.from_xmp(xmp), Image.open(io.BytesIO(data))
        if b"hdrgainmap" in xmp.lower():
            return gainmap.from_apple(metadata.exif, xmp), Image.open(io.BytesIO(data))
    return None


def _in_heic(source: bytes, metadata: Metadata) -> tuple[AppleGainMap, Image.Image] | None:
    import pi_heif

    first = pi_heif.open_heif(source)
    for kind, numbers in first.info.get("aux", {}).items():
        if "hdrgainmap" in kind and numbers:
            aux = first.get_aux_image(numbers[0])
            return gainmap.from_apple(metadata.exif, metadata.xmp), aux.to_pillow().convert("L")
    return None


SEARCHES: dict[str, Callable[[bytes, Metadata], tuple[GainMap | AppleGainMap, Image.Image] | None]] = {
    "JPEG": _in_jpeg,
    "HEIF": _in_heic,
}
