"""The main job: photos to other exposures and to radiance maps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reexposure.cli.app import Evs, Out, PhotoPath, Response, UsageError, app, parse_evs

if TYPE_CHECKING:
    from reexposure.radiance import RadianceMap


@app.default
def expose(photo: PhotoPath, *, ev: Evs = "-2", out: Out = None, response: Response = "sqrt") -> None:
    """Write the photo at another exposure.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP or TIFF file; `-` reads standard input.
    ev
        Stops brighter (+) or darker (-): one, several (-1,-2,-4) or a range (-4:2:1).
    out
        Where to write: a file, or a folder (a name without suffix; made if missing); `-` is standard output.
        Default: beside the photo, as NAME_ev-2.jpg.
    response
        The camera's response curve.
    """
    evs = parse_evs(ev)
    if out == "-" and len(evs) > 1:
        raise UsageError("standard output takes one exposure only")
    radiance = reconstructed(photo, response)
    for stops in evs:
        picture = radiance.expose(stops)
        if out == "-" or (photo == "-" and out is None):
            sys.stdout.buffer.write(picture.encoded())
            continue
        target = _target(photo, out, stops, len(evs) > 1, picture.format)
        picture.save(target)
        print(target)


@app.command
def radiance(photo: PhotoPath, *, out: Out = None, response: Response = "sqrt") -> None:
    """Write the photo's radiance map: linear light, 1.0 where the photo clipped.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP or TIFF file; `-` reads standard input.
    out
        An .exr (half floats, ZIP), .hdr or .tif (32-bit float) file. Default: NAME.exr.
    response
        The camera's response curve.
    """
    if out is None and photo == "-":
        raise UsageError("standard input has no name; say where to write with -o")
    target = Path(out) if out else Path(photo).with_suffix(".exr")
    reconstructed(photo, response).save(target)
    print(target)


def reconstructed(photo: str, response: Response) -> RadianceMap:
    """The radiance map of a photo; the network loads while the photo is decoded."""
    from reexposure import network
    from reexposure.photo import load
    from reexposure.reconstruction import reconstruct

    network.preload()
    return reconstruct(load(photo), response)


def _target(photo: str, out: str | None, ev: float, several: bool, format: str) -> Path:
    """Where an exposure is written: ``out`` itself, named after the photo in it, or beside the photo."""
    from reexposure.photo import FORMATS

    source = Path("photo" if photo == "-" else photo)
    suffix = source.suffix if source.suffix.lower() in FORMATS else f".{format.lower()}"
    name = f"{source.stem}_ev{ev:+g}{suffix}"
    if out is None:
        return source.with_name(name)
    target = Path(out)
    if target.is_dir() or not target.suffix:
        target.mkdir(exist_ok=True)
        return target / name
    return target.with_name(f"{target.stem}_ev{ev:+g}{target.suffix}") if several else target
