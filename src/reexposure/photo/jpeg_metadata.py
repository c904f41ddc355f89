"""Metadata in and out of the segments of a JPEG."""

from __future__ import annotations

import hashlib
import re
import struct

from reexposure.photo import jpeg
from reexposure.photo.jpeg import APP0, APP1, APP2, APP13, COM, Jpeg, Segment
from reexposure.photo.metadata import Metadata, packet

JFIF, GAIN_MAP_ISO = b"JFIF\0", b"urn:iso:std:iso:ts:21496:-1\0"


def resources(data: bytes) -> bytes:
    """Photoshop's image resources, which may go on over several segments."""
    try:
        segments = jpeg.split(data).segments
    except ValueError:
        return b""
    parts = [s.payload for s in segments if s.starts(APP13, jpeg.PHOTOSHOP)]
    return b"".join(p.removeprefix(jpeg.PHOTOSHOP) for p in parts)


def kept(data: bytes) -> list[Segment]:
    """Segments that only a JPEG can keep: comments, and what makers and editors add.

    Left out is what belongs to the old pixels: how they were coded, further pictures and their
    index, and signatures (JUMBF), which any change breaks.
    """
    try:
        segments = jpeg.split(data).segments
    except ValueError:
        return []
    told = (
        (APP1, jpeg.EXIF), (APP1, jpeg.XMP), (APP2, jpeg.ICC), (APP2, jpeg.MPF), (APP2, GAIN_MAP_ISO),
        (APP13, jpeg.PHOTOSHOP),
    )  # fmt: skip
    makers = [m for m in range(APP1, APP0 + 16) if m not in (0xEB, 0xEE)]
    return [
        s
        for s in segments
        if (s.marker in (*makers, COM) or s.starts(APP0, JFIF)) and not any(s.starts(*t) for t in told)
    ]


def bare(data: bytes) -> bytes:
    """A JPEG file with only its picture and colour profile left, or nothing if it cannot be taken apart."""
    try:
        picture = jpeg.split(data)
    except ValueError:
        return b""
    coding = [s for s in picture.segments if s.marker < APP0 or s.marker in (APP0, 0xEE) or s.starts(APP2, jpeg.ICC)]
    return bytes(Jpeg(coding, picture.scan))


def described(picture: Jpeg, about: Metadata, own: list[Segment]) -> Jpeg:
    """A JPEG of pixels alone with its metadata, in the order in which readers expect it."""
    coding = [s for s in picture.segments if not APP0 <= s.marker < APP0 + 14 and s.marker != COM]
    density = [round(d) for d in about.dpi] if about.dpi else [1, 1]
    jfif = Segment(APP0, JFIF + struct.pack(">BBBHHBB", 1, 1, bool(about.dpi), *density, 0, 0))
    # The photo's own, but for the thumbnail that may end it.
    jfif = next((Segment(APP0, s.payload[:12] + b"\0\0") for s in own if s.marker == APP0), jfif)
    own = [s for s in own if s.marker != APP0]
    exif = [Segment(APP1, jpeg.EXIF + about.exif)] if about.exif else []
    room = jpeg.MAX_PAYLOAD - len(jpeg.PHOTOSHOP)
    photoshop = [Segment(APP13, jpeg.PHOTOSHOP + part) for part in jpeg.parts(about.resources, room)]
    profile = jpeg.chunked(APP2, jpeg.ICC, about.profile)
    return Jpeg([jfif, *exif, *xmp_segments(about.xmp), *own, *photoshop, *profile, *coding], picture.scan)


def xmp_segments(xmp: bytes) -> list[Segment]:
    """An XMP packet in one segment, or split into a short one and an extension (XMP part 3, 1.1.3.1)."""
    whole = jpeg.XMP + xmp
    if len(whole) <= jpeg.MAX_PAYLOAD:
        return [Segment(APP1, whole)] if xmp else []
    body = re.sub(rb"<\?xpacket[^>]*\?>", b"", xmp).strip()
    name = hashlib.md5(body, usedforsecurity=False).hexdigest().upper().encode()
    short = packet(
        b'<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
        b' xmpNote:HasExtendedXMP="' + name + b'"/>'
    )
    size = jpeg.MAX_PAYLOAD - len(jpeg.XMP_EXTENSION) - 40
    extension = [
        Segment(APP1, jpeg.XMP_EXTENSION + name + struct.pack(">II", len(body), number * size) + part)
        for number, part in enumerate(jpeg.parts(body, size))
    ]
    return [Segment(APP1, jpeg.XMP + short), *extension]
