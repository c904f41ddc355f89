"""Which files hold light: told by their first bytes, without loading what reads them."""

from __future__ import annotations

import contextlib

from reexposure.photo import jxl, jxl_header, pnm, raw
from reexposure.photo.ifd import Directories

SAMPLE_FORMAT, FLOAT = 339, 3


def kind(data: bytes) -> str | None:
    """The suffix of the radiance format that a file's bytes are in, or None. JPEG XL of floats may hold light."""
    if data.startswith(b"\x76\x2f\x31\x01"):
        return ".exr"
    if data.startswith((b"#?RADIANCE", b"#?RGBE")) or (data.startswith(b"#?") and b"32-bit_rle_" in data[:4096]):
        return ".hdr"
    if (head := pnm.header(data)) and head.is_light:
        return ".pfm"
    if jxl.is_jxl(data):
        with contextlib.suppress(ValueError):
            return ".jxl" if jxl_header.header(data).floats else None
    try:
        tags = Directories(data)
        is_light = tags.value(tags.first, SAMPLE_FORMAT) == FLOAT and not raw.is_raw(data)
        return ".tif" if is_light else None
    except ValueError:
        return None
