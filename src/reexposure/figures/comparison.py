"""The figure that compares: original, plain brightness change, re-exposed, each with a close-up and a histogram."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from reexposure import camera
from reexposure.arrays import Shaped
from reexposure.figures.closeup import Window, brightness_change, most_different, window_at
from reexposure.figures.layout import Box, Page, Panel, comparison_page
from reexposure.figures.paper import ACCENT, INK, SOFT, Paper, checked_path
from reexposure.fonts import ev_text, signed
from reexposure.photo import Photo
from reexposure.radiance import RadianceMap

BINS = 64
"""Bins of a histogram: wide enough that the gaps of a brightened 8-bit photo do not show as a comb."""

CHANNEL_COLOURS = ("#e03131", "#2f9e44", "#1971c2")


def compare(
    radiance: RadianceMap,
    path: str | Path,
    ev: float = -3.0,
    *,
    at_px: tuple[float, float] | None = None,
    zoom: float = 4.0,
    long_px: int = 2400,
) -> None:
    """Write the figure for an exposure of ``ev`` stops as .png, .jpg, .pdf or .svg, in sRGB.

    The close-up is ``zoom`` times as large as the picture above it, around ``at_px`` (x, y in
    pixels of the photo) or where plain change and re-exposure differ most. ``long_px`` is the
    figure's longer side. Raises PhotoError naming the file, ImportError without matplotlib.
    """
    path = checked_path(path)
    photo, curve = radiance.photo, radiance.curve
    plain, ours = brightness_change(photo, ev, curve), radiance.expose(ev)
    height, width = photo.pixels.shape[:2]
    page = comparison_page(width / height)
    paper = Paper(page.width, page.height, long_px)
    window = _window(page, plain, ours, at_px, zoom)
    clip_level = float(curve.encode(2.0**ev)) if ev < 0 else None
    panels = (
        ("Original", 0.0, photo, None),
        ("Brightness change", ev, plain, clip_level),
        ("Re-exposed", ev, ours, clip_level),
    )
    counts = [_histogram(picture) for _, _, picture, _ in panels]
    tallest = max(float(np.sort(count.ravel())[-4]) for count in counts)
    for panel, (title, stops, picture, clip), count in zip(page.panels, panels, counts, strict=True):
        _caption(paper, panel.caption, title, stops)
        _framed(paper, panel, picture, window)
        _draw_histogram(paper, panel.histogram, count / tallest, curve, clip)
    bottom = page.height - 0.24
    note = "Histograms: pixels of each level (square root); ticks in stops below white."
    if clip_level is not None:
        note += " Dotted: where the original clipped."
    paper.text(page.panels[0].picture.left, bottom, note, 6.2, color=SOFT)
    paper.save(path)


def _window(page: Page, plain: Photo, ours: Photo, at_px: tuple[float, float] | None, zoom: float) -> Window:
    height, width = plain.pixels.shape[:2]
    box = page.panels[0].closeup
    scale = width / page.panels[0].picture.width / zoom
    size = (box.width * scale, box.height * scale)
    shrink = min(1.0, width / size[0], height / size[1])
    size = (size[0] * shrink, size[1] * shrink)
    return window_at(*(at_px or most_different(plain, ours, size)), size, (width, height))


def _caption(paper: Paper, box: Box, title: str, ev: float) -> None:
    paper.text(box.left, box.bottom - 0.09, title, 9.5, bold=True)
    paper.text(box.right, box.bottom - 0.09, ev_text(ev, 2), 9, ha="right", color=SOFT)


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
        f"{magnified:.2g}\N{MULTIPLICATION SIGN}",
        7,
        color="white",
        bbox=label,
    )


def _histogram(photo: Photo) -> Shaped[np.ndarray, "3 bins"]:
    """The square root of how many pixels have each level, per channel: few bright pixels still show."""
    step = max(1, int((photo.pixels.size / 6_000_000) ** 0.5))
    levels = photo.pixels[::step, ::step].reshape(-1, 3) * (BINS / (photo.levels + 1))
    return np.sqrt([np.bincount(levels[:, c].astype(int), minlength=BINS) / len(levels) for c in range(3)])


def _draw_histogram(
    paper: Paper, box: Box, heights: Shaped[np.ndarray, "3 bins"], curve: camera.Response, clip: float | None
) -> None:
    axes = paper.axes(box)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.04)
    edges = np.linspace(0, 1, BINS + 1)
    for stops in range(-6, 0):
        axes.axvline(float(curve.encode(2.0**stops)), color="#e5e7eb", lw=0.5, zorder=0)
    lowest = np.minimum(heights.min(0), 1)
    for channel, colour in zip(heights, CHANNEL_COLOURS, strict=True):
        axes.stairs(np.minimum(channel, 1), edges, fill=True, color=colour, alpha=0.22, lw=0)
        axes.stairs(np.minimum(channel, 1), edges, color=colour, lw=0.6)
    axes.stairs(lowest, edges, fill=True, color="#868e96", lw=0)
    if clip is not None:
        axes.axvline(clip, color=ACCENT, lw=1.0, ls=(0, (1, 1.5)))
    axes.axhline(0, color=INK, lw=0.8, clip_on=False)
    ticks = (-6, -4, -2, -1, 0) if box.width > 1.4 else (-4, -2, 0)
    for stops in ticks:
        x = box.left + box.width * float(curve.encode(2.0**stops))
        words = "0 EV" if stops == 0 else signed(stops)
        paper.text(x, box.bottom + 0.125, words, 6.2, color=SOFT, ha="right" if stops == 0 else "center")
