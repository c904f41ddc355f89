"""What a file says its colours mean, in whichever way it says so: as the ICC profile that says the same.

What goes before what: code points (PNG's cICP, nclx of AVIF and HEIC), then an ICC profile, then PNG's sRGB,
gAMA and cHRM, then the Adobe RGB of EXIF's DCF. A file that says nothing is sRGB, and so is one that says
what cannot be.
"""

from __future__ import annotations

import contextlib
import struct
from dataclasses import replace
from typing import Any

import numpy as np

from reexposure.arrays import Shaped
from reexposure.light import camera, colour, icc, littlecms, transfer
from reexposure.light.colour import ColourSpace
from reexposure.photo import boxes, png
from reexposure.photo.ifd import Directories
from reexposure.photo.metadata import Metadata

EXIF_IFD, COLOUR_SPACE, INTEROP_IFD, INTEROP_INDEX = 0x8769, 0xA001, 0xA005, 0x0001
PQ_PROFILE = b"ITUR_2100_PQ_FULL\0"
"""What an ICC profile in a PNG is called that stands for PQ (W3C Note, "Using the ITU BT.2100 PQ EOTF with PNG")."""
UNCALIBRATED, ADOBE_RGB = 0xFFFF, b"R03"


def told(data: bytes, about: Metadata, grey: bool) -> Metadata:
    """What is said ``about`` a photo's file, with the profile that names its colours.

    That is the file's own, or one made of what else it says; none for sRGB.
    """
    found = (
        _in_png(data, bool(about.profile)) if data.startswith(png.SIGNATURE) else _in_boxes(data, bool(about.profile))
    )
    if about.profile and (found is None or found == icc.understood(about.profile)):
        return about
    if found is None and not grey and is_adobe_rgb(about.exif):
        found = colour.ADOBE_RGB
    return naming(found or ColourSpace(), about, grey)


def followed(pixels: Shaped[np.ndarray, "h w c"], about: Metadata) -> tuple[Shaped[np.ndarray, "h w c2"], Metadata]:
    """Pixels of grey or RGB, with alpha after them or without, and what is to be said about them.

    A profile made of tables is followed: its picture becomes sRGB. One that says nothing, or nothing of
    such pixels, is left out.
    """
    channels, profile = pixels.shape[-1], about.profile
    grey, count = channels < 3, channels - (channels in (2, 4))
    if profile[16:20] != (icc.GREY if grey else icc.RGB):
        profile = b""
    elif icc.has_tables(profile):
        with contextlib.suppress(ValueError):  # for one that cannot be used
            colours = littlecms.converted(pixels[..., :count], "L" if grey else "RGB", profile)
            pixels = np.concatenate([colours, pixels[..., count:]], axis=-1)
        profile = b""
    elif not icc.understood(profile):
        profile = b""
    grey = pixels.shape[-1] < 3
    return pixels, replace(about, profile=profile) if profile else naming(ColourSpace(), about, grey)


def naming(space: ColourSpace, about: Metadata, grey: bool) -> Metadata:
    """What is said ``about`` a photo, with a profile that names its colour space; none for sRGB.

    But what is sRGB against its own EXIF gets a profile that says so.
    """
    plain = space.is_srgb and (grey or not is_adobe_rgb(about.exif))
    return replace(about, profile=b"" if plain else icc.profile_of(space, grey))


def still_true(encoding: dict[str, Any], profile: bytes) -> dict[str, Any]:
    """Of what only the same format can keep, that which holds once a photo's colours are told by ``profile``."""
    kept = dict(encoding)
    if profile and "chunks" in kept:  # PNG's own ways to tell them
        kept["chunks"] = [chunk for chunk in kept["chunks"] if chunk[0] not in png.COLOURS]
    if icc.has_tables(profile):  # by which the picture becomes another than the file's
        kept.pop("qtables", None)
    return kept


def is_adobe_rgb(exif: bytes) -> bool:
    """Whether EXIF names Adobe RGB as cameras do (DCF 2.0, "optional colour space": no code of its own, and R03)."""
    try:
        data = Directories(exif)
        at = data.value(data.first, EXIF_IFD)
        if at is None or data.value(at, COLOUR_SPACE) != UNCALIBRATED:
            return False
        place = data.value(at, INTEROP_IFD)
        index = data.find(place, INTEROP_INDEX) if place else None
        return index is not None and bytes(data.data[index.at : index.at + 3]) == ADOBE_RGB
    except (ValueError, struct.error):
        return False


def _in_boxes(data: bytes, has_profile: bool) -> ColourSpace | None:
    """The code points of an AVIF or HEIC file. Beside a profile, those of sRGB are what writers fill in."""
    if data[4:8] != b"ftyp":
        return None
    codes = [content for kind, content in boxes.primary_properties(data) if kind == b"colr" and content[:4] == b"nclx"]
    if not codes or len(codes[0]) < 8:
        return None
    told = colour.of_codes(*struct.unpack_from(">HH", codes[0], 4))
    return None if told and told.name == "sRGB" and not told.is_light and has_profile else told


def _in_png(data: bytes, has_profile: bool) -> ColourSpace | None:
    chunks = {kind: content for kind, content in reversed(png.chunks(data)) if kind in png.COLOURS}
    codes = chunks.get(b"cICP", b"")
    told = colour.of_codes(codes[0], codes[1]) if len(codes) >= 4 else None
    if told is None and any(kind == b"iCCP" and content.startswith(PQ_PROFILE) for kind, content in png.chunks(data)):
        told = colour.of_codes(9, transfer.PQ)
    if told or has_profile:
        return told
    if b"sRGB" in chunks:
        return ColourSpace()
    return _of_gamma(chunks.get(b"gAMA", b""), chunks.get(b"cHRM", b""))


def _of_gamma(gamma: bytes, chromaticities: bytes) -> ColourSpace | None:
    """What gAMA and cHRM say (PNG, third edition, 11.3.2). The gamma that programs write for sRGB is sRGB's curve."""
    primaries: colour.Chromaticities = colour.KNOWN["sRGB"]
    if len(chromaticities) >= 32:
        white, *rest = np.reshape(struct.unpack_from(">8I", chromaticities), (4, 2)) / 100_000
        primaries = tuple((float(x), float(y)) for x, y in (*rest, white))
    value = struct.unpack_from(">I", gamma)[0] / 100_000 if len(gamma) >= 4 else 0.0
    if len(chromaticities) < 32 and not 0.1 < value < 10:
        return None
    space = colour.named(primaries)
    if not 0.1 < value < 10 or (space.name == "sRGB" and abs(value - 1 / 2.2) < 0.005):
        return space
    return colour.named(primaries, camera.PowerResponse(round(1 / value, 4)))
