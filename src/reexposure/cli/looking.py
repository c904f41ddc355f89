"""Looking at the difference: comparison figures and exposure films."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from reexposure.cli.app import Evs, Out, PhotoPath, Response, UsageError, app, parse_evs
from reexposure.cli.photos import IgnoreGainMap, opened, reconstructed

Bracket = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
MAX_BRACKET = 40


@app.command
def compare(
    photo: PhotoPath,
    *,
    ev: Evs | None = None,
    out: Out = None,
    at: str | None = None,
    zoom: float | None = None,
    bracket: Bracket = None,
    size: int = 2400,
    response: Response = "sqrt",
    ignore_gain_map: IgnoreGainMap = False,
) -> None:
    """Write a figure: original, plain brightness change and re-exposed, with a close-up and histograms.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input.
    ev
        The exposure to compare at, in stops. Default: -3.
    out
        A .png, .jpg, .pdf or .svg file, or a folder (a name without suffix; made if missing).
        Default: beside the photo, as NAME_compare.png, or as NAME_bracket.png with --bracket.
    at
        The close-up's centre, X,Y in pixels. Default: where the last two differ most.
    zoom
        How much larger the close-up is than the picture, 1 to 100. Default: 4.
    bracket
        A contact sheet of these exposures instead, 40 at most: -4:4:2, or -4,-1,2. It has no close-ups and no
        histograms, so --ev, --at and --zoom do not go with it.
    size
        Pixels of the figure's longer side, 800 to 10000.
    response
        The camera's response curve.
    """
    from reexposure.figures import comparison, contact, paper

    if bracket is not None and (ev, at, zoom) != (None, None, None):
        raise UsageError("--bracket makes a sheet without close-ups; --ev, --at and --zoom do not go with it")
    evs = parse_evs(ev or "-3") if bracket is None else parse_evs(bracket, "--bracket")
    if bracket is None and len(evs) > 1:
        raise UsageError("--ev takes one exposure here; --bracket makes a sheet of several")
    if len(evs) > MAX_BRACKET:
        raise UsageError(f"--bracket {bracket}: {len(evs)} exposures; a sheet holds {MAX_BRACKET}")
    _within("--size", size, 800, 10_000)
    zoom = 4.0 if zoom is None else zoom
    _within("--zoom", zoom, 1, 100)
    at_px = None if at is None else _point(at)
    target = _target(photo, out, "_compare.png" if bracket is None else "_bracket.png", paper.SUFFIXES)
    radiance = reconstructed(photo, response, ignore_gain_map=ignore_gain_map)
    height, width = radiance.photo.pixels.shape[:2]
    if at_px and not (0 <= at_px[0] < width and 0 <= at_px[1] < height):
        raise UsageError(f"--at {at}: outside the photo of {width} x {height} pixels")
    _make_folder(target, out)
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
    ignore_gain_map: IgnoreGainMap = False,
) -> None:
    """Write a film whose exposure glides through the stops and back again; it loops.

    It starts at the photo's own exposure, 0 EV, where that lies between --from and --to, else at --from.
    Films too small for it show no exposure scale.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input.
    out
        An .mp4, .webm, .webp or .gif file, or a folder (a name without suffix; made if missing).
        Default: beside the photo, as NAME_sweep.mp4.
    first
        The exposure it goes to first, in stops. Default: where the highlights come back.
    last
        The exposure it goes to then. Default: where the shadows open.
    seconds
        How long it is, 0.2 to 600.
    fps
        Frames a second, 1 to 120; to 50 for .gif, whose frames last whole hundredths of a second.
        Default: 30; 20 for .webp, 12.5 for .gif.
    size
        Pixels of its longer side, 64 to 4096. Default: 1280; 800 for .webp, 560 for .gif.
    response
        The camera's response curve.
    """
    from reexposure.films import encoding
    from reexposure.films import sweep as films

    target = _target(photo, out, "_sweep.mp4", encoding.KINDS)
    kind = encoding.kind_of(target)
    fps, size = kind.fps if fps is None else fps, kind.size_px if size is None else size
    _within("--seconds", seconds, 0.2, 600)
    _within("--fps", fps, 1, kind.max_fps, f" for {target.suffix}")
    _within("--size", size, 64, 4096)
    for name, ev in (("--from", first), ("--to", last)):
        if ev is not None:
            _within(name, ev, -30, 30)
    if first is not None and last is not None and abs(first - last) <= films.STILL_EV:
        raise UsageError("--from and --to are the same: nothing would move")
    scene = opened(photo, ignore_gain_map)
    _make_folder(target, out)
    films.sweep(
        scene,
        target,
        first_ev=first,
        last_ev=last,
        seconds=seconds,
        fps=fps,
        size_px=size,
        response=response,
    )
    print(target)


def _target(photo: str, out: str | None, ending: str, suffixes: Iterable[str]) -> Path:
    """Where to write: ``out``; or, named after the photo with ``ending``, in that folder or beside the photo."""
    if photo == "-" and out is None:
        raise UsageError("standard input has no name; say where to write with -o")
    if out == "-":
        raise UsageError("-o -: figures and films do not go to standard output; name a file")
    source = Path("photo" if photo == "-" else photo)
    target = source.with_name(source.stem + ending)
    if out is not None:
        target = Path(out) / target.name if Path(out).is_dir() or not Path(out).suffix else Path(out)
    if target.suffix.lower() not in suffixes:
        raise UsageError(f"{target}: unknown format; write one of {', '.join(suffixes)}")
    if target.resolve() == source.resolve():
        raise UsageError(f"{target}: is the photo itself; say another name with -o")
    return target


def _make_folder(target: Path, out: str | None) -> None:
    """Make the folder that ``out`` is, if ``target`` lies in it; last, so that errors leave nothing."""
    if out is not None and target.parent == Path(out):
        target.parent.mkdir(exist_ok=True)


def _within(name: str, value: float, low: float, high: float, where: str = "") -> None:
    if not low <= value <= high:  # also false for nan
        raise UsageError(f"{name} {value:g}: out of range; it goes from {low:g} to {high:g}{where}")


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--at {text}: not a point; write X,Y in pixels") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise UsageError(f"--at {text}: not a point; write X,Y in pixels")
    return x, y
