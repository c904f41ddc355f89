"""How large a picture is, asked of its header: what decoding it will take is known before."""

from __future__ import annotations

from reexposure.photo import jxl, jxl_header, plugins

GUESS_PX_PER_BYTE = 1
"""Of a file whose header nobody reads quickly: light, which takes some bytes a pixel."""


def size_px(data: bytes) -> int:
    """The pixels of the picture in a file's bytes; of a damaged file, whose decoder will say so, some number."""
    try:
        if jxl.is_jxl(data):
            head = jxl_header.header(data)
            return head.height * head.width
        picture = plugins.opened(data)
        return picture.width * picture.height
    except Exception:
        return GUESS_PX_PER_BYTE * len(data)
