"""The command radiance: the light itself, for other programs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from reexposure.cli.app import AS_IT_IS, READING, Developing, Mask, Out, Overwrite, Reading, Response, app
from reexposure.cli.batch import ONE_EACH_CORE, Batch, many, recorded, run
from reexposure.cli.developing import Look, looks, reading_like
from reexposure.cli.signatures import Parameter
from reexposure.cli.sources import Source, light_of
from reexposure.cli.targets import check, check_suffix, target
from reexposure.errors import UsageError

if TYPE_CHECKING:
    from reexposure.many.job import Job
    from reexposure.photo.photo import Photo
    from reexposure.radiance.radiance import RadianceMap

Format = Literal["exr", "hdr", "tif", "jpg"]
Space = Literal["photo", "rec709", "rec2020", "p3", "acescg"]
SUFFIXES = (".exr", ".hdr", ".tif", ".tiff", ".jpg", ".jpeg")


@app.command
def radiance(
    *photo: str,
    out: Out = None,
    response: Response = "srgb",
    float32: Annotated[bool, Parameter("--float")] = False,
    space: Space = "photo",
    mask: Mask = None,
    strip: bool = False,
    reading: Reading = READING,
    overwrite: Overwrite = False,
    format: Format = "exr",
    developing: Developing = AS_IT_IS,
    batch: Batch = ONE_EACH_CORE,
) -> int:
    """Write the radiance maps of photos: linear light, 1.0 where the photo clipped.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input. Folders,
        image sequences and lists, as for `reexpose`.
    out
        An .exr (half floats, ZIP), .hdr, .tif (32-bit float) or .jpg (Ultra HDR) file, or a folder (a slash at its
        end, or no suffix; made if missing). Default: beside the photo, as NAME.exr.
    response
        How the photo is decoded to light: by the curve of its colour space (srgb), so that other programs show
        the photo's own pixels as they were; or by the square root of the method.
    float32
        32-bit floats in OpenEXR.
    space
        The primaries of the light: the photo's own, or those of Rec. 709 (sRGB), Rec. 2020, P3 (D65) or ACEScg (AP1).
        What lies outside is negative in OpenEXR and TIFF. Not for Ultra HDR.
    strip
        Leave out EXIF, XMP, IPTC and comments (Ultra HDR, OpenEXR).
    format
        What is written of several photos.
    """
    wanted = looks(None, developing, reading)
    reading = reading_like(wanted, reading)
    look = wanted[0] if wanted else None
    if many(photo, batch):
        if mask is not None:
            raise UsageError("--mask goes with one photo")
        _check(f".{format}", space, look)
        job = _job(
            suffix=f".{format}", response=response, float32=float32, space=space, strip=strip, reading=reading,
            overwrite=overwrite, look=look,
        )  # fmt: skip
        return run(photo, out, job, batch)
    [name] = photo
    light = target(name, out, ".exr")
    check_suffix(light.path, SUFFIXES)
    _check(light.path.suffix, space, look)
    matte = target(name, mask, "_mask.png") if mask is not None else None
    check([name], [light, matte] if matte else [light], overwrite)
    found = Source(name, reading).reconstructed(response, strip)
    path = light.ready()
    if path.suffix.lower() in (".jpg", ".jpeg") and (lost := found.photo.lost_in("JPEG")):
        print(f"{path}: {lost}", file=sys.stderr)
    for note in found.save(path, float32, overwrite, space=space, settings=look.of(found) if look else None):
        print(f"{path}: {note}", file=sys.stderr)
    print(path)
    if matte:
        found.save_mask(matte.ready(), overwrite)
    return 0


def _check(suffix: str, space: Space, look: Look | None) -> None:
    ultra_hdr = suffix.lower() in (".jpg", ".jpeg")
    if space != "photo" and ultra_hdr:
        raise UsageError(f"--space {space}: Ultra HDR has the photo's own colours; write .exr, .hdr or .tif")
    if look and not ultra_hdr:
        raise UsageError("highlights and shadows are for Ultra HDR (.jpg); light itself is not developed")


def _job(
    *,
    suffix: str,
    response: Response,
    float32: bool,
    space: Space,
    strip: bool,
    reading: Reading,
    overwrite: bool,
    look: Look | None,
) -> Job:
    """What is made of each of many photos."""
    from reexposure.many.job import Job

    command = recorded(
        "radiance",
        float=float32,
        strip=strip,
        **reading.recorded,
        format=suffix[1:],
        response=response,
        space=None if space == "photo" else space,
        **(look.recorded if look else {}),
    )

    def make(found: Photo | RadianceMap, targets: Mapping[int, Path]) -> RadianceMap:
        radiance = light_of(found, response, reading)
        radiance = replace(radiance, photo=radiance.photo.stripped()) if strip else radiance
        notes = radiance.save(
            targets[0], float32, command=command, space=space, settings=look.of(radiance) if look else None
        )
        return replace(radiance, photo=replace(radiance.photo, notes=(*radiance.photo.notes, *notes)))

    return Job(
        lambda source: [(source.stem, source.numbered(suffix))], lambda _: command, make, (), overwrite,
        reading.max_pixels, reading.lenient,
    )  # fmt: skip
