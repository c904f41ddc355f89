"""The main job: a photo at other exposures."""

from __future__ import annotations

import sys
from pathlib import Path

from reexposure.cli.app import (
    READING,
    Evs,
    Flag,
    Mask,
    Out,
    Overwrite,
    PhotoPath,
    Reading,
    Response,
    app,
    parse_evs,
)
from reexposure.cli.sources import Source
from reexposure.cli.targets import Target, check, check_suffix, each, target
from reexposure.errors import UsageError


@app.default
def expose(
    photo: PhotoPath,
    *,
    ev: Evs = None,
    out: Out = None,
    response: Response = "sqrt",
    mask: Mask = None,
    strip: Flag = False,
    reading: Reading = READING,
    overwrite: Overwrite = False,
) -> None:
    """Write the photo at another exposure; without --ev, say what the photo is and what is lost in it.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input.
    ev
        Stops brighter (+) or darker (-): one (-2, 1/3), several (-1,-2,-4) or a range (-4:2:1).
    out
        Where to write: a file, or a folder (a slash at its end, or no suffix; made if missing); `-` is standard
        output. Default: beside the photo, as NAME_ev-2.jpg.
    response
        How the photo is decoded to light: by the square root, or by the curve of its colour space (srgb).
    strip
        Leave out EXIF, XMP, IPTC and comments; only the colour profile stays.
    """
    source = Source(photo, reading)
    if ev is None:
        from reexposure.cli.describe import describe

        if out is not None or mask is not None:
            raise UsageError("say which exposure to write, such as --ev -2")
        print(describe(source, response))
        return
    evs = parse_evs(ev)
    piped = out == "-" or (photo == "-" and out is None)
    if piped and len(evs) > 1:
        raise UsageError("standard output takes one exposure only")
    targets = [] if piped else _targets(source, out, evs)
    matte = target(photo, mask, "_mask.png") if mask is not None else None
    for one in filter(None, [*targets[:1], matte]):
        check_suffix(one.path, _formats())
    check([photo], targets + ([matte] if matte else []), overwrite)
    radiance = source.reconstructed(response, strip)
    for index, stops in enumerate(evs):
        picture = radiance.expose(stops)
        picture = picture.stripped() if strip else picture
        if piped:
            _pipe(picture.encoded())
            continue
        path = targets[index].ready()
        if (lost := picture.lost_in(_formats()[path.suffix.lower()])) and index == 0:
            print(f"{path}: {lost}", file=sys.stderr)
        picture.save(path, overwrite)
        print(path)
    if matte:
        radiance.save_mask(matte.ready(), overwrite)


def _targets(source: Source, out: str | None, evs: list[float]) -> list[Target]:
    """Where the exposures are written; named after the photo they have its suffix, or that of its format."""
    suffix = Path(source.path).suffix
    named = target(source.path, out, suffix)
    if out is not None and named.folder is None:
        return each(named, evs) if len(evs) > 1 else [named]
    photo, formats = source.photo, _formats()
    if suffix.lower() not in formats or photo.lost_in(formats[suffix.lower()]):
        suffix = next(suffix for suffix, format in formats.items() if format == photo.natural_format)
        named = target(source.path, out, suffix)
    return each(named, evs)


def _pipe(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OSError(f"standard output: cannot be written ({(error.strerror or 'unknown').lower()})") from error


def _formats() -> dict[str, str]:
    from reexposure.photo.photo import FORMATS

    return FORMATS
