"""OpenEXR's standard attributes of how a picture was taken, out of a photo's EXIF.

Source: OpenEXR, "Standard Attributes" (ImfStandardAttributes.h); Exif 3.0 (CIPA DC-008).
"""

from __future__ import annotations

import contextlib
import re

from reexposure.photo.exif import EXIF_IFD
from reexposure.photo.ifd import Directories, Entry

ASCII, RATIONAL = 2, 5
MAX_TEXT, UNKNOWN = 1000, 0xFFFFFFFF
NUMBERS_OF = {
    0x829A: "expTime", 0x829D: "aperture", 0x8827: "isoSpeed", 0x9206: "focus", 0x920A: "nominalFocalLength",
}  # fmt: skip
"""Seconds, f-number, ISO, metres and millimetres."""
TEXTS_OF = {0x010F: "cameraMake", 0x0110: "cameraModel", 0xA433: "lensMake", 0xA434: "lensModel"}
COPYRIGHT, ARTIST, TAKEN, OFFSET = 0x8298, 0x013B, 0x9003, 0x9011
DATE = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
ZONE = re.compile(r"([+-])(\d\d):(\d\d)")


def attributes(exif: bytes) -> dict[str, str | float]:
    """What EXIF tells that OpenEXR has a standard attribute for; damaged EXIF counts as far as it goes.

    Camera, lens, exposure, aperture, ISO, focus, when it was taken, and the owner: who has the copyright, else the
    artist. Not the place, and no serial numbers.
    """
    found: dict[str, str | float] = {}
    texts: dict[int, str] = {}
    with contextlib.suppress(ValueError):
        data = Directories(exif)
        inner = data.value(data.first, EXIF_IFD)
        for at in filter(None, (data.first, inner)):
            for entry in data.entries(at):
                number = _number(data, entry) if entry.tag in NUMBERS_OF else 0
                if number > 0:
                    found[NUMBERS_OF[entry.tag]] = number
                elif text := _text(data, entry):
                    texts[entry.tag] = text
    found |= {name: texts[tag] for tag, name in TEXTS_OF.items() if tag in texts}
    if owner := texts.get(COPYRIGHT) or texts.get(ARTIST):
        found["owner"] = owner
    if DATE.fullmatch(texts.get(TAKEN, "")):
        found["capDate"] = texts[TAKEN]
        if zone := ZONE.fullmatch(texts.get(OFFSET, "")):  # OpenEXR's is what to add for UTC
            found["utcOffset"] = (-1.0 if zone[1] == "+" else 1.0) * (int(zone[2]) * 3600 + int(zone[3]) * 60)
    return found


def _number(data: Directories, entry: Entry) -> float:
    """The first number of an entry, or 0 where it has none that is above."""
    if entry.type == RATIONAL:
        above, below = data.unpack("I", entry.at), data.unpack("I", entry.at + 4)
        return above / below if below and above != UNKNOWN else 0.0
    return float(next(iter(data.values_of(entry, 1)), 0))


def _text(data: Directories, entry: Entry) -> str:
    if entry.type != ASCII:
        return ""
    content = bytes(data.data[entry.at : entry.at + min(entry.size, MAX_TEXT)])
    text = content.partition(b"\0")[0].decode("utf-8", "replace").strip()
    return "".join(c for c in text if c.isprintable())
