"""What a photo's file says about it, in the blocks that most formats share: EXIF, XMP, IPTC, profile."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from reexposure import __version__
from reexposure.photo import claims, exif, xmp

IPTC_RESOURCE, STALE_RESOURCES = 0x0404, (0x0409, 0x040C, 0x0422, 0x0423, 0x0424)
"""Stale are thumbnails, and further copies of EXIF and XMP."""
ORIENTATION = exif.ORIENTATION
NAMESPACE = "urn:reexposure:xmp:1.0:"
MAX_DPI, MAX_PROFILE = 65535, 16_000_000


@dataclass(frozen=True)
class Metadata:
    """``exif`` is a TIFF structure, ``xmp`` a packet, ``resources`` Photoshop's image resources,
    IPTC among them, and ``profile`` an ICC profile.

    Each is empty where the file has none. ``dpi`` is the resolution it names.
    """

    exif: bytes = b""
    xmp: bytes = b""
    resources: bytes = b""
    profile: bytes = b""
    dpi: tuple[float, float] | None = None

    def upright(self, height_px: int, width_px: int) -> Metadata:
        """The same for a picture that was turned upright and will be changed.

        What speaks of the old bytes leaves (thumbnails, films, signatures), and so does what nobody can
        read: what is written can be read again.
        """
        return Metadata(
            exif.upright(self.exif, height_px, width_px),
            _fresh(self.xmp),
            without_resources(self.resources, STALE_RESOURCES),
            self.profile if _is_profile(self.profile) else b"",
            self.dpi if self.dpi and all(1 <= d <= MAX_DPI for d in self.dpi) else None,
        )

    @property
    def iptc(self) -> bytes:
        """The IPTC records (IIM) among the resources."""
        return image_resources(self.resources).get(IPTC_RESOURCE, b"")

    def stripped(self) -> Metadata:
        """Only the colour profile: without it the colours would be others."""
        return Metadata(profile=self.profile)

    def recording(self, **what: object) -> Metadata:
        """With a note in XMP of what was done, in place of an earlier one."""
        return self.describing(NAMESPACE, described(**what))

    def describing(self, namespace: str, description: bytes) -> Metadata:
        """With an ``rdf:Description`` in XMP, in place of all that is there of its namespace."""
        try:
            others = xmp.without(self.xmp, lambda space, _: space == namespace) if self.xmp else b""
            return replace(self, xmp=xmp.with_descriptions(others, description))
        except ValueError:
            return replace(self, xmp=xmp.packet(description))

    def recorded(self) -> dict[str, str]:
        """What an earlier `recording` says of what was done; nothing of a damaged packet."""
        with contextlib.suppress(ValueError):
            told = (a for e in xmp.parse(self.xmp).elements for a in e.attributes) if self.xmp else ()
            return {a.name[1]: a.value for a in told if a.name[0] == NAMESPACE}
        return {}


def described(**what: object) -> bytes:
    """An ``rdf:Description`` of what was done."""
    notes = "".join(f' reexposure:{name}="{html.escape(str(value))}"' for name, value in what.items())
    return (
        f'<rdf:Description rdf:about="" xmlns:reexposure="{NAMESPACE}"'
        f' reexposure:Software="reexposure {__version__}"{notes}/>'
    ).encode()


def _is_profile(data: bytes) -> bool:
    """Whether this is an ICC profile at all, and one that fits into every format's segments."""
    size = int.from_bytes(data[:4], "big")
    return data[36:40] == b"acsp" and 132 <= size <= len(data) <= MAX_PROFILE


def _fresh(packet: bytes) -> bytes:
    """An XMP packet that says only what is true of the upright picture; nothing of one that cannot be read."""
    try:
        fresh = xmp.without(packet, claims.is_stale) if packet else b""
        return xmp.with_value(fresh, xmp.ORIENTATION, "1") if b"Orientation" in fresh else fresh
    except ValueError:
        return b""


def image_resources(block: bytes) -> dict[int, bytes]:
    """Photoshop's image resources by number: where JPEG and TIFF keep IPTC.

    Source: Adobe Photoshop File Formats Specification, "Image Resource Blocks".
    """
    return {number: data for number, data, _ in _resources(block)}


def without_resources(block: bytes, numbers: Container[int]) -> bytes:
    """Image resources but for some; the others as they were, with the names that paths have."""
    return b"".join(whole for number, _, whole in _resources(block) if number not in numbers)


def _resources(block: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, content and all of each resource."""
    at = 0
    while block[at : at + 4] == b"8BIM" and at + 12 <= len(block):
        start, number, name = at, int.from_bytes(block[at + 4 : at + 6], "big"), block[at + 6]
        at += 6 + (name + 2) // 2 * 2
        size = int.from_bytes(block[at : at + 4], "big")
        data = block[at + 4 : at + 4 + size]
        at += 4 + (size + 1) // 2 * 2
        whole = block[start:at] if at <= len(block) else resource_block({number: data})  # one that is cut
        yield number, data, whole


def resource_block(resources: dict[int, bytes]) -> bytes:
    """The inverse of `image_resources`."""
    return b"".join(
        b"8BIM" + number.to_bytes(2, "big") + b"\0\0" + len(data).to_bytes(4, "big") + data + b"\0" * (len(data) % 2)
        for number, data in resources.items()
    )
