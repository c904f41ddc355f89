"""Photos of the whole sphere, and how their files say so.

Source: Google, "Photo Sphere XMP Metadata" (GPano).
"""

from __future__ import annotations

import contextlib

from reexposure.photo import xmp

GPANO = "http://ns.google.com/photos/1.0/panorama/"
SLACK_PX = 2
"""By how much a panorama may be wider or narrower than twice its height."""


def is_sphere(height_px: int, width_px: int) -> bool:
    """Whether a picture has the shape of a panorama of the whole sphere: twice as wide as high."""
    return height_px > 1 and abs(width_px - 2 * height_px) <= SLACK_PX


def says_sphere(packet: bytes) -> bool:
    """Whether XMP says that the picture is equirectangular and goes all around."""
    with contextlib.suppress(ValueError):
        if b"panorama" in packet and _said(packet, "ProjectionType").lower() == "equirectangular":
            return _said(packet, "CroppedAreaImageWidthPixels") == _said(packet, "FullPanoWidthPixels")
    return False


def description(height_px: int, width_px: int) -> bytes:
    """An ``rdf:Description`` that says so of a picture of this size."""
    size = {
        "CroppedAreaImageWidthPixels": width_px, "CroppedAreaImageHeightPixels": height_px,
        "FullPanoWidthPixels": width_px, "FullPanoHeightPixels": height_px,
        "CroppedAreaLeftPixels": 0, "CroppedAreaTopPixels": 0,
    }  # fmt: skip
    told = "".join(f' GPano:{name}="{value}"' for name, value in size.items())
    return (
        f'<rdf:Description rdf:about="" xmlns:GPano="{GPANO}"'
        f' GPano:ProjectionType="equirectangular" GPano:UsePanoramaViewer="True"{told}/>'
    ).encode()


def _said(packet: bytes, name: str) -> str:
    return "".join(xmp.values(packet, (GPANO, name)))
