"""Gain maps: the light that a photo's file holds beyond white, as a second, smaller picture.

Sources: ISO 21496-1:2025; Adobe, "Gain Map Specification 1.0" (the XMP form); Apple, "Applying
Apple HDR effect to your photos" (its own, older form).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from reexposure.arrays import Float32
from reexposure.light import camera
from reexposure.photo.ifd import Directories

Three = tuple[float, float, float]
FIELDS = ("GainMapMin", "GainMapMax", "Gamma", "OffsetSDR", "OffsetHDR")
MULTICHANNEL, BASE_COLOURS, BACKWARD, COMMON_DENOMINATOR = 0x80, 0x40, 0x04, 0x08
MAKER_NOTE, EXIF_IFD, APPLE = 0x927C, 0x8769, b"Apple iOS\0"


@dataclass(frozen=True)
class GainMap:
    """How codes in [0, 1] become light. Gains are in stops, one value for each of red, green and blue.

    ``headroom_ev`` is how far above white a display must reach to show all of it.
    """

    low_ev: Three = (0.0, 0.0, 0.0)
    high_ev: Three = (1.0, 1.0, 1.0)
    gamma: Three = (1.0, 1.0, 1.0)
    base_offset: Three = (1 / 64, 1 / 64, 1 / 64)
    alternate_offset: Three = (1 / 64, 1 / 64, 1 / 64)
    headroom_ev: float = 1.0

    def apply(
        self, linear: Float32[np.ndarray, "h w 3"], codes: Float32[np.ndarray, "h w c"]
    ) -> Float32[np.ndarray, "h w 3"]:
        """The light of a linear base picture (1.0 is white) under ``codes`` of one or three channels."""
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
    """Read the block of ISO 21496-1. Raises ValueError if it is damaged or runs backwards."""
    try:
        minimum, _, flags = struct.unpack_from(">HHB", data)
        if minimum != 0 or flags & BACKWARD:
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
    return _checked(list(zip(*rows, strict=True)), numbers[1])


def from_xmp(xmp: bytes) -> GainMap:
    """Read Adobe's form. Raises ValueError if it is damaged or runs backwards."""
    text = xmp.decode("utf-8", "replace")
    if _xmp_values(text, "BaseRenditionIsHDR", ["False"])[0].lower() == "true":
        raise ValueError("a gain map of a kind not known here")
    defaults = ("0", None, "1", "0.015625", "0.015625")
    columns = []
    for name, default in zip(FIELDS, defaults, strict=True):
        values = [float(v) for v in _xmp_values(text, name, [default] if default else None)]
        columns.append(tuple((values * 3)[:3] if len(values) < 3 else values[:3]))
    return _checked(columns, float(_xmp_values(text, "HDRCapacityMax", ["1"])[0]))


def from_apple(exif: bytes, xmp: bytes) -> AppleGainMap:
    """Read Apple's headroom, from XMP or from the maker's notes. Raises ValueError without it."""
    told = re.search(rb"HDRGainMapHeadroom(?:=[\"']|>)\s*([0-9.]+)", xmp)
    if told:
        return AppleGainMap(max(1.0, float(told[1])))
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
        stops = 1.8 - 20 * second if second <= 0.01 else 1.601 - 0.101 * second
    else:
        stops = 3.0 - 70 * second if second <= 0.01 else 2.303 - 0.303 * second
    return AppleGainMap(2.0 ** max(0.0, stops))


def _checked(columns: Sequence[tuple[float, ...]], headroom: float) -> GainMap:
    """A gain map of ``FIELDS`` by channel, if they make sense."""
    low, high, gamma, base, alternate = ((c[0], c[1], c[2]) for c in columns)
    if not np.isfinite([*columns, (headroom,) * 3]).all() or min(gamma) <= 0 or max(map(abs, low + high)) > 32:
        raise ValueError("damaged gain map")
    return GainMap(low, high, gamma, base, alternate, headroom)


def _fraction(value: float, signed: bool = False) -> bytes:
    # Small enough for 31 bits above the line; a reader rejects the form with a common denominator.
    exact = Fraction(value).limit_denominator(1_000_000)
    return struct.pack(">iI" if signed else ">II", exact.numerator, exact.denominator)


def _xmp_values(text: str, name: str, default: list[str] | None) -> list[str]:
    attribute = re.search(rf"hdrgm:{name}\s*=\s*[\"']([^\"']*)[\"']", text)
    if attribute:
        return [attribute[1]]
    element = re.search(rf"<hdrgm:{name}[^>]*>(.*?)</hdrgm:{name}>", text, re.DOTALL)
    if element:
        return re.findall(r"<rdf:li[^>]*>\s*([^<\s]+)\s*</rdf:li>", element[1]) or [element[1].strip()]
    if default is None:
        raise ValueError("damaged gain map")
    return default
