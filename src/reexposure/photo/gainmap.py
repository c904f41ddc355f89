"""Gain maps: the light that a photo's file holds beyond white, as a second, smaller picture.

Sources: ISO 21496-1:2025; Adobe, "Gain Map Specification 1.0" (the XMP form); Apple, "Applying
Apple HDR effect to your photos" (its own, older form).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from reexposure.arrays import Float32
from reexposure.light import camera
from reexposure.light.colour import ColourSpace
from reexposure.photo import xmp
from reexposure.photo.ifd import Directories

Three = tuple[float, float, float]
FIELDS = ("GainMapMin", "GainMapMax", "Gamma", "OffsetSDR", "OffsetHDR")
MULTICHANNEL, BASE_COLOURS, BACKWARD, COMMON_DENOMINATOR = 0x80, 0x40, 0x04, 0x08
MAKER_NOTE, EXIF_IFD, APPLE = 0x927C, 0x8769, b"Apple iOS\0"
HDRGM = "http://ns.adobe.com/hdr-gain-map/1.0/"
HEADROOM = ("http://ns.apple.com/HDRGainMap/1.0/", "HDRGainMapHeadroom")
MAX_EV, MAX_APPLE_EV, MAX_GAMMA, MAX_OFFSET = 32.0, 8.0, 100.0, 16.0
"""Beyond these a file is damaged."""


@dataclass(frozen=True)
class GainMap:
    """How codes in [0, 1] become light. Gains are in stops, one value for each of red, green and blue.

    ``headroom_ev`` is how far above white a display must reach to show all of it. ``backward`` maps lead
    from a base that holds all light already to a picture for other displays. Unless ``in_base_colours``,
    gains count in the other picture's colour ``space``, if the file says which.
    """

    low_ev: Three = (0.0, 0.0, 0.0)
    high_ev: Three = (1.0, 1.0, 1.0)
    gamma: Three = (1.0, 1.0, 1.0)
    base_offset: Three = (1 / 64, 1 / 64, 1 / 64)
    alternate_offset: Three = (1 / 64, 1 / 64, 1 / 64)
    headroom_ev: float = 1.0
    backward: bool = False
    in_base_colours: bool = True
    space: ColourSpace | None = None

    def apply(
        self, linear: Float32[np.ndarray, "h w 3"], codes: Float32[np.ndarray, "h w c"]
    ) -> Float32[np.ndarray, "h w 3"]:
        """The light of a linear base picture (1.0 is white) under ``codes`` of one or three channels.

        A ``backward`` map leads from a base that holds all of it.
        """
        if self.backward:
            return linear
        low, high, gamma, base, alternate = (
            np.array(v, np.float32)
            for v in (self.low_ev, self.high_ev, self.gamma, self.base_offset, self.alternate_offset)
        )
        gain_ev = low + (high - low) * codes ** (1 / gamma)
        return np.maximum((linear + base) * np.exp2(gain_ev) - alternate, 0).astype(np.float32)

    def to_iso(self) -> bytes:
        """The metadata block of ISO 21496-1, annex C; one set of values where the channels share them."""
        columns = (self.low_ev, self.high_ev, self.gamma, self.base_offset, self.alternate_offset)
        rows = list(zip(*columns, strict=True))
        rows = rows[:1] if len(set(rows)) == 1 else rows
        flags = BASE_COLOURS | (MULTICHANNEL if len(rows) == 3 else 0)
        data = struct.pack(">HHB", 0, 0, flags) + _fraction(0.0) + _fraction(self.headroom_ev)
        for row in rows:
            data += b"".join(_fraction(v, signed=n in (0, 1, 3, 4)) for n, v in enumerate(row))
        return data

    def to_xmp(self) -> bytes:
        """The same as an ``rdf:Description``."""
        columns = (self.low_ev, self.high_ev, self.gamma, self.base_offset, self.alternate_offset)
        names = "".join(f' hdrgm:{name}="{value[0]:.6f}"' for name, value in zip(FIELDS, columns, strict=True))
        return (
            '<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'
            f'{names} hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="{self.headroom_ev:.6f}"'
            ' hdrgm:BaseRenditionIsHDR="False"/>'
        ).encode()


@dataclass(frozen=True)
class AppleGainMap:
    """Apple's form: ``1 + (headroom - 1) * decoded code`` times the base picture's light."""

    headroom: float

    def apply(
        self, linear: Float32[np.ndarray, "h w 3"], codes: Float32[np.ndarray, "h w c"]
    ) -> Float32[np.ndarray, "h w 3"]:
        """See `GainMap.apply`."""
        gain = 1 + np.float32(self.headroom - 1) * camera.RESPONSES["srgb"].decode(codes)
        return (linear * gain).astype(np.float32)


def from_iso(data: bytes) -> GainMap:
    """Read the block of ISO 21496-1. Raises ValueError if it is damaged."""
    try:
        minimum, _, flags = struct.unpack_from(">HHB", data)
        if minimum != 0:
            raise ValueError("a gain map of a kind not known here")
        channels = 3 if flags & MULTICHANNEL else 1
        signs = "II" + "iiIii" * channels
        if flags & COMMON_DENOMINATOR:
            below, *above = struct.unpack_from(f">I{signs}", data, 5)
            numbers = [n / below for n in above]
        else:
            pairs = struct.unpack_from(">" + "".join(f"{s}I" for s in signs), data, 5)
            numbers = [n / d for n, d in zip(pairs[::2], pairs[1::2], strict=True)]
    except (struct.error, ZeroDivisionError) as error:
        raise ValueError("damaged gain map") from error
    rows = [numbers[2 + 5 * c : 7 + 5 * c] for c in range(channels)] * (3 // channels)
    backward = bool(flags & BACKWARD) or numbers[0] > numbers[1]
    about = _checked(list(zip(*rows, strict=True)), max(numbers[:2]), backward)
    return replace(about, in_base_colours=bool(flags & BASE_COLOURS))


def from_xmp(packet: bytes) -> GainMap:
    """Read Adobe's form. Raises ValueError if it is damaged."""
    columns = []
    for name, default in zip(FIELDS, (["0"], [], ["1"], ["0.015625"], ["0.015625"]), strict=True):
        values = [float(v) for v in xmp.values(packet, (HDRGM, name)) or default]
        if not values:
            raise ValueError("damaged gain map")
        columns.append(tuple((values * 3)[:3] if len(values) < 3 else values[:3]))
    backward = (xmp.values(packet, (HDRGM, "BaseRenditionIsHDR")) or [""])[0].lower() == "true"
    return _checked(columns, float((xmp.values(packet, (HDRGM, "HDRCapacityMax")) or ["1"])[0]), backward)


