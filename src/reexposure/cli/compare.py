"""The command compare: figures and contact sheets."""

from __future__ import annotations

import math

from reexposure.cli.app import (
    READING,
    Out,
    Overwrite,
    Reading,
    Response,
    app,
    parse_evs,
    within,
)
from reexposure.cli.sources import Source
from reexposure.cli.targets import check, check_suffix, target
from reexposure.errors import UsageError

MAX_BRACKET = 40


@app.command
def compare(
    photo: str,
    *,
    ev: str | None = None,
    out: Out = None,
    at: str | None = None,
    zoom: float | None = None,
    bracket: str | None = None,
    size: int = 2400,
    response: Response = "sqrt",
    reading: Reading = READING,
    overwrite: Overwrite = False,
) -> None:
    """Write a figure: original, plain brightness change and re-exposed, with a close-up and histograms.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input.
    ev
        The exposure to compare at, in stops. Default: -3.
    out
        A .png, .jpg, .pdf or .svg file, or a folder (a slash at its end, or no suffix; made if missing).
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
    within("--size", size, 800, 10_000)
    zoom = 4.0 if zoom is None else zoom
    within("--zoom", zoom, 1, 100)
    at_px = None if at is None else _point(at)
    figure = target(photo, out, "_compare.png" if bracket is None else "_bracket.png")
    check_suffix(figure.path, paper.SUFFIXES)
    check([photo], [figure], overwrite)
    radiance = Source(photo, reading).reconstructed(response)
    height, width = radiance.photo.pixels.shape[:2]
    if at_px and not (0 <= at_px[0] < width and 0 <= at_px[1] < height):
        raise UsageError(f"--at {at}: outside the photo of {width} x {height} pixels")
    path = figure.ready()
    if bracket is None:
        comparison.compare(radiance, path, evs[0], at_px=at_px, zoom=zoom, long_px=size, overwrite=overwrite)
    else:
        contact.contact_sheet(radiance, path, evs, size, overwrite)
    print(path)


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--at {text}: not a point; write X,Y in pixels") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise UsageError(f"--at {text}: not a point; write X,Y in pixels")
    return x, y
