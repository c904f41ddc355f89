"""The contact sheet: a bracket of exposures, each by plain brightness change and re-exposed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reexposure.figures.closeup import brightness_change
from reexposure.figures.layout import CAPTION_IN, MARGIN_IN, Box, sheet_page
from reexposure.figures.paper import SOFT, Paper, aspect_of, checked_path
from reexposure.fonts import ev_text, signed
from reexposure.radiance.radiance import RadianceMap

LABEL_IN, NUMBER_IN = 0.66, 0.42
"""Widths of an exposure such as -0.25 EV, and of its number alone."""


def contact_sheet(
    radiance: RadianceMap, path: str | Path, evs: Sequence[float], long_px: int = 2400, overwrite: bool = True
) -> None:
    """Write a sheet of the exposures ``evs`` (stops) as .png, .jpg, .pdf or .svg, in sRGB.

    Raises PhotoError naming the file or for photos that are too long, ImportError without matplotlib.
    """
    path, radiance = checked_path(path), radiance.kept()
    page = sheet_page(aspect_of(radiance.photo), len(evs))
    paper = Paper(page.width, page.height, long_px)
    for ev, boxes in zip(evs, page.pairs, strict=True):
        pictures = brightness_change(radiance.photo, ev, radiance.curve), radiance.expose(ev)
        for box, picture in zip(boxes, pictures, strict=True):
            paper.picture(box, picture)
        _label(paper, boxes[0], ev, page.stacked)
    here, there = ("Above", "Below") if page.stacked else ("Left", "Right")
    legend = f"{here}: brightness change. {there}: re-exposed."
    paper.text(MARGIN_IN, MARGIN_IN + CAPTION_IN / 2, legend, 8, color=SOFT)
    paper.save(path, overwrite)


def _label(paper: Paper, box: Box, ev: float, stacked: bool) -> None:
    """The exposure, above or at the left of its first picture; narrow columns have it smaller and without unit."""
    if stacked:
        fits = box.width >= LABEL_IN
        words, size_pt = (ev_text(ev, 2), 8.5) if fits else (signed(ev, 2), min(8.5, 8.5 * box.width / NUMBER_IN))
        paper.text(box.left + box.width / 2, box.top - 0.08, words, size_pt, bold=True, ha="center")
    else:
        middle = box.top + box.height / 2
        paper.text(box.left - 0.1, middle, ev_text(ev, 2), 8.5, bold=True, ha="right", va="center")
