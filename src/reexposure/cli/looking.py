"""Looking at the difference: comparison figures and exposure films."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from reexposure.cli.app import Evs, Out, PhotoPath, Response, UsageError, app, parse_evs
from reexposure.cli.photos import reconstructed

Bracket = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
MAX_BRACKET = 40


@app.command
def compare(
    photo: PhotoPath,
    *,
    ev: Evs = "-3",
    out: Out = None,
    at: str | None = None,
    zoom: float = 4.0,
    bracket: Bracket = None,
    size: int = 2400,
    response: Response = "sqrt",
) -> None:
    """Write a figure: original, plain brightness change and re-exposed, with a close-up and histograms.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input.
    ev
        The exposure to compare at, in stops.
    out
        A .png, .jpg, .pdf or .svg file. Default: NAME_compare.png.
    at
        The close-up's centre, X,Y in pixels. Default: where the last two differ most.
    zoom
        How much larger the close-up is than the picture.
    bracket
        A contact sheet of these exposures instead: -4:4:2, or -4,-1,2.
    size
        Pixels of the figure's longer side.
    response
        The camera's response curve.
    """
    evs = parse_evs(bracket if bracket is not None else ev, "--ev" if bracket is None else "--bracket")
    if bracket is None and len(evs) > 1:
        raise UsageError("--ev takes one exposure here; --bracket makes a sheet of several")
    if len(evs) > MAX_BRACKET:
        raise UsageError(f"--bracket {bracket}: {len(evs)} exposures; a sheet holds {MAX_BRACKET}")
    _within("--size", size, 400, 10_000)
    _within("--zoom", zoom, 1, 100)
    at_px = None if at is None else _point(at)
    target = _named(photo, out, "_compare.png")
    from reexposure.figures import comparison, contact, paper

    paper.checked_path(target)
    radiance = reconstructed(photo, response)
    height, width = radiance.photo.pixels.shape[:2]
    if at_px and not (0 <= at_px[0] < width and 0 <= at_px[1] < height):
        raise UsageError(f"--at {at}: outside the photo of {width} x {height} pixels")
    if bracket is None:
        comparison.compare(radiance, target, evs[0], at_px=at_px, zoom=zoom, long_px=size)
    else:
        contact.contact_sheet(radiance, target, evs, size)
    print(target)


@app.command
def sweep(
    photo: PhotoPath,
    *,
    out: Out = None,
    first: Annotated[float | None, Parameter(name="--from", allow_leading_hyphen=True)] = None,
    last: Annotated[float | None, Parameter(name="--to", allow_leading_hyphen=True)] = None,
    seconds: float = 8.0,
    fps: float | None = None,
    size: int | None = None,
    response: Response = "sqrt",
) -> None:
    """Write a film whose exposure glides through the stops and back again; it loops.

    It starts at the photo's own exposure, 0 EV, where that lies between --from and --to, else at --from.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input.
    out
        An .mp4, .webm, .webp or .gif file. Default: NAME_sweep.mp4.
    first
        The exposure it goes to first, in stops. Default: where the highlights come back.
    last
        The exposure it goes to then. Default: where the shadows open.
    seconds
        How long it is.
    fps
        Frames a second. Default: 30; 20 for .webp, 12.5 for .gif.
    size
        Pixels of its longer side. Default: 1280; 800 for .webp, 560 for .gif.
    response
        The camera's response curve.
    """
    _within("--seconds", seconds, 0.2, 600)
    for name, value, low, high in (("--fps", fps, 1, 120), ("--size", size, 64, 4096)):
        if value is not None:
            _within(name, value, low, high)
    for name, ev in (("--from", first), ("--to", last)):
        if ev is not None:
            _within(name, ev, -30, 30)
    if first is not None and first == last:
        raise UsageError("--from and --to are the same: nothing would move")
    target = _named(photo, out, "_sweep.mp4")
    from reexposure.films import encoding
    from reexposure.films.sweep import sweep as film
    from reexposure.radiance import opened

    kind = encoding.kind_of(target)
    film(
        opened(photo),
        target,
        first_ev=first,
        last_ev=last,
        seconds=seconds,
        fps=fps or kind.fps,
        size_px=size or kind.size_px,
        response=response,
    )
    print(target)


def _named(photo: str, out: str | None, ending: str) -> Path:
    """Where to write: ``out``, or beside the photo with ``ending``."""
    if out is None and photo == "-":
        raise UsageError("standard input has no name; say where to write with -o")
    source = Path(photo)
    return Path(out) if out else source.with_name(source.stem + ending)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # also false for nan
        raise UsageError(f"{name} {value:g}: out of range; it goes from {low:g} to {high:g}")


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--at {text}: not a point; write X,Y in pixels") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise UsageError(f"--at {text}: not a point; write X,Y in pixels")
    return x, y
