"""What a photo is, and what is lost in it: the answer where no exposure is asked for."""

from __future__ import annotations

import numpy as np

from reexposure.cli.app import Response
from reexposure.cli.sources import Source
from reexposure.light import camera
from reexposure.photo.photo import Photo
from reexposure.radiance.radiance import RadianceMap
from reexposure.radiance.telling import telling_range

NAMES = {"JXL": "JPEG XL", "HEIF": "HEIC", "WEBP": "WebP"}


def describe(source: Source, response: Response) -> str:
    """A few lines: size, format, depth and colours; what is burnt and crushed, and what was reconstructed; where the
    highlights come back.
    """
    found = source.opened
    photo = source.photo
    held = found.origin if isinstance(found, RadianceMap) else "network"
    height, width = photo.pixels.shape[:2]
    size = f"{width} x {height} pixels"
    name = "standard input" if source.path == "-" else source.path
    if held == "file":
        lines = [f"{name}: {size}, linear light, {photo.colour_space.name} primaries"]
    else:
        kind = [size, NAMES.get(photo.format, photo.format), f"{8 * photo.pixels.itemsize} bits"]
        kind += ["grey"] if photo.grey else [photo.colour_space.name]
        kind += (
            ["alpha"] * (photo.alpha is not None) + ["gain map"] * (held == "gain map") + ["panorama"] * photo.panorama
        )
        lines = [f"{name}: {', '.join(kind)}"]
        lines += [f"burnt: {_share(photo, burnt=True)} of its pixels; crushed: {_share(photo, burnt=False)}"]
    if held == "network" and photo.pixels.max() <= camera.OVER_FROM * photo.levels:
        return "\n".join([*lines, "no highlights are lost"])
    light = source.reconstructed(response)
    lines += [light.done] if held == "network" else []
    above = np.log2(max(float(light.linear.max()), 1.0))
    if above < 0.05:
        return "\n".join([*lines, "nothing is brighter than white"])
    return "\n".join([*lines, f"its highlights, up to {above:+.1f} EV, come back at {telling_range(light)[0]:g} EV"])


def _share(photo: Photo, burnt: bool) -> str:
    """How many of the pixels that can be seen have all channels clipped, or nearly black."""
    if burnt:
        lost = photo.pixels.min(-1) >= camera.OVER_FULL * photo.levels
    else:
        lost = photo.pixels.max(-1) <= camera.UNDER_FULL * photo.levels
    if photo.alpha is not None and photo.alpha.any():
        lost = lost[photo.alpha > 0]
    share = 100 * float(lost.mean())
    return "0 %" if share == 0 else f"{share:.1f} %" if share >= 0.05 else "under 0.1 %"
