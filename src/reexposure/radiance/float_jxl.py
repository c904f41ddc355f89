"""JPEG XL of floats, which is light where its values go beyond white."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reexposure.light import colour, icc
from reexposure.light.camera import BRIGHTEST
from reexposure.photo import colours, jxl, jxl_header, limits, with_openimageio
from reexposure.photo.metadata import Metadata
from reexposure.radiance.of_light import of_light
from reexposure.radiance.radiance import RadianceMap


def lit(data: bytes, max_px: int) -> RadianceMap | None:
    """The light of a JPEG XL file of floats, in its own primaries; None for a photo, and for what cannot be decoded."""
    try:
        head = jxl_header.header(data)
        limits.check(head.height, head.width, len(data), max_px, tight=True)
        pixels, spec = with_openimageio.read(data, ".jxl", max_px, floats=True)
    except (OSError, ValueError, limits.TooLargeError):
        return None  # to be said by whoever opens it as a photo
    count = 1 if pixels.shape[-1] < 3 else 3
    values = np.nan_to_num(pixels[..., :count], nan=0.0, posinf=65504.0, neginf=0.0).clip(0, BRIGHTEST)
    if values.max(initial=0) <= 1:
        return None
    space = icc.space(with_openimageio.attribute(spec, "ICCProfile"))
    light = (
        space.response.decode(np.repeat(values, 3, -1) if count == 1 else values).astype(np.float32).clip(0, BRIGHTEST)
    )
    shown = colour.ColourSpace() if count == 1 else colour.named(space.primaries)
    found = of_light(light, shown, pixels[..., -1].clip(0, 1) if pixels.shape[-1] in (2, 4) else None)
    exif, xmp = jxl.blocks(data)
    metadata = colours.naming(shown, Metadata(exif, xmp).upright(*light.shape[:2]), count == 1)
    return replace(found, photo=replace(found.photo, format="JXL", metadata=metadata, grey=count == 1))