def from_apple(exif: bytes, packet: bytes) -> AppleGainMap:
    """Read Apple's headroom, from XMP or from the maker's notes. Raises ValueError without it."""
    told = xmp.values(packet, HEADROOM) if packet else []
    if told:
        return _apple(math.log2(max(1.0, float(told[0]))))
    data = Directories(exif)
    at = data.value(data.first, EXIF_IFD)
    note = data.find(at, MAKER_NOTE) if at else None
    block = bytes(data.data[note.at : note.at + note.size]) if note else b""
    if not block.startswith(APPLE):
        raise ValueError("Apple's gain map without its headroom")
    # The note is a directory of its own, big-endian, after a head of 14 bytes; offsets count from the note.
    inner = Directories(b"MM\0*\0\0\0\x0e" + block[8:])
    values = {}
    for entry in inner.entries(14):
        if entry.tag in (33, 48) and entry.type in (5, 10):
            code = "i" if entry.type == 10 else "I"
            values[entry.tag] = inner.unpack(code, entry.at) / max(1, inner.unpack(code, entry.at + 4))
    if len(values) < 2:
        raise ValueError("Apple's gain map without its headroom")
    first, second = values[33], values[48]
    if first < 1:
        return _apple(1.8 - 20 * second if second <= 0.01 else 1.601 - 0.101 * second)
    return _apple(3.0 - 70 * second if second <= 0.01 else 2.303 - 0.303 * second)


def _apple(headroom_ev: float) -> AppleGainMap:
    if not headroom_ev <= MAX_APPLE_EV:  # also true of what is no number
        raise ValueError("damaged gain map")
    return AppleGainMap(2.0 ** max(0.0, headroom_ev))


def _checked(columns: Sequence[tuple[float, ...]], headroom_ev: float, backward: bool) -> GainMap:
    """A gain map of ``FIELDS`` by channel, if they make sense."""
    low, high, gamma, base, alternate = ((c[0], c[1], c[2]) for c in columns)
    sensible = (
        np.isfinite([*columns, (headroom_ev,) * 3]).all()
        and all(1 / MAX_GAMMA <= g <= MAX_GAMMA for g in gamma)
        and all(abs(ev) <= MAX_EV for ev in (*low, *high, headroom_ev))
        and all(abs(offset) <= MAX_OFFSET for offset in (*base, *alternate))
    )
    if not sensible:
        raise ValueError("damaged gain map")
    return GainMap(low, high, gamma, base, alternate, headroom_ev, backward)


def _fraction(value: float, signed: bool = False) -> bytes:
    # Small enough for 31 bits above the line; a reader rejects the form with a common denominator.
    exact = Fraction(value).limit_denominator(1_000_000)
    return struct.pack(">iI" if signed else ">II", exact.numerator, exact.denominator)
