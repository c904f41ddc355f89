"""Which files hold light: told by their first bytes, without loading what reads them."""

from __future__ import annotations

from reexposure.photo import pnm
from reexposure.photo.ifd import Directories


def kind(data: bytes) -> str | None:
    """The suffix of the radiance format that a file's bytes are in, or None."""
    if data.startswith(b"\x76\x2f\x31\x01"):
        return ".exr"
    if data.startswith((b"#?RADIANCE", b"#?RGBE")):
        return ".hdr"
    if (head := pnm.header(data)) and head.is_light:
        return ".pfm"
    try:
        tags = Directories(data)
        return ".tif" if tags.value(tags.first, 339) == 3 else None
    except ValueError:
        return None
