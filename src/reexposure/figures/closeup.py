"""What is compared: the plain brightness change, and the part of the photo where it falls short most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from reexposure import camera
from reexposure.arrays import Float32, Float64
from reexposure.photo import Photo, to_8_bits

SEARCH_PX = 400
"""Differences are searched in pictures reduced to this: a close-up is always larger than a pixel of them."""


def brightness_change(photo: Photo, ev: float, curve: camera.Response = camera.RESPONSES["sqrt"]) -> Photo:
    """What exposure sliders do: decode by ``curve``, scale by ``ev`` stops, clip and encode again.

    Nothing is reconstructed: what clipped stays one flat tone.
    """
    levels = photo.levels
    every = np.arange(levels + 1, dtype=np.float64) / levels
    table = np.rint(camera.photograph(curve.decode(every), ev, curve) * levels).astype(photo.pixels.dtype)
    return photo.with_pixels(table[photo.pixels])


@dataclass(frozen=True)
class Window:
    """A part of a photo, in pixels; it lies within the photo."""

    left: float
    top: float
    width: float
    height: float

    @property
    def crop_px(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        return self.left, self.top, self.left + self.width, self.top + self.height


def window_at(x_px: float, y_px: float, size_px: tuple[float, float], photo_px: tuple[int, int]) -> Window:
    """The window of ``size_px`` (w, h) around a point of a photo, moved and shrunk to lie within it."""
    shrink = min(1.0, photo_px[0] / size_px[0], photo_px[1] / size_px[1])
    width, height = size_px[0] * shrink, size_px[1] * shrink
    left = min(max(x_px - width / 2, 0.0), photo_px[0] - width)
    top = min(max(y_px - height / 2, 0.0), photo_px[1] - height)
    return Window(left, top, width, height)


def most_different(one: Photo, other: Photo, size_px: tuple[float, float]) -> tuple[float, float]:
    """The centre (x, y), in pixels, of the window of ``size_px`` (w, h) in which two photos differ most.

    A difference counts for as much as there is to see in the window of ``other``: the middle of a
    blown sky differs evenly, its edge shows what became of it. Of windows that count equally, the
    one nearest to the photo's centre; so it is the centre itself where they do not differ at all.
    """
    height, width = one.pixels.shape[:2]
    step = max(1, max(height, width) // SEARCH_PX)
    before, after = _reduced(one, step), _reduced(other, step)
    rows, columns = after.shape[:2]
    tall, wide = (min(n, max(1, round(s / step))) for n, s in ((rows, size_px[1]), (columns, size_px[0])))

    def means(values: Float32[np.ndarray, "h w"]) -> Float64[np.ndarray, "h2 w2"]:
        total = np.pad(values.astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
        return (total[tall:, wide:] - total[:-tall, wide:] - total[tall:, :-wide] + total[:-tall, :-wide]) / tall / wide

    difference, tone = np.abs(before - after).mean(-1), after.mean(-1)
    contrast = np.sqrt((means(tone**2) - means(tone) ** 2).clip(0, None))
    worth = means(difference) * (1 + contrast)
    tops, lefts = np.nonzero(worth >= worth.max() - 1e-6)
    middle = np.hypot(tops + tall / 2 - rows / 2, lefts + wide / 2 - columns / 2).argmin()
    top, left = tops[middle], lefts[middle]
    # What differs is then moved to the middle of the window.
    found = difference[top : top + tall, left : left + wide] + 1e-6
    y, x = np.indices(found.shape) + 0.5
    y, x = top + (y * found).sum() / found.sum(), left + (x * found).sum() / found.sum()
    return x / columns * width, y / rows * height


def _reduced(photo: Photo, step: int) -> Float32[np.ndarray, "h w 3"]:
    return np.asarray(Image.fromarray(np.ascontiguousarray(to_8_bits(photo.pixels))).reduce(step), np.float32)
