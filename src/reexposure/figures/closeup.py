"""What is compared: the plain brightness change, and the part of the photo where it falls short most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from reexposure.arrays import Float32, Float64, Shaped
from reexposure.light import camera
from reexposure.light.resampling import resized
from reexposure.photo.depth import to_8_bits
from reexposure.photo.photo import Photo

SEARCH_PX = 400
"""Differences are searched in pictures reduced to this: a close-up is always larger than a pixel of them."""

VISIBLE = 3
"""Levels of 255: smaller differences are those of rounding."""


def brightness_change(photo: Photo, ev: float, curve: camera.Response = camera.RESPONSES["sqrt"]) -> Photo:
    """What exposure sliders do: decode by ``curve``, scale by ``ev`` stops, clip and encode again.

    Nothing is reconstructed: what clipped stays one flat tone.
    """
    levels = photo.levels
    every = np.repeat(np.arange(levels + 1, dtype=np.float64)[:, None] / levels, 3, axis=1)
    table = np.rint(camera.photograph(curve.decode(every), ev, curve) * levels).astype(photo.pixels.dtype)
    return photo.with_pixels(table[photo.pixels, np.arange(3)])


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


def most_different(one: Photo, other: Photo, size_px: tuple[float, float]) -> tuple[float, float] | None:
    """The centre (x, y), in pixels, of the window of ``size_px`` (w, h) that shows best where two photos differ.

    It is one in which the difference varies most: with the edge of what differs in it, such as a
    lamp's rim. Of those that are about as good, the one with what differs in its middle. None
    where no difference can be seen.
    """
    height, width = one.pixels.shape[:2]
    step = max(1, max(height, width) // SEARCH_PX)
    difference = np.abs(_reduced(one, step) - _reduced(other, step)).max(-1)
    difference[difference < VISIBLE] = 0
    if not difference.any():
        return None
    rows, columns = difference.shape
    tall, wide = (min(n, max(1, round(s / step))) for n, s in ((rows, size_px[1]), (columns, size_px[0])))

    def means(values: Shaped[np.ndarray, "h w"]) -> Float64[np.ndarray, "h2 w2"]:
        total = np.pad(values.astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
        return (total[tall:, wide:] - total[:-tall, wide:] - total[tall:, :-wide] + total[:-tall, :-wide]) / tall / wide

    mean = means(difference)
    variance = means(difference**2) - mean**2
    tops, lefts = np.nonzero(variance >= 0.9 * variance.max())
    y, x = np.indices(difference.shape) + 0.5
    mean = mean[tops, lefts]
    down = means(y * difference)[tops, lefts] / mean - (tops + tall / 2)
    right = means(x * difference)[tops, lefts] / mean - (lefts + wide / 2)
    best = np.hypot(down, right).argmin()
    return (lefts[best] + wide / 2) / columns * width, (tops[best] + tall / 2) / rows * height


def _reduced(photo: Photo, step: int) -> Float32[np.ndarray, "h w 3"]:
    height, width = photo.pixels.shape[:2]
    size_px = -(-width // step), -(-height // step)
    return resized(to_8_bits(photo.pixels), size_px, Image.Resampling.BOX).astype(np.float32)
