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

    ``stacked`` says whether a pair stands one above the other (its exposure above it, the words for
    rows at the left) or side by side (its exposure at the left, the words above).
    """

    width: float
    height: float
    pairs: tuple[tuple[Box, Box], ...]
    stacked: bool


P = TypeVar("P", "Page", "SheetPage")


def _fitted(page_of: Callable[[float], P]) -> P:
    """The largest page within PAGE_IN out of those that ``page_of`` makes for a picture's width.

    Both sides of a page grow linearly with that width, so two pages tell where it ends.
    """
    none, one = page_of(0.0), page_of(1.0)
    fits = (
        (limit - start) / (end - start)
        for limit, start, end in zip(PAGE_IN, (none.width, none.height), (one.width, one.height), strict=True)
    )
    return page_of(max(0.05, min(fits)))


def _stacked(width: float, aspect: float) -> Panel:
    """Caption, picture, close-up and histogram below one another."""
    caption = Box(0, 0, width, CAPTION_IN)
    picture = Box(0, caption.bottom, width, width / aspect)
    closeup = Box(0, picture.bottom + GAP_IN, width, width * 0.66)
    histogram = Box(0, closeup.bottom + GAP_IN, width, width * 0.2)
    return Panel(caption, picture, closeup, histogram, width, histogram.bottom + TICKS_IN)


def _beside(width: float, aspect: float) -> Panel:
    """The histogram below the picture, the close-up at their right and as high as both."""
    caption = Box(0, 0, width, CAPTION_IN)
    picture = Box(0, caption.bottom, width, width / aspect)
    histogram = Box(0, picture.bottom + GAP_IN, width, width * (0.1 if aspect > 1 else 0.25))
    high = histogram.bottom - picture.top
    # Square for a panorama; for a tall photo no wider than it, so that three fit side by side.
    closeup = Box(width + GAP_IN, picture.top, min(high - GAP_IN, width * 0.95), high)
    return Panel(caption, picture, closeup, histogram, closeup.right, histogram.bottom + TICKS_IN)


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
    high, words = width / aspect, CAPTION_IN
    if stacked:
        right, down = width + GAP_IN, words + 2 * high + GAP_IN + GUTTER_IN
        corners = [(MARGIN_IN + words + i % columns * right, MARGIN_IN + i // columns * down) for i in range(count)]
        pairs = tuple(
            (Box(x, y + words, width, high), Box(x, y + words + high + GAP_IN, width, high)) for x, y in corners
        )
    else:
        left, down = MARGIN_IN + 2 * words, high + GAP_IN
        rows = [MARGIN_IN + words + i * down for i in range(count)]
        pairs = tuple((Box(left, y, width, high), Box(left + width + GAP_IN, y, width, high)) for y in rows)
    last = pairs[-1][1]
    return SheetPage(max(box.right for _, box in pairs) + MARGIN_IN, last.bottom + MARGIN_IN, pairs, stacked)
