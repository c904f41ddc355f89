"""The main job: a photo at other exposures."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reexposure.cli.app import (
    AS_IT_IS,
    READING,
    Developing,
    Mask,
    Out,
    Overwrite,
    Reading,
    Response,
    app,
)
from reexposure.cli.batch import ONE_EACH_CORE, Batch, many, recorded, run
from reexposure.cli.developing import Look, looks, reading_like
from reexposure.cli.sources import Source, light_of
from reexposure.cli.targets import Target, check, check_suffix, each, target
from reexposure.errors import UsageError

if TYPE_CHECKING:
    from reexposure.many.job import Job
    from reexposure.many.sources import Source as PhotoOfMany
    from reexposure.photo.photo import Photo
    from reexposure.radiance.radiance import RadianceMap

WRITTEN_AS = {".exr": ".png", ".hdr": ".png", ".bmp": ".png", ".gif": ".png", ".ppm": ".png", ".pgm": ".png"}
"""What is written of files in whose format nothing is, where many are; JPEG of all others."""

NOTHING_ASKED = "say which exposure to write, such as --ev -2"


@app.default
def expose(
    *photo: str,
    ev: str | None = None,
    developing: Developing = AS_IT_IS,
    out: Out = None,
    response: Response = "sqrt",
    mask: Mask = None,
    strip: bool = False,
    reading: Reading = READING,
    overwrite: Overwrite = False,
    batch: Batch = ONE_EACH_CORE,
) -> int:
    """Write photos at another exposure, with their highlights back; asked for nothing, say what a photo is.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input. A folder, with
        its folders; an image sequence, plate.####.jpg or plate.%04d.jpg; a list of names, @list.txt. Of many, those
        that the same command has made already are not made again.
    ev
        Stops brighter (+) or darker (-): one (-2, 1/3), several (-1,-2,-4) or a range (-4:2:1). Default: 0, where
        highlights or shadows are moved.
    out
        Where to write: a file, or a folder (a slash at its end, or no suffix; made if missing); `-` is standard
        output. Several photos go into a folder, in the folders they were in. Default: beside the photo, as
        NAME_ev-2.jpg, NAME_highlights-80.jpg or NAME_auto.jpg.
    response
        How the photo is decoded to light: by the square root, or by the curve of its colour space (srgb).
    strip
        Leave out EXIF, XMP, IPTC and comments; only the colour profile stays.
    """
    wanted = looks(ev, developing, reading)
    reading = reading_like(wanted, reading)
    if many(photo, batch):
        if not wanted:
            raise UsageError(NOTHING_ASKED)
        if mask is not None:
            raise UsageError("--mask goes with one photo")
        return run(photo, out, _job(wanted, response, strip, reading, overwrite), batch)
    [name] = photo
    source = Source(name, reading if wanted else replace(reading, detail=reading.detail or 0.0))
    if not wanted:
        from reexposure.cli.describe import describe

        if out is not None or mask is not None:
            raise UsageError(NOTHING_ASKED)
        print(describe(source, response))
        return 0
    piped = out == "-" or (name == "-" and out is None)
    if piped and len(wanted) > 1:
        raise UsageError("standard output takes one exposure only")
    targets = [] if piped else _targets(source, out, wanted)
    matte = target(name, mask, "_mask.png") if mask is not None else None
    for one in filter(None, [*targets[:1], matte]):
        check_suffix(one.path, _formats())
    check([name], targets + ([matte] if matte else []), overwrite)
    found = [source.reconstructed(response, strip)]
    del source
    found = found if len(wanted) == 1 else [found.pop().kept()]
    for index, look in enumerate(wanted):
        settings = look.of(found[0])
        # While the last is encoded, nothing else is held in memory.
        radiance = found[0] if matte or index < len(wanted) - 1 else found.pop()
        picture = radiance.developed(settings)
        del radiance
        picture = picture.stripped() if strip else picture
        if piped:
            _pipe(picture.encoded())
            continue
        path = targets[index].ready()
        if (lost := picture.lost_in(_formats()[path.suffix.lower()])) and index == 0:
            print(f"{path}: {lost}", file=sys.stderr, flush=True)
        picture.save(path, overwrite)
        print(path)
    if matte:
        found[0].save_mask(matte.ready(), overwrite)
    return 0


def _job(wanted: Sequence[Look], response: Response, strip: bool, reading: Reading, overwrite: bool) -> Job:
    """What is made of each of many photos."""
    from reexposure.many.job import Job
    from reexposure.photo.photo import FORMATS

    def names(source: PhotoOfMany) -> list[tuple[str, str]]:
        own = source.path.suffix.lower()
        suffix = source.path.suffix if own in FORMATS else WRITTEN_AS.get(own, ".jpg")
        return [(source.stem + look.ending, source.numbered(suffix)) for look in wanted]

    def note(number: int) -> str:
        about = wanted[number].recorded
        return recorded(strip=strip, **reading.recorded, **about, response=response)

    def make(found: Photo | RadianceMap, targets: Mapping[int, Path]) -> RadianceMap:
        radiance = light_of(found, response, reading)
        radiance = radiance.kept() if len(targets) > 1 else radiance
        for number, path in targets.items():
            settings = wanted[number].of(radiance)
            picture = radiance.developed(settings)
            picture = picture.stripped() if strip else picture
            about = picture.metadata.recording(**settings.told(), **radiance.told(), Command=note(number))
            replace(picture, metadata=about).save(path)
        return radiance

    evs = [look.settings.ev for look in wanted if look.settings]
    return Job(names, note, make, evs, overwrite, reading.max_pixels, reading.lenient)


def _targets(source: Source, out: str | None, wanted: Sequence[Look]) -> list[Target]:
    """Where the exposures are written; named after the photo they have its suffix, or that of its format."""
    suffix, endings = Path(source.path).suffix, [look.ending for look in wanted]
    named = target(source.path, out, suffix)
    if out is not None and named.folder is None:
        return each(named, endings) if len(wanted) > 1 else [named]
    photo, formats = source.photo, _formats()
    if suffix.lower() not in formats or photo.lost_in(formats[suffix.lower()]):
        suffix = next(suffix for suffix, format in formats.items() if format == photo.natural_format)
        named = target(source.path, out, suffix)
    return each(named, endings)


def _pipe(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OSError(f"standard output: cannot be written ({(error.strerror or 'unknown').lower()})") from error


def _formats() -> dict[str, str]:
    from reexposure.photo.photo import FORMATS

    return FORMATS
