"""HEIC of more than 8 bits, without the cut to 8 that Pillow's plug-in makes."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import UInt16
from reexposure.photo.values import in_16_bits, straight


def read(data: bytes) -> UInt16[np.ndarray, "h w c"]:
    """The pixels of a HEIC file, upright, in 16 bits, with straight alpha. Raises ValueError if it is damaged."""
    import pi_heif

    picture = pi_heif.open_heif(data, convert_hdr_to_8bit=False, hdr_to_16bit=False)
    pixels = np.asarray(picture)
    deep = in_16_bits(pixels.reshape(*pixels.shape[:2], -1), int(picture.info["bit_depth"]))
    return straight(deep) if picture.premultiplied_alpha else deep
