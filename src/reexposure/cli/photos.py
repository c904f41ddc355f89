"""The main job: photos to other exposures and to radiance maps."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from reexposure.cli.app import Evs, Out, PhotoPath, Response, UsageError, app, parse_evs

if TYPE_CHECKING:
    from reexposure.photo.photo import Photo
    from reexposure.radiance.radiance import RadianceMap


Flag = Annotated[bool, Parameter(negative="")]
Mask = Annotated[
    Path | None, Parameter(name="--mask", help="Also write a grey PNG, white where the light is reconstructed.")
]
IgnoreGainMap = Annotated[bool, Parameter(negative="", help="Reconstruct even if the photo brings a gain map.")]


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
        target = _target(photo, out, stops, len(evs) > 1, picture.format)
        picture.save(target)
        print(target)
    if mask:
        radiance.save_mask(mask)


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


def reconstructed(photo: str, response: Response, strip: bool = False, ignore_gain_map: bool = False) -> RadianceMap:
    """The radiance map of a photo; the network loads while the photo is decoded."""
    from reexposure.reconstruction import network
    from reexposure.reconstruction.reconstruction import reconstruct

    network.preload()
    found = reconstruct(photo, response, ignore_gain_map=ignore_gain_map)
    _tell_of_gain_map(photo, found)
    return replace(found, photo=found.photo.stripped()) if strip else found


def opened(photo: str, ignore_gain_map: bool = False) -> Photo | RadianceMap:
    """A photo that is yet to be reconstructed, or the light that its file holds."""
    from reexposure.radiance import radiance

    found = radiance.opened(photo)
    if isinstance(found, radiance.RadianceMap):
        return found
    known = None if ignore_gain_map else radiance.from_gain_map(found)
    _tell_of_gain_map(photo, known)
    return known or found


def _tell_of_gain_map(photo: str, found: RadianceMap | None) -> None:
    if found is not None and found.origin == "gain map":
        print(f"{photo}: brings a gain map, its own light is used (--ignore-gain-map reconstructs)", file=sys.stderr)


def _target(photo: str, out: str | None, ev: float, several: bool, format: str) -> Path:
    """Where an exposure is written: ``out`` itself, named after the photo in it, or beside the photo."""
    from reexposure.photo.photo import FORMATS

    source = Path("photo" if photo == "-" else photo)
    own = f".{format.lower()}"
    suffix = source.suffix if source.suffix.lower() in FORMATS else own if own in FORMATS else ".jpg"
    name = f"{source.stem}_ev{ev:+g}{suffix}"
    if out is None:
        return source.with_name(name)
    target = Path(out)
    if target.is_dir() or not target.suffix:
        target.mkdir(exist_ok=True)
        return target / name
    return target.with_name(f"{target.stem}_ev{ev:+g}{target.suffix}") if several else target
