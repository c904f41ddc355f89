"""The paper figures are printed on: matplotlib, in the package's typeface, at exact pixels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from reexposure import __version__, fonts
from reexposure.errors import PhotoError
from reexposure.figures.closeup import Window
from reexposure.figures.layout import Box
from reexposure.files import written_aside
from reexposure.photo.photo import Photo
from reexposure.photo.shown import SRGB_PROFILE, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".png", ".jpg", ".jpeg", ".pdf", ".svg")
INK, SOFT, ACCENT, BORDER = "#16181d", "#6b7280", "#d9480f", "#d0d4d8"

MAX_ASPECT = 20
"""Photos that are longer than this would be lines on a page."""

MIN_TEXT_PX = 8
"""Smaller letters cannot be read."""


def checked_path(path: str | Path) -> Path:
    """``path`` if a figure can be written as its suffix says; else PhotoError naming it."""
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise PhotoError(f"{path}: unknown format; write one of {', '.join(SUFFIXES)}")
    return path


def aspect_of(photo: Photo) -> float:
    """Width / height of a photo; PhotoError for one that is too long for a page."""
    height, width = photo.pixels.shape[:2]
    if max(width / height, height / width) > MAX_ASPECT:
        raise PhotoError(f"a photo of {width} x {height} pixels is too long for a figure; {MAX_ASPECT} to 1 at most")
    return width / height


class Paper:
    """A white page of ``width`` x ``height`` inches, ``long_px`` pixels on its longer side.

    Raises ImportError with the way to install it where matplotlib is missing.
    """

    def __init__(self, width: float, height: float, long_px: int) -> None:
        try:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure
        except ImportError as error:
            raise ImportError("figures need matplotlib: pip install 'reexposure[figures]'") from error
        self.dpi = long_px / max(width, height)
        self.width_px, self.height_px = round(width * self.dpi), round(height * self.dpi)
        self.figure = Figure((self.width_px / self.dpi, self.height_px / self.dpi), self.dpi, facecolor="white")
        self.canvas: Any = FigureCanvasAgg(self.figure)

    def pixels(self, box: Box) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of ``box`` on whole pixels: pictures are printed without resampling."""
        left, top = round(box.left * self.dpi), round(box.top * self.dpi)
        return left, top, max(left + 1, round(box.right * self.dpi)), max(top + 1, round(box.bottom * self.dpi))

    def axes(self, box: Box) -> Axes:
        """Bare axes that fill ``box``."""
        left, top, right, bottom = self.pixels(box)
        w, h = self.width_px, self.height_px
        axes = self.figure.add_axes((left / w, 1 - bottom / h, (right - left) / w, (bottom - top) / h))
        axes.set_axis_off()
        return axes

    def picture(self, box: Box, photo: Photo, window: Window | None = None) -> Axes:
        """The photo, or its ``window``, in sRGB; one pixel of the axes' data is one of the page.

        A hairline around it tells white from the page.
        """
        from matplotlib.patches import Rectangle

        left, top, right, bottom = self.pixels(box)
        size = (right - left, bottom - top)
        axes = self.axes(box)
        axes.imshow(
            np.asarray(shown(photo, size, window.crop_px if window else None)),
            interpolation="none",
            aspect="auto",
            extent=(0, size[0], size[1], 0),
        )
        thick = 0.5 / 72 * self.dpi
        edge = (-thick / 2, -thick / 2), size[0] + thick, size[1] + thick
        axes.add_patch(Rectangle(*edge, fill=False, ec=BORDER, lw=0.5, joinstyle="miter", clip_on=False))
        return axes

    def text(self, x: float, y: float, words: str, size_pt: float, bold: bool = False, **looks: Any) -> None:
        """``words`` at ``x``, ``y`` inches from the top left, on the baseline unless ``va`` says otherwise."""
        looks = {"color": INK, "ha": "left", "va": "baseline"} | looks
        where = (x * self.dpi / self.width_px, 1 - y * self.dpi / self.height_px)
        size_pt = max(size_pt, MIN_TEXT_PX * 72 / self.dpi)
        self.figure.text(*where, words, fontproperties=typeface(size_pt, bold), **looks)

    def save(self, path: Path, overwrite: bool = True) -> None:
        """Write the page as its suffix says; it appears whole or not at all. Raises PhotoError naming the file."""
        suffix = path.suffix.lower()
        try:
            with written_aside(path, overwrite) as aside:
                if suffix in (".pdf", ".svg"):
                    self._save_vectors(aside, suffix[1:])
                else:
                    self._save_pixels(aside, "PNG" if suffix == ".png" else "JPEG")
        except OSError as error:
            raise PhotoError(str(error)) from error

    def _save_vectors(self, path: Path, format: str) -> None:
        import matplotlib

        # Text stays text in a PDF, with its font; in SVG it becomes paths, which look the same everywhere.
        # No date, so that the same photo gives the same file.
        looks: Any = {"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "reexposure"}
        about = {"Creator": f"reexposure {__version__}", ("Date" if format == "svg" else "CreationDate"): None}
        with matplotlib.rc_context(looks):
            self.figure.savefig(path, format=format, dpi=self.dpi, metadata=about)

    def _save_pixels(self, path: Path, format: str) -> None:
        self.canvas.draw()
        page = Image.fromarray(np.asarray(self.canvas.buffer_rgba())[..., :3])
        looks: dict[str, Any] = {"icc_profile": SRGB_PROFILE, "dpi": (self.dpi, self.dpi)}
        page.save(path, format, **looks, **({} if format == "PNG" else {"quality": 93, "subsampling": 0}))


def typeface(size_pt: float, bold: bool = False) -> Any:
    """matplotlib's properties of the package's font at ``size_pt``."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(fonts.SEMIBOLD if bold else fonts.REGULAR), size=size_pt)
