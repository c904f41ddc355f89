"""The command radiance: the light itself, for other programs."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from reexposure.cli.app import READING, Flag, Mask, Out, Overwrite, PhotoPath, Reading, Response, app
from reexposure.cli.sources import Source
from reexposure.cli.targets import check, check_suffix, target

SUFFIXES = (".exr", ".hdr", ".tif", ".tiff", ".jpg", ".jpeg")


@app.command
def radiance(
    photo: PhotoPath,
    *,
    out: Out = None,
    response: Response = "srgb",
    float32: Annotated[bool, Parameter(name="--float", negative="")] = False,
    mask: Mask = None,
    strip: Flag = False,
    reading: Reading = READING,
    overwrite: Overwrite = False,
) -> None:
    """Write the photo's radiance map: linear light, 1.0 where the photo clipped.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input.
    out
        An .exr (half floats, ZIP), .hdr, .tif (32-bit float) or .jpg (Ultra HDR) file, or a folder (a slash at its
        end, or no suffix; made if missing). Default: beside the photo, as NAME.exr.
    response
        How the photo is decoded to light: by the curve of its colour space (srgb), so that other programs show
        the photo's own pixels as they were; or by the square root of the method.
    float32
        32-bit floats in OpenEXR.
    strip
        Leave out EXIF, XMP, IPTC and comments (Ultra HDR).
    """
    light = target(photo, out, ".exr")
    check_suffix(light.path, SUFFIXES)
    matte = target(photo, mask, "_mask.png") if mask is not None else None
    check([photo], [light, matte] if matte else [light], overwrite)
    found = Source(photo, reading).reconstructed(response, strip)
    path = light.ready()
    if path.suffix.lower() in (".jpg", ".jpeg") and (lost := found.photo.lost_in("JPEG")):
        print(f"{path}: {lost}", file=sys.stderr)
    found.save(path, float32, overwrite)
    print(path)
    if matte:
        found.save_mask(matte.ready(), overwrite)
