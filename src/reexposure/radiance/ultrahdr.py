"""Ultra HDR: a JPEG that any program shows, with a gain map after it for displays that reach further."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations

import numpy as np
from PIL import Image

from reexposure.arrays import Float32, UInt8
from reexposure.light import bands, camera, colour
from reexposure.light.camera import Response
from reexposure.light.numbers import NUMBERS
from reexposure.light.resampling import resized
from reexposure.photo import claims, jpeg, jpeg_metadata, xmp
from reexposure.photo.embedded import EmbeddedGainMap
from reexposure.photo.gainmap import GainMap
from reexposure.photo.metadata import described
from reexposure.photo.orientation import upright
from reexposure.photo.photo import Photo

GAMMA = float(NUMBERS["ultra_hdr"]["gamma"])
"""Codes are the square root of the gain. Where the photo is well exposed the code is 0, and what
JPEG compression makes of that beside a highlight, a few codes, stays below some thousandths of a stop."""

OFFSET, SHOWN_EV = (float(NUMBERS["ultra_hdr"][name]) for name in ("offset", "shown_ev"))
QUALITY = int(NUMBERS["ultra_hdr"]["quality"])
"""SHOWN_EV: the headroom at which displays are asked to show the whole gain. Displays reach two or
three stops; asked for the ten of a sun, they would show a fifth of every other highlight's."""

BACK = {6: 8, 8: 6}
"""Orientations that undo one another; all others undo themselves."""


def encoded(
    linear: Float32[np.ndarray, "h w 3"],
    photo: Photo,
    response: Response,
    told: Mapping[str, str] | None = None,
    developed: bool = False,
) -> bytes:
    """``linear`` light (1.0 is the photo's white) as a gain map behind the photo.

    A photo that is a JPEG file is kept to the byte: its picture is not compressed again. ``response``
    must be the curve of the photo's colour space, by which readers decode the base. XMP records what is ``told``.
    ``developed``: the photo shows less of the light, or more, than a camera would.
    """
    codes, about = _codes(linear, photo, response, developed)
    whole = photo.format == "JPEG" and photo.source and not photo.grey and photo.encoding.get("qtables")
    try:
        base = jpeg.split(photo.source if whole else photo.encoded("JPEG"))
    except ValueError:  # a file without an end, which others read, too, but which no gain map could follow
        whole, base = False, jpeg.split(replace(photo, source=b"").encoded("JPEG"))
    if whole:
        base = jpeg_metadata.with_profile(base, photo.metadata.profile)
    lying = codes
    if whole and photo.orientation != 1:
        lying = upright(codes, BACK.get(photo.orientation, photo.orientation))
    buffer = io.BytesIO()
    Image.fromarray(lying).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    second = jpeg.split(buffer.getvalue())
    segments = [
        *jpeg_metadata.xmp_segments(xmp.packet(about.to_xmp())),
        jpeg.Segment(jpeg.APP2, jpeg_metadata.GAIN_MAP_ISO + about.to_iso()),
    ]
    map_file = bytes(jpeg.Jpeg([second.segments[0], *segments, *second.segments[1:]], second.scan))
    return jpeg.multi_picture(_announcing(base, len(map_file), told or {}), [map_file])


def light(photo: Photo, gain_map: EmbeddedGainMap, response: Response) -> Float32[np.ndarray, "h w 3"]:
    """The radiance that a photo's file holds: its gain map, enlarged, on its own light."""
    about, space = gain_map.about, photo.colour_space
    theirs = about.space if isinstance(about, GainMap) else None
    there, back = None, None
    if theirs and theirs.primaries != space.primaries:
        there, back = (colour.conversion(*pair).T.astype(np.float32) for pair in permutations((space, theirs)))
    height, width = photo.pixels.shape[:2]
    full = resized(gain_map.codes / np.float32(255), (width, height), Image.Resampling.BILINEAR)
    linear = np.empty(photo.pixels.shape, np.float32)

    def relight(rows: slice) -> None:
        own = response.decode(photo.pixels[rows] / np.float32(photo.levels)).astype(np.float32)
        if there is None:
            linear[rows] = about.apply(own, full[rows])
        else:
            linear[rows] = np.maximum(about.apply(own @ there, full[rows]) @ back, 0)

    bands.over_rows(relight, height, width)
    return linear


def _codes(
    linear: Float32[np.ndarray, "h w 3"], photo: Photo, response: Response, developed: bool
) -> tuple[UInt8[np.ndarray, "h w 3"], GainMap]:
    """One gain map for all channels' gains, with one range: what all readers agree on."""
    offset = np.float32(OFFSET)
    gain_ev = np.empty(linear.shape, np.float32)

    def measure(rows: slice) -> None:
        pixels, light, levels = photo.pixels[rows], linear[rows], np.float32(photo.levels)
        gain = np.log2((light + offset) / (response.decode(pixels / levels) + offset))
        # Where the base is the light, rounded, there is nothing to gain: its noise would only make the file large.
        shown = np.rint(camera.photograph(light, 0.0, response) * levels) == pixels
        if not developed:  # shadows stay the photo's own, and gains need no codes for less light
            shown |= pixels < np.float32(camera.UNDER_FROM) * levels
            gain = gain.clip(0, None)
        gain_ev[rows] = np.where(shown & (light <= 1), 0, gain)

    bands.over_rows(measure, *linear.shape[:2])
    high = max(math.ceil(float(gain_ev.max()) * 100) / 100, 0.1)
    low = min(math.floor(float(gain_ev.min()) * 100) / 100, 0.0)
    codes = np.empty(linear.shape, np.uint8)

    def code(rows: slice) -> None:
        share = (gain_ev[rows] - np.float32(low)) / np.float32(high - low)
        np.rint(255 * share ** np.float32(GAMMA), out=codes[rows], casting="unsafe")

    bands.over_rows(code, *linear.shape[:2])
    three = ((low, low, low), (high, high, high), (GAMMA, GAMMA, GAMMA))
    about = GainMap(*three, headroom_ev=min(high, SHOWN_EV))
    return codes, about


def _announcing(base: jpeg.Jpeg, size: int, about: Mapping[str, str]) -> jpeg.Jpeg:
    """``base`` with segments that say that a gain map of ``size`` bytes follows, in place of older claims."""
    item = '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="{}" Item:Mime="image/jpeg"{}/></rdf:li>'
    note = (
        '<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
        ' xmlns:Container="http://ns.google.com/photos/1.0/container/"'
        ' xmlns:Item="http://ns.google.com/photos/1.0/container/item/" hdrgm:Version="1.0">'
        "<Container:Directory><rdf:Seq>"
        + item.format("Primary", "")
        + item.format("GainMap", f' Item:Length="{size}"')
        + "</rdf:Seq></Container:Directory></rdf:Description>"
    ).encode() + (described(**about) if about else b"")
    try:
        told = jpeg_metadata.packet_in(base.segments)
        packet = xmp.with_descriptions(xmp.without(told, claims.is_stale) if told else b"", note)
    except ValueError:
        packet = xmp.packet(note)
    version = jpeg.Segment(jpeg.APP2, jpeg_metadata.GAIN_MAP_ISO + bytes(4))
    others = [s for s in base.segments if not jpeg_metadata.is_stale(s)]
    # EXIF stays first, as its standard asks; JFIF may stand before it.
    head = sum(1 for s in others if s.marker == jpeg.APP0 or s.starts(jpeg.APP1, jpeg.EXIF))
    segments = [*others[:head], *jpeg_metadata.xmp_segments(packet), version, *others[head:]]
    return jpeg.Jpeg(segments, base.scan)
