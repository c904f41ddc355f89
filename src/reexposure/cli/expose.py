"""The main job: a photo at other exposures."""

from __future__ import annotations

import sys

from reexposure.cli.app import Evs, Flag, IgnoreGainMap, Mask, Out, PhotoPath, Response, app, parse_evs
from reexposure.cli.sources import reconstructed
from reexposure.cli.targets import exposure_target
from reexposure.errors import UsageError


@app.default
def expose(
    photo: PhotoPath,
    *,
    ev: Evs = "-2",
    out: Out = None,
    response: Response = "sqrt",
    mask: Mask = None,
    strip: Flag = False,
    ignore_gain_map: IgnoreGainMap = False,
) -> None:
    """Write the photo at another exposure.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input.
    ev
        Stops brighter (+) or darker (-): one, several (-1,-2,-4) or a range (-4:2:1).
    out
        Where to write: a file, or a folder (a name without suffix; made if missing); `-` is standard output.
        Default: beside the photo, as NAME_ev-2.jpg.
    response
        How the photo is decoded to light: by the square root, or by the curve of its colour space (srgb).
    strip
        Leave out EXIF, XMP, IPTC and comments; only the colour profile stays.
    """
    evs = parse_evs(ev)
    if out == "-" and len(evs) > 1:
        raise UsageError("standard output takes one exposure only")
    radiance = reconstructed(photo, response, strip, ignore_gain_map)
    for stops in evs:
        picture = radiance.expose(stops)
        picture = picture.stripped() if strip else picture
        if out == "-" or (photo == "-" and out is None):
            sys.stdout.buffer.write(picture.encoded())
            continue
        target = exposure_target(photo, out, stops, len(evs) > 1, picture.format)
        picture.save(target)
        print(target)
    if mask:
        radiance.save_mask(mask)
