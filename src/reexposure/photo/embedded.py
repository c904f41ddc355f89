"""The gain map that a photo's file embeds beside its picture: one function a container."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from reexposure.arrays import UInt8
from reexposure.light import colour, icc
from reexposure.light.colour import ColourSpace
from reexposure.photo import (
    gainmap,
    items,
    jpeg,
    jpeg_metadata,
    jxl,
    jxl_header,
    plugins,
    with_openimageio,
    with_pillow,
)
from reexposure.photo.depth import to_8_bits
from reexposure.photo.gainmap import AppleGainMap, GainMap
from reexposure.photo.orientation import upright

ASPECT, SLACK_PX = 0.05, 2
"""How far a map's shape may differ from its photo's, and by how many of its pixels at least."""

TILES_PX = 1_000_000
"""How many pixels the tiles of a map may have more than its photo."""

About = GainMap | AppleGainMap
Size = tuple[int, int]
"""Height and width in pixels."""
if TYPE_CHECKING:
    Codes = UInt8[np.ndarray, "h w c"]


@dataclass(frozen=True, eq=False)
class EmbeddedGainMap:
    """``about`` says how ``codes``, (h2, w2, 1 or 3) and upright, become light; 255 is code 1.0."""

    about: About
    codes: UInt8[np.ndarray, "h w c"]


def find(source: bytes, format: str, size: Size, orientation: int) -> EmbeddedGainMap | None:
    """The gain map in a file of ``format`` with a picture of ``size``, or None if there is none that can be used."""
    try:
        search = SEARCHES.get(format)
        found = search(source, size) if search else None
        if found is None:
            return None
        about, codes = found
        return EmbeddedGainMap(about, upright(codes, orientation if format == "JPEG" else 1))
    except Exception:  # decoders raise nearly anything; a damaged gain map is no reason to refuse the photo
        return None


def check(size: Size, photo: Size) -> None:
    """Raise ValueError for a map that is larger than its photo, or of another shape, whichever way it lies."""
    slack = max(ASPECT, SLACK_PX / max(1, min(size)))
    for height, width in (photo, photo[::-1]):
        same_shape = abs(size[0] * width - size[1] * height) <= slack * size[0] * width
        if 0 < size[0] <= height and 0 < size[1] <= width and same_shape:
            return
    raise ValueError("a gain map of another shape than its photo")


def _in_jpeg(source: bytes, size: Size) -> tuple[About, Codes] | None:
    """Ultra HDR, Adobe's and Apple's: a JPEG of its own after the photo's (ISO 21496-1, annex B)."""
    for data in jpeg.further_pictures(source):
        segments = jpeg.Jpeg(jpeg.segments(data), b"")
        iso = segments.payload(jpeg.APP2, jpeg_metadata.GAIN_MAP_ISO)
        packet = segments.payload(jpeg.APP1, jpeg.XMP)
        about: About
        if len(iso) > 4:
            about = gainmap.from_iso(iso)
        elif b"GainMapMax" in packet:
            about = gainmap.from_xmp(packet)
        elif b"hdrgainmap" in packet.lower():
            about = gainmap.from_apple(jpeg_metadata.blocks(source)[0], packet)
        else:
            continue
        picture = plugins.opened(data)
        if isinstance(about, GainMap):
            profile = with_pillow.blocks(picture, data).profile
            about = _in_colours(about, icc.space(profile) if profile else None)
        return about, _codes(picture, size)
    return None


def _in_items(source: bytes, size: Size) -> tuple[About, Codes] | None:
    """ISO 21496-1 in AVIF and HEIC: an item ``tmap`` derived from the picture and from its map (HEIF, 6.6.2.4)."""
    found = items.read(source)
    for number, item in found.items.items():
        if item.kind == b"tmap" and len(item.links) == 2 and item.links[0] == found.primary:
            content = found.content(number)
            if content[:1] != b"\0":
                raise ValueError("a gain map of a kind not known here")
            about = gainmap.from_iso(content[1:])
            check(found.size(item.links[1]), size)
            alone = found.alone(item.links[1], item.links[0])
            items.check_streams(alone, size[0] * size[1] + TILES_PX)
            picture = plugins.opened(alone)
            turned = items.orientation(alone) if picture.format == "AVIF" else 1  # HEIC is turned by its decoder
            told = [box[8:] for _, box in found.named(number, (b"colr",))]
            return _in_colours(about, _space(told[0]) if told else None), upright(_codes(picture, size), turned)
    return None


def _in_heic(source: bytes, size: Size) -> tuple[About, Codes] | None:
    """ISO 21496-1, or Apple's older form: an auxiliary picture."""
    standard = _in_items(source, size)
    if standard:
        return standard
    import pi_heif

    first = pi_heif.open_heif(source)
    for kind, numbers in first.info.get("aux", {}).items():
        if "hdrgainmap" in kind and numbers:
            told = [bytes(first.info.get(name) or b"").removeprefix(b"Exif\0\0") for name in ("exif", "xmp")]
            about = gainmap.from_apple(*told)
            aux = first.get_aux_image(numbers[0])
            check(aux.size[::-1], size)
            return about, _codes(aux.to_pillow(), size)
    return None


def _in_jxl(source: bytes, size: Size) -> tuple[About, Codes] | None:
    """A box ``jhgm``: what ISO 21496-1 says, colours, and a bare codestream (ISO 18181-2)."""
    box = jxl.content(source, b"jhgm")
    if box is None:
        return None
    told = int.from_bytes(box[1:3], "big")
    block, at = box[3 : 3 + told], 3 + told
    if len(block) % 4 == 2:  # with the version that AVIF puts in front
        block = block[1:]
    at += 1 + box[at]  # colours of the other picture, in bits of JPEG XL's own
    at += 4 + int.from_bytes(box[at : at + 4], "big")  # or as a packed profile
    stream = box[at:]
    head = jxl_header.header(stream)
    check((head.height, head.width), size)
    pixels = to_8_bits(with_openimageio.read(jxl.padded(stream), ".jxl", size[0] * size[1])[0])
    return gainmap.from_iso(block), pixels[..., : 3 if pixels.shape[-1] >= 3 else 1]


def _codes(picture: Image.Image, size: Size) -> Codes:
    """The values of a map as they lie in its file. Raises ValueError for one that is none."""
    check((picture.height, picture.width), size)
    if picture.mode not in ("L", "LA", "RGB", "RGBA"):
        raise ValueError("a gain map in other colours")
    mode = "L" if picture.mode in ("L", "LA") else "RGB"
    return np.asarray(picture.convert(mode)).reshape(picture.height, picture.width, -1)


def _in_colours(about: GainMap, space: ColourSpace | None) -> GainMap:
    """A gain map that knows in which colours it counts, if they are not its photo's."""
    return about if about.in_base_colours or about.backward else replace(about, space=space)


def _space(box: bytes) -> ColourSpace | None:
    """What a box of colours (``colr``) says, if anything."""
    if box[:4] == b"nclx":
        return colour.of_codes(*struct.unpack_from(">HH", box, 4))
    return icc.space(box[4:]) if box[:4] in (b"prof", b"rICC") else None


SEARCHES: dict[str, Callable[[bytes, Size], tuple[About, Codes] | None]] = {
    "JPEG": _in_jpeg,
    "AVIF": _in_items,
    "HEIF": _in_heic,
    "JXL": _in_jxl,
}
"""Where each format in Pillow's words keeps gain maps."""
