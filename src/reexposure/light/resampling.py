"""Reducing a picture by the means of boxes, and enlarging a small map; page/light/resample.js does the same."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Float32, Int, Shaped
from reexposure.light import around


def reduced(pixels: Shaped[np.ndarray, "h w 3"], rows: int, columns: int) -> Float32[np.ndarray, "rows columns 3"]:
    """The means of the boxes into which ``rows`` and ``columns`` cut the picture, not rounded."""
    return box_means(box_means(pixels, rows).swapaxes(0, 1), columns).swapaxes(0, 1)


def box_means(values: Shaped[np.ndarray, "n ..."], count: int) -> Float32[np.ndarray, "count ..."]:
    """The means of the ``count`` boxes, of equal size to half a pixel, into which the first axis is cut."""
    edges = (np.arange(count + 1) * len(values) / count + 0.5).astype(int)
    first, size = edges[:-1], np.diff(edges)
    total = values[first].astype(np.float32)
    for place in range(1, size.max()):
        larger = size > place
        if larger.all():
            total += values[first + place]
        else:
            total[larger] += values[(first + place)[larger]]
    return total / size.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))


def averaged(picture: Shaped[np.ndarray, "h w c"], step: int) -> Shaped[np.ndarray, "h2 w2 c"]:
    """The means of squares of ``step`` pixels; rows and columns that fill no square, below and right, are left out.

    >>> averaged(np.arange(6.0).reshape(2, 3, 1), 2).ravel()
    array([2.])
    """
    if step == 1:
        return picture
    height, width = (size // step for size in picture.shape[:2])
    whole = picture[: height * step, : width * step]
    return whole.reshape(height, step, width, step, -1).mean((1, 3))


class Enlarged:
    """A small map read at the size of the photo, a part at a time, by bilinear enlargement.

    ``sphere``: it is one of a panorama, whose borders are none.
    """

    def __init__(
        self, small: Float32[np.ndarray, "h w c"], height_px: int, width_px: int, *, sphere: bool = False
    ) -> None:
        self.small, self.margin_px = around.continued(small, 1) if sphere else small, int(sphere)
        self.height_px, self.width_px = height_px, width_px

    def cut(self, rows: slice, columns: slice) -> Float32[np.ndarray, "rows columns c"]:
        """The map at these rows and columns of the photo."""
        left, right, along = _between(columns, self.width_px, self.small.shape[1], self.margin_px)
        above, below, down = _between(rows, self.height_px, len(self.small), self.margin_px)
        first = above[0]
        part = self.small[first : below[-1] + 1]
        wide = part[:, left] + along[:, None] * (part[:, right] - part[:, left])
        top, bottom = wide[above - first], wide[below - first]
        return top + down[:, None, None] * (bottom - top)


def _between(
    places: slice, size_px: int, small_px: int, margin_px: int
) -> tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"], Float32[np.ndarray, " n"]]:
    """Between which two values of a small map places of the photo lie, and how far from the first to the second.

    ``margin_px``: the map has so many more at both ends than the photo.
    """
    at = (np.arange(*places.indices(size_px)) + 0.5) * ((small_px - 2 * margin_px) / size_px) - 0.5 + margin_px
    at = at.clip(0, small_px - 1)
    first = at.astype(int)
    return first, np.minimum(first + 1, small_px - 1), (at - first).astype(np.float32)
