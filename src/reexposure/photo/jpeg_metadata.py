"""Metadata in and out of the segments of a JPEG."""

from __future__ import annotations

import contextlib
import itertools
import struct

from reexposure.photo import exif, jpeg, xmp
from reexposure.photo.jpeg import APP0, APP1, APP2, APP11, APP13, COM, Jpeg, Segment
from reexposure.photo.metadata import Metadata

MAX_EXIF = jpeg.MAX_PAYLOAD - len(jpeg.EXIF)
JFIF, GAIN_MAP_ISO = b"JFIF\0", b"urn:iso:std:iso:ts:21496:-1\0"


def blocks(data: bytes) -> tuple[bytes, bytes, bytes]:
    """EXIF, XMP and Photoshop's image resources; each may go on over several segments."""
    segments = jpeg.segments(data)
    resources = [s.payload.removeprefix(jpeg.PHOTOSHOP) for s in segments if s.starts(APP13, jpeg.PHOTOSHOP)]
    return _exif(segments), packet_in(segments), b"".join(resources)


def _exif(segments: list[Segment]) -> bytes:
    """EXIF of all its segments. One that begins anew belongs to another writer."""
    parts = [s.payload.removeprefix(jpeg.EXIF) for s in segments if s.starts(APP1, jpeg.EXIF)]
    more = itertools.takewhile(lambda part: part[:4] not in exif.HEADS, parts[1:])
    return b"".join([*parts[:1], *more])


def packet_in(segments: list[Segment]) -> bytes:
    """The XMP packet with its extension (XMP part 3, 1.1.3.1), where that is there and whole."""
    first = next((s.payload.removeprefix(jpeg.XMP) for s in segments if s.starts(APP1, jpeg.XMP)), b"")
    parts: dict[bytes, list[tuple[int, int, bytes]]] = {}
    for segment in segments:
        if segment.starts(APP1, jpeg.XMP_EXTENSION):
            head = segment.payload.removeprefix(jpeg.XMP_EXTENSION)
            size, at = int.from_bytes(head[32:36], "big"), int.from_bytes(head[36:40], "big")
            parts.setdefault(head[:32], []).append((at, size, head[40:]))
    for name, pieces in parts.items():
        whole = b"".join(piece for *_, piece in sorted(pieces))
        with contextlib.suppress(ValueError):
            if name.decode("latin-1") in xmp.values(first, xmp.EXTENSION) and len(whole) == pieces[0][1]:
                return xmp.joined(first, whole)
    return first


def is_stale(segment: Segment) -> bool:
    """Whether a segment speaks of the old bytes, or is written anew: XMP, gain maps, and signatures (C2PA)."""
    older = (APP1, jpeg.XMP), (APP1, jpeg.XMP_EXTENSION), (APP2, GAIN_MAP_ISO)
    return segment.marker == APP11 or any(segment.starts(*one) for one in older)


def kept(data: bytes) -> list[Segment]:
    """Segments that only a JPEG can keep: comments, and what makers and editors add.

    Left out is what belongs to the old pixels: how they were coded, further pictures and their
    index, and signatures (JUMBF), which any change breaks.
    """
    told = (
        (APP1, jpeg.EXIF), (APP1, jpeg.XMP), (APP1, jpeg.XMP_EXTENSION), (APP2, jpeg.ICC), (APP2, jpeg.MPF),
        (APP2, GAIN_MAP_ISO), (APP13, jpeg.PHOTOSHOP),
    )  # fmt: skip
    makers = [m for m in range(APP1, APP0 + 16) if m not in (APP11, 0xEE)]
    return [
        s
        for s in jpeg.segments(data)
        if (s.marker in (*makers, COM) or s.starts(APP0, JFIF)) and not any(s.starts(*t) for t in told)
    ]


def bare(data: bytes) -> bytes:
    """A JPEG file with only its picture and colour profile left, or nothing if it cannot be taken apart."""
    try:
        picture = jpeg.split(data)
    except ValueError:
        return b""
    coding = [
        Segment(APP0, s.payload[:12] + b"\0\0") if s.starts(APP0, JFIF) else s  # without a thumbnail
        for s in picture.segments
        if s.marker < APP0 or s.marker == 0xEE or s.starts(APP0, JFIF) or s.starts(APP2, jpeg.ICC)
    ]
    return bytes(Jpeg(coding, picture.scan))


def with_profile(picture: Jpeg, profile: bytes) -> Jpeg:
    """A JPEG file whose colours this profile names; the file itself if it brings the same."""
    start = len(jpeg.ICC)
    own = sorted((s.payload for s in picture.segments if s.starts(APP2, jpeg.ICC)), key=lambda p: p[start : start + 1])
    if b"".join(part[start + 2 :] for part in own) == profile:
        return picture
    others = [s for s in picture.segments if not s.starts(APP2, jpeg.ICC)]
    place = next((i for i, s in enumerate(others) if not APP0 <= s.marker < APP0 + 16), len(others))
    return Jpeg([*others[:place], *jpeg.chunked(APP2, jpeg.ICC, profile), *others[place:]], picture.scan, picture.rest)


def described(picture: Jpeg, about: Metadata, own: list[Segment]) -> Jpeg:
    """A JPEG of pixels alone with its metadata, in the order in which readers expect it."""
    coding = [s for s in picture.segments if not APP0 <= s.marker < APP0 + 14 and s.marker != COM]
    density = [round(d) for d in about.dpi] if about.dpi else [1, 1]
    jfif = Segment(APP0, JFIF + struct.pack(">BBBHHBB", 1, 1, bool(about.dpi), *density, 0, 0))
    # The photo's own, but for the thumbnail that may end it.
    jfif = next(
        (Segment(APP0, s.payload[:12] + b"\0\0") for s in own if s.marker == APP0 and len(s.payload) >= 12), jfif
    )
    own = [s for s in own if s.marker != APP0]
    # EXIF has no way to go on in a further segment; readers that know long EXIF put the segments together.
    told = [Segment(APP1, jpeg.EXIF + part) for part in jpeg.parts(about.exif, MAX_EXIF)]
    room = jpeg.MAX_PAYLOAD - len(jpeg.PHOTOSHOP)
    photoshop = [Segment(APP13, jpeg.PHOTOSHOP + part) for part in jpeg.parts(about.resources, room)]
    profile = jpeg.chunked(APP2, jpeg.ICC, about.profile)
    return Jpeg([jfif, *told, *xmp_segments(about.xmp), *own, *photoshop, *profile, *coding], picture.scan)


def xmp_segments(packet: bytes) -> list[Segment]:
    """An XMP packet in one segment, or split into a short one and an extension (XMP part 3, 1.1.3.1)."""
    whole = jpeg.XMP + packet
    if len(whole) <= jpeg.MAX_PAYLOAD:
        return [Segment(APP1, whole)] if packet else []
    body = packet[packet.find(b"?>") + 2 :] if packet.startswith(b"<?xpacket") else packet
    body = (body.rpartition(b"<?xpacket")[0] or body).strip()
    import hashlib  # which takes longer to load than all else here

    name = hashlib.md5(body, usedforsecurity=False).hexdigest().upper().encode()
    short = xmp.packet(
        b'<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
        b' xmpNote:HasExtendedXMP="' + name + b'"/>'
    )
    size = jpeg.MAX_PAYLOAD - len(jpeg.XMP_EXTENSION) - 40
    extension = [
        Segment(APP1, jpeg.XMP_EXTENSION + name + struct.pack(">II", len(body), number * size) + part)
        for number, part in enumerate(jpeg.parts(body, size))
    ]
    return [Segment(APP1, jpeg.XMP + short), *extension]
