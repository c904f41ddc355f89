"""The figure that compares: original, plain brightness change, re-exposed, each with a close-up and a histogram."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from reexposure.arrays import Shaped
from reexposure.figures.closeup import Window, brightness_change, most_different, window_at
from reexposure.figures.layout import CAPTION_IN, MARGIN_IN, Box, Page, Panel, comparison_page
from reexposure.figures.paper import ACCENT, INK, SOFT, Paper, aspect_of, checked_path
from reexposure.fonts import ev_text, signed
from reexposure.light import camera
from reexposure.photo.depth import to_8_bits
from reexposure.photo.photo import Photo
from reexposure.radiance.radiance import RadianceMap

BINS = 64
"""Bins of a histogram, four of the 256 levels each."""

SPIKE, CUT = 1.5, 3
"""A bar SPIKE times as high as the fourth, such as the one of clipped pixels, is cut, to no less than a CUTth."""

LETTERS_PER_IN = 24
"""About how many letters of the footnote fit in an inch."""

CHANNEL_COLOURS = ("#e03131", "#2f9e44", "#1971c2")


def compare(
    radiance: RadianceMap,
    path: str | Path,
    ev: float = -3.0,
    *,
    at_px: tuple[float, float] | None = None,
    zoom: float = 4.0,
    long_px: int = 2400,
    overwrite: bool = True,
) -> None:
    """Write the figure for an exposure of ``ev`` stops as .png, .jpg, .pdf or .svg, in sRGB.

    The close-up is ``zoom`` times as large as the picture above it, around ``at_px`` (x, y in
    pixels of the photo) or where plain change and re-exposure differ most; the middle if they do
    not. ``long_px`` is the figure's longer side. Raises PhotoError naming the file or for photos
    that are too long, ImportError without matplotlib.
    """
    path = checked_path(path)
    photo, curve = radiance.photo, radiance.curve
    plain, ours = brightness_change(photo, ev, curve), radiance.expose(ev)
    height, width = photo.pixels.shape[:2]
    page = comparison_page(aspect_of(photo))
    paper = Paper(page.width, page.height, long_px)
    size = _closeup_size(page, (width, height), zoom)
    found = most_different(plain, ours, size)
    x, y = at_px or found or (width / 2, height / 2)
    window = window_at(x, y, size, (width, height))
    clip_level = float(curve.encode(2.0**ev)) if ev < 0 else None
    panels = (
        ("Original", 0.0, photo, None),
        ("Brightness change", ev, plain, clip_level),
        ("Re-exposed", ev, ours, clip_level),
    )
    counts = [_histogram(picture, stops, curve) for _, stops, picture, _ in panels]
    tallest = max(_scale(count) for count in counts)
    for panel, (title, stops, picture, clip), count in zip(page.panels, panels, counts, strict=True):
        _caption(paper, panel.caption, title, stops)
        _framed(paper, panel, picture, window)
        _draw_histogram(paper, panel.histogram, count / tallest, curve, clip)
    notes = ["Histograms: pixels of each level (square root); ticks in stops below white."]
    if clip_level is not None:
        notes.append("Dotted: where the original clipped.")
    if any((count > tallest).any() for count in counts):
        notes.append("Bars with a gap are cut.")
    if found is None:
        notes.append("The last two look the same: nothing that the original lost shows at this exposure.")
    _footnote(paper, page, " ".join(notes))
    paper.save(path, overwrite)


def _closeup_size(page: Page, photo_px: tuple[int, int], zoom: float) -> tuple[float, float]:
    """What the close-up shows of a photo of ``photo_px`` (w, h): width and height in its pixels."""
    panel = page.panels[0]
    scale = photo_px[0] / panel.picture.width / zoom
    size = (panel.closeup.width * scale, panel.closeup.height * scale)
    shrink = min(1.0, photo_px[0] / size[0], photo_px[1] / size[1])
    return size[0] * shrink, size[1] * shrink


def _footnote(paper: Paper, page: Page, words: str) -> None:
    lines = textwrap.wrap(words, int(LETTERS_PER_IN * (page.width - 2 * MARGIN_IN)))
    for number, line in enumerate(reversed(lines)):
        paper.text(MARGIN_IN, page.height - 0.18 - 0.12 * number, line, 6.2, color=SOFT)


def _caption(paper: Paper, box: Box, title: str, ev: float) -> None:
    """The title and its exposure: at the right, or below the title where the box has two lines."""
    bottom = box.bottom - 0.09
    if box.height > CAPTION_IN:
        paper.text(box.left, bottom - 0.16, title, 9.5, bold=True)
        paper.text(box.left, bottom, ev_text(ev, 2), 9, color=SOFT)
    else:
        paper.text(box.left, bottom, title, 9.5, bold=True)
        paper.text(box.right, bottom, ev_text(ev, 2), 9, ha="right", color=SOFT)


def _framed(paper: Paper, panel: Panel, photo: Photo, window: Window) -> None:
    """The picture with the window drawn on it, and the window enlarged."""
    from matplotlib.patches import Rectangle

    height, width = photo.pixels.shape[:2]
    axes = paper.picture(panel.picture, photo)
    left, top, right, bottom = paper.pixels(panel.picture)
    x, y = (right - left) / width, (bottom - top) / height
    shape = (window.left * x, window.top * y), window.width * x, window.height * y
    # White within a dark line is seen on any picture.
    for colour, thick in (("#000000a0", 2.0), ("white", 1.0)):
        axes.add_patch(Rectangle(*shape, fill=False, ec=colour, lw=thick, joinstyle="miter"))
    paper.picture(panel.closeup, photo, window)
    magnified = panel.closeup.width / panel.picture.width * width / window.width
    label: dict[str, Any] = {"boxstyle": "round,pad=0.35,rounding_size=0.3", "fc": "#000000a0", "ec": "none"}
    paper.text(
        panel.closeup.left + 0.1,
        panel.closeup.bottom - 0.1,
        f"{round(magnified, 1 if magnified < 10 else None):g}\N{MULTIPLICATION SIGN}",
        7,
        color="white",
        bbox=label,
    )


def _histogram(photo: Photo, ev: float, curve: camera.Response) -> Shaped[np.ndarray, "3 bins"]:
    """The square root of how many pixels have each level, per channel: few bright pixels still show.

    Transparent pixels do not count. ``ev`` says how much was brightened: levels of the original
    then lie apart, and each is spread over about the width it has become; at the ends they are piles.
    """
    step = max(1, int((photo.pixels.size / 6_000_000) ** 0.5))
    levels = to_8_bits(photo.pixels[::step, ::step]).reshape(-1, 3)
    if photo.alpha is not None:
        levels = levels[photo.alpha[::step, ::step].ravel() > 0]
    counts = np.array([np.bincount(levels[:, c], minlength=256) for c in range(3)]) / max(1, len(levels))
    width = np.full(256, max(1.0, 1 / float(curve.encode(2.0**-ev))))
    width[[0, 255]] = 1
    start = np.arange(256) + 0.5 - width / 2
    below = ((np.linspace(0, 256, BINS + 1)[:, None] - start) / width).clip(0, 1)
    below[0], below[-1] = 0, 1
    return np.sqrt(counts @ np.diff(below, axis=0).T)


def _scale(heights: Shaped[np.ndarray, "3 bins"]) -> float:
    """The height that fills a histogram: the highest bar's, or less where it is a spike that would flatten the rest."""
    fourth, highest = np.sort(heights.ravel())[[-4, -1]]
    spiked = 0 < SPIKE * fourth < highest
    return float(max(fourth, highest / CUT) if spiked else highest) or 1.0


