"""Reducing a picture by the means of boxes, and enlarging a small map; page/light/resample.js does the same."""

from __future__ import annotations

import numpy as np
from PIL import Image

from reexposure.arrays import Float32, Shaped


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


class Enlarged:
    """A small map read at the size of the photo, a part at a time, by bilinear enlargement."""

    def __init__(self, small: Float32[np.ndarray, "h w c"], height_px: int, width_px: int) -> None:
        size = (width_px, len(small))
        planes = (Image.fromarray(np.ascontiguousarray(small[..., c])) for c in range(small.shape[-1]))
        self.wide = np.dstack([np.asarray(plane.resize(size, Image.Resampling.BILINEAR)) for plane in planes])
        self.scale = len(small) / height_px

    def cut(self, rows: slice, columns: slice) -> Float32[np.ndarray, "rows columns c"]:
        """The map at these rows and columns of the photo."""
        last = len(self.wide) - 1
        y = ((np.arange(rows.start, rows.stop) + 0.5) * self.scale - 0.5).clip(0, last)
        above = y.astype(int)
        share = (y - above).astype(np.float32)[:, None, None]
        top, bottom = self.wide[above, columns], self.wide[np.minimum(above + 1, last), columns]
        return top + share * (bottom - top)
