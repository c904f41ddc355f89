"""What a photo's file says about it, in the blocks that most formats share: EXIF, XMP, IPTC, profile."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace

from reexposure import __version__
from reexposure.photo.ifd import Directories

ORIENTATION, EXIF_IFD, WIDTHS, HEIGHTS = 0x0112, 0x8769, (0x0100, 0xA002), (0x0101, 0xA003)
THUMBNAIL_AT, THUMBNAIL_SIZE = 0x0201, 0x0202
IPTC_RESOURCE, THUMBNAIL_RESOURCES = 0x0404, (0x0409, 0x040C)
RDF = re.compile(rb"xmlns:rdf\s*=\s*[\"']http://www\.w3\.org/1999/02/22-rdf-syntax-ns#[\"']")
NAMESPACE = "urn:reexposure:xmp:1.0:"


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
        """The same for a picture that was turned upright, and whose thumbnail no longer shows it."""
        xmp = re.sub(rb"(tiff:Orientation\s*(?:=\s*[\"']|>\s*))[1-8]", rb"\g<1>1", self.xmp)
        fresh = {n: data for n, data in image_resources(self.resources).items() if n not in THUMBNAIL_RESOURCES}
        return replace(self, exif=_upright(self.exif, height_px, width_px), xmp=xmp, resources=resource_block(fresh))

    @property
    def iptc(self) -> bytes:
        """The IPTC records (IIM) among the resources."""
        return image_resources(self.resources).get(IPTC_RESOURCE, b"")

    def stripped(self) -> Metadata:
        """Only the colour profile: without it the colours would be others."""
        return Metadata(profile=self.profile)

    def recording(self, **what: object) -> Metadata:
        """With a note in XMP of what was done, in place of an earlier one."""
        notes = "".join(f' reexposure:{name}="{html.escape(str(value))}"' for name, value in what.items())
        note = (
            f'<rdf:Description rdf:about="" xmlns:reexposure="{NAMESPACE}"'
            f' reexposure:Software="reexposure {__version__}"{notes}/>'
        ).encode()
        old = re.compile(rb"<rdf:Description[^>]*xmlns:reexposure=[^>]*/>\s*")
        return replace(self, xmp=with_description(old.sub(b"", self.xmp), note) or self.xmp)


def with_description(xmp: bytes, description: bytes) -> bytes | None:
    """An XMP packet with one ``rdf:Description`` more; None if ``xmp`` holds something else than a packet."""
    if not xmp.strip(b"\0 \n"):
        return packet(description)
    before, end, after = xmp.rpartition(b"</rdf:RDF>")
    return before + description + end + after if end and RDF.search(before) else None


def packet(descriptions: bytes) -> bytes:
    """An XMP packet around ``rdf:Description`` elements."""
    return (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' + descriptions + b"</rdf:RDF></x:xmpmeta>"
        b'<?xpacket end="w"?>'
    )


def without_gain_map(xmp: bytes) -> bytes:
    """An XMP packet that no longer says that a gain map, or a film, follows."""
    for gone in (
        rb"<(G?Container):Directory.*?</\1:Directory>",
        rb"\s(?:hdrgm|HDRGainMap):\w+\s*=\s*(?:\"[^\"]*\"|'[^']*')",
        rb"<((?:hdrgm|HDRGainMap):\w+)[^>]*>.*?</\1>",
        rb"\sGCamera:(?:MotionPhoto|MicroVideo)\w*\s*=\s*(?:\"[^\"]*\"|'[^']*')",
        # Descriptions that say nothing any more.
        rb"<rdf:Description(?:\s+(?:xmlns:\w+|rdf:about)\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*(?:/>|>\s*</rdf:Description>)",
    ):
        xmp = re.sub(gone, b"", xmp, flags=re.DOTALL)
    return xmp


def _upright(exif: bytes, height_px: int, width_px: int) -> bytes:
    """``exif`` with orientation 1, this size and no thumbnail; every other byte stays where it is.

    Maker notes hold offsets of their own, which no rewriting of the directories would respect.
    """
    try:
        data = Directories(exif)
        for at in (data.first, data.value(data.first, EXIF_IFD)):
            if at is None:
                continue
            data.change(at, ORIENTATION, 1)
            for tags, size in ((WIDTHS, width_px), (HEIGHTS, height_px)):
                for tag in tags:
                    data.change(at, tag, size)
        link = data.next_link(data.first)
        thumbnail = data.unpack("I", link)
        if thumbnail:
            start, length = data.value(thumbnail, THUMBNAIL_AT), data.value(thumbnail, THUMBNAIL_SIZE)
            if start and length and start + length <= len(data.data):
                data.data[start : start + length] = bytes(length)
            data.data[link : link + 4] = bytes(4)
    except ValueError:
        return exif  # damaged: nobody can read it, so nothing in it can be stale
    return bytes(data.data)


def image_resources(block: bytes) -> dict[int, bytes]:
    """Photoshop's image resources by number: where JPEG and TIFF keep IPTC.

    Source: Adobe Photoshop File Formats Specification, "Image Resource Blocks".
    """
    found, at = {}, 0
    while block[at : at + 4] == b"8BIM" and at + 12 <= len(block):
        number, name = int.from_bytes(block[at + 4 : at + 6], "big"), block[at + 6]
        at += 6 + (name + 2) // 2 * 2
        size = int.from_bytes(block[at : at + 4], "big")
        found[number] = block[at + 4 : at + 4 + size]
        at += 4 + (size + 1) // 2 * 2
    return found


def resource_block(resources: dict[int, bytes]) -> bytes:
    """The inverse of `image_resources`."""
    return b"".join(
        b"8BIM" + number.to_bytes(2, "big") + b"\0\0" + len(data).to_bytes(4, "big") + data + b"\0" * (len(data) % 2)
        for number, data in resources.items()
    )