def _draw_histogram(
    paper: Paper, box: Box, heights: Shaped[np.ndarray, "3 bins"], curve: camera.Response, clip: float | None
) -> None:
    axes = paper.axes(box)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.04)
    edges = np.linspace(0, 1, BINS + 1)
    ticks = (-6, -4, -3, -2, -1, 0) if box.width > 1.4 else (-4, -2, 0)
    for stops in ticks[:-1]:
        axes.axvline(float(curve.encode(2.0**stops)), color="#e5e7eb", lw=0.5, zorder=0)
    lowest = np.minimum(heights.min(0), 1)
    for channel, colour in zip(heights, CHANNEL_COLOURS, strict=True):
        axes.stairs(np.minimum(channel, 1), edges, fill=True, color=colour, alpha=0.22, lw=0)
        axes.stairs(np.minimum(channel, 1), edges, color=colour, lw=0.6)
    axes.stairs(lowest, edges, fill=True, color="#868e96", lw=0)
    for left in edges[:-1][heights.max(0) > 1]:
        axes.plot((left, left + 1 / BINS), (0.82, 0.9), color="white", lw=1.2, solid_capstyle="butt")
    if clip is not None:
        axes.axvline(clip, color=ACCENT, lw=1.0, ls=(0, (1, 1.5)))
    axes.axhline(0, color=INK, lw=0.8, clip_on=False)
    for stops in ticks:
        x = box.left + box.width * float(curve.encode(2.0**stops))
        words = "0 EV" if stops == 0 else signed(stops)
        paper.text(x, box.bottom + 0.125, words, 6.2, color=SOFT, ha="right" if stops == 0 else "center")
