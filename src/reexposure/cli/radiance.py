"""The command radiance: the light itself, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from reexposure.cli.app import Flag, IgnoreGainMap, Mask, Out, PhotoPath, Response, app
from reexposure.cli.sources import reconstructed
from reexposure.errors import UsageError


@app.command
def radiance(
    photo: PhotoPath,
    *,
    out: Out = None,
    response: Response = "srgb",
    float32: Annotated[bool, Parameter(name="--float", negative="")] = False,
    mask: Mask = None,
    strip: Flag = False,
    ignore_gain_map: IgnoreGainMap = False,
) -> None:
    """Write the photo's radiance map: linear light, 1.0 where the photo clipped.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input.
    out
        An .exr (half floats, ZIP), .hdr, .tif (32-bit float) or .jpg (Ultra HDR) file. Default: NAME.exr.
    response
        How the photo is decoded to light: by the curve of its colour space (srgb), so that other programs show
        the photo's own pixels as they were; or by the square root of the method.
    float32
        32-bit floats in OpenEXR.
    strip
        Leave out EXIF, XMP, IPTC and comments (Ultra HDR).
    """
    if out is None and photo == "-":
        raise UsageError("standard input has no name; say where to write with -o")
    target = Path(out) if out else Path(photo).with_suffix(".exr")
    if out is None and target == Path(photo):
        raise UsageError(f"{photo}: would be overwritten; say where to write with -o")
    found = reconstructed(photo, response, strip, ignore_gain_map)
    found.save(target, float32)
    print(target)
    if mask:
        found.save_mask(mask)
