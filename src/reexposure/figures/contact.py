"""The contact sheet: a bracket of exposures, each by plain brightness change and re-exposed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reexposure.figures.closeup import brightness_change
from reexposure.figures.layout import CAPTION_IN, sheet_page
from reexposure.figures.paper import INK, SOFT, Paper, checked_path
from reexposure.fonts import ev_text
from reexposure.radiance import RadianceMap

TITLES = ("Brightness change", "Re-exposed")


def contact_sheet(radiance: RadianceMap, path: str | Path, evs: Sequence[float], long_px: int = 2400) -> None:
    """Write a sheet of the exposures ``evs`` (stops) as .png, .jpg, .pdf or .svg, in sRGB.

    Raises PhotoError naming the file, ImportError without matplotlib.
    """
    path = checked_path(path)
    height, width = radiance.photo.pixels.shape[:2]
    page = sheet_page(width / height, len(evs))
    paper = Paper(page.width, page.height, long_px)
    for ev, boxes in zip(evs, page.pairs, strict=True):
        pictures = brightness_change(radiance.photo, ev, radiance.curve), radiance.expose(ev)
        for box, picture in zip(boxes, pictures, strict=True):
            paper.picture(box, picture)
        first = boxes[0]
        if page.stacked:
            paper.text(first.left + first.width / 2, first.top - 0.08, ev_text(ev, 2), 8.5, bold=True, ha="center")
        else:
            middle = first.top + first.height / 2
            paper.text(first.left - 0.1, middle, ev_text(ev, 2), 8.5, bold=True, ha="right", va="center")
    for x, y in (
        sorted({(min(b.left for b, _ in page.pairs), pair[0].top) for pair in page.pairs}) if page.stacked else ()
    ):
        high = page.pairs[0][0].height
        for row, title in enumerate(TITLES):
            middle = y + row * (page.pairs[0][1].top - page.pairs[0][0].top) + high / 2
            colour = SOFT if row == 0 else INK
            paper.text(x - 0.12, middle, title, 8, rotation=90, ha="right", va="center", color=colour)
    if not page.stacked:
        for box, title in zip(page.pairs[0], TITLES, strict=True):
            paper.text(box.left, box.top - CAPTION_IN / 3, title, 8.5, color=SOFT if title == TITLES[0] else INK)
    paper.save(path)
