"""Pictures and maps at another size.

`resized` is for what is to be looked at. What networks see and maps are made of are means of boxes, and a small map is
enlarged part by part; page/light/resample.js does the same.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from reexposure.arrays import Float32, Int, Shaped
from reexposure.light import around


def resized(
    values: Shaped[np.ndarray, "h w *c"],
    size_px: tuple[int, int],
    filter: Image.Resampling = Image.Resampling.LANCZOS,
    crop_px: tuple[float, float, float, float] | None = None,
) -> Shaped[np.ndarray, "h2 w2 *c"]:
    """``values``, or what lies in ``crop_px`` (left, top, right, bottom), at ``size_px`` (w, h).

    Made smaller, every pixel has its share in the new ones, which with BOX are plain means. uint8 stays
    uint8, all else becomes float32 and is not rounded.

    >>> resized(np.float32([[0, 1, 4, 8]]), (2, 1), Image.Resampling.BOX).tolist()
    [[0.5, 6.0]]
    """
    if values.dtype == np.uint8:
        picture = Image.fromarray(np.ascontiguousarray(values))
        return np.asarray(picture.resize(size_px, filter, box=crop_px, reducing_gap=4))
    if values.ndim == 3:
        planes = [resized(values[..., channel], size_px, filter, crop_px) for channel in range(values.shape[-1])]
        return np.stack(planes, axis=-1)
    plane = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(plane.resize(size_px, filter, box=crop_px, reducing_gap=4))


def reduced(pixels: Shaped[np.ndarray, "h w c"], rows: int, columns: int) -> Float32[np.ndarray, "rows columns c"]:
    """The means of the boxes into which ``rows`` and ``columns`` cut the picture, not rounded."""
    return box_means(box_means(pixels, rows), columns, axis=1)


def box_means(values: Shaped[np.ndarray, ...], count: int, axis: int = 0) -> Float32[np.ndarray, ...]:
    """The means of the ``count`` boxes, of equal size to half a pixel, into which the first or second axis is cut."""
    edges = (np.arange(count + 1) * values.shape[axis] / count + 0.5).astype(int)
    size = np.diff(edges).astype(np.float32)
    if axis:
        total = np.add.reduceat(values, edges[:-1], axis=1, dtype=np.float32)
    else:  # row upon row, in a tenth of the time that `reduceat` takes; bytes in a quarter of that of floats
        kind = np.uint16 if values.dtype == np.uint8 and size.max() <= 257 else np.float32
        total = np.empty((count, *values.shape[1:]), np.float32)
        for box in range(count):
            total[box] = values[edges[box] : edges[box + 1]].sum(0, dtype=kind)
    total /= np.expand_dims(size, [other for other in range(values.ndim) if other != axis])
    return total


def averaged(picture: Shaped[np.ndarray, "h w c"], step: int) -> Float32[np.ndarray, "rows columns c"]:
    """The means of squares of ``step`` pixels; rows and columns that fill no square, below and right, are left out.

    >>> averaged(np.arange(6.0).reshape(2, 3, 1), 2).tolist()
    [[[2.0]]]
    """
    if step == 1:
        return picture
    rows, columns = (size // step for size in picture.shape[:2])
    return reduced(picture[: rows * step, : columns * step], rows, columns)


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
        wide = _mixed(part.take(left, 1), part.take(right, 1), along[:, None])
        return _mixed(wide.take(above - first, 0), wide.take(below - first, 0), down[:, None, None])


def _mixed(
    first: Float32[np.ndarray, "h w c"], second: Float32[np.ndarray, "h w c"], share: Float32[np.ndarray, ...]
) -> Float32[np.ndarray, "h w c"]:
    """Between both, ``share`` of the way; in place of the second, as every further array takes as long again."""
    second -= first
    second *= share
    second += first
    return second


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
