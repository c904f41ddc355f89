"""Where things stand on a figure: boxes in inches from the top left, for photos of any aspect ratio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

PAGE_IN = (10.0, 7.5)
"""A figure fits in this, as on a slide or across two columns of a journal."""

MARGIN_IN, GAP_IN, GUTTER_IN = 0.28, 0.1, 0.24
CAPTION_IN, TICKS_IN, FOOT_IN = 0.27, 0.2, 0.24

LINE_IN, TITLE_IN = 1.9, 1.3
"""Widths that title and exposure need on one line, and that the title needs alone."""

LEGEND_IN = 3.2
"""What the line of words on a contact sheet needs."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in inches; ``top`` grows downwards."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def moved(self, right: float, down: float) -> Box:
        """The same box elsewhere."""
        return Box(self.left + right, self.top + down, self.width, self.height)


@dataclass(frozen=True)
class Panel:
    """What is shown of one exposure; ``histogram`` excludes its tick labels, TICKS_IN high."""

    caption: Box
    picture: Box
    closeup: Box
    histogram: Box
    width: float
    height: float

    def moved(self, right: float, down: float) -> Panel:
        """The same panel elsewhere."""
        return replace(
            self,
            caption=self.caption.moved(right, down),
            picture=self.picture.moved(right, down),
            closeup=self.closeup.moved(right, down),
            histogram=self.histogram.moved(right, down),
        )


@dataclass(frozen=True)
class Page:
    """A figure's size and its panels."""

    width: float
    height: float
    panels: tuple[Panel, ...]


def comparison_page(aspect: float, count: int = 3) -> Page:
    """The page for ``count`` exposures of a photo of ``aspect`` (width / height) that shows it largest.

    Panels stand side by side or one above the other; a close-up stands below its picture or
    beside it. Between them, squares, portraits and panoramas all fill the page.
    """

    pages = (
        _fitted(partial(_page, panel, aspect, count, across))
        for panel in (_stacked, _beside)
        for across in (True, False)
    )
    return max(pages, key=lambda page: page.panels[0].picture.width)


def sheet_page(aspect: float, count: int) -> SheetPage:
    """The contact sheet for ``count`` pairs of pictures of ``aspect`` that shows them largest."""
    layouts = [*((columns, True) for columns in range(1, count + 1)), (1, False)]
    pages = (_fitted(partial(_sheet, aspect, count, *layout)) for layout in layouts)
    return max(pages, key=lambda page: page.pairs[0][0].width)


@dataclass(frozen=True)
class SheetPage:
    """A contact sheet: for each exposure the boxes of its two pictures.

    ``stacked`` says whether a pair stands one above the other (its exposure above it) or side by
    side (its exposure at the left). Words that say which is which have CAPTION_IN at the top.
    """

    width: float
    height: float
    pairs: tuple[tuple[Box, Box], ...]
    stacked: bool


P = TypeVar("P", "Page", "SheetPage")


def _fitted(page_of: Callable[[float], P]) -> P:
    """The largest page within PAGE_IN out of those that ``page_of`` makes for a picture's width."""
    low, high = 0.05, max(PAGE_IN)
    for _ in range(14):  # to a thousandth of an inch
        middle = (low + high) / 2
        page = page_of(middle)
        fits = page.width <= PAGE_IN[0] and page.height <= PAGE_IN[1]
        low, high = (middle, high) if fits else (low, middle)
    return page_of(low)


def _caption(width: float) -> Box:
    """Room for the title with the exposure beside it, or below it where that is too wide."""
    return Box(0, 0, max(width, TITLE_IN), CAPTION_IN if width >= LINE_IN else 1.6 * CAPTION_IN)


def _stacked(width: float, aspect: float) -> Panel:
    """Caption, picture, close-up and histogram below one another."""
    caption = _caption(width)
    picture = Box(0, caption.bottom, width, width / aspect)
    closeup = Box(0, picture.bottom + GAP_IN, width, width * 0.66)
    histogram = Box(0, closeup.bottom + GAP_IN, width, width * 0.2)
    return Panel(caption, picture, closeup, histogram, caption.width, histogram.bottom + TICKS_IN)


def _beside(width: float, aspect: float) -> Panel:
    """The close-up at the picture's right; the histogram below the picture, or below both for a tall photo."""
    high = width / aspect
    if aspect > 1:  # a panorama: the close-up, as high as both, is square at most
        below = width * 0.1
        wide, tall = min(high + below, width * 0.95), high + GAP_IN + below
    else:  # no wider than the photo, so that three fit side by side, but for the title above it
        wide, tall = max(width * 0.95, TITLE_IN - GAP_IN - width), high
        below = (width + GAP_IN + wide) * 0.2
    caption = _caption(width + GAP_IN + wide)
    picture = Box(0, caption.bottom, width, high)
    closeup = Box(width + GAP_IN, caption.bottom, wide, tall)
    histogram = Box(0, picture.bottom + GAP_IN, width if aspect > 1 else closeup.right, below)
    return Panel(caption, picture, closeup, histogram, caption.width, histogram.bottom + TICKS_IN)


def _page(panel_of: Callable[[float, float], Panel], aspect: float, count: int, across: bool, width: float) -> Page:
    panel = panel_of(width, aspect)
    right, down = (panel.width + GUTTER_IN, 0.0) if across else (0.0, panel.height + GAP_IN)
    panels = tuple(panel.moved(MARGIN_IN + i * right, MARGIN_IN + i * down) for i in range(count))
    last = panels[-1]
    return Page(
        last.caption.left + last.width + MARGIN_IN, last.caption.top + last.height + FOOT_IN + MARGIN_IN, panels
    )


def _sheet(aspect: float, count: int, columns: int, stacked: bool, width: float) -> SheetPage:
    """Pairs of pictures ``width`` wide in ``columns``; rows are as many as it takes."""
    high, words, top = width / aspect, CAPTION_IN, MARGIN_IN + CAPTION_IN
    if stacked:
        right, down = width + GAP_IN, words + 2 * high + 2 * GAP_IN
        corners = [(MARGIN_IN + i % columns * right, top + words + i // columns * down) for i in range(count)]
        pairs = tuple((Box(x, y, width, high), Box(x, y + high + GAP_IN, width, high)) for x, y in corners)
    else:
        left, down = MARGIN_IN + 2 * words, high + GAP_IN
        rows = [top + i * down for i in range(count)]
        pairs = tuple((Box(left, y, width, high), Box(left + width + GAP_IN, y, width, high)) for y in rows)
    wide = max(box.right for _, box in pairs) + MARGIN_IN
    return SheetPage(max(wide, LEGEND_IN), pairs[-1][1].bottom + MARGIN_IN, pairs, stacked)
