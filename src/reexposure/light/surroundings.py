"""How bright the surroundings of each pixel are, edges kept: computed once, whatever is made of the light afterwards.

A guided filter (He, Sun and Tang 2013, "Guided image filtering", its fast form of 2015) of log2 luminance by itself: in
every window luminance is ``slope * own + offset`` of what it smooths to, with a slope near 1 where the window holds an
edge and near 0 where it holds only texture. Slope and offset, averaged over windows, are a small map; enlarged, they
tell the surroundings of a pixel of the full picture from its own luminance. An exposure of ``ev`` stops moves both by
``ev``, so the map is of no exposure.
"""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Float32, Float64
from reexposure.light import around, bands, resampling
from reexposure.light.numbers import NUMBERS

_NUMBERS = NUMBERS["develop"]
FLOOR_EV, TOP_EV = float(_NUMBERS["floor_ev"]), float(_NUMBERS["top_ev"])
"""Luminance is told between these, in stops over 1.0."""
MAP_PX = int(_NUMBERS["map_px"])
"""The map has at most so many pixels."""
SIGHT, LEAST_SIGHT_PX = float(_NUMBERS["sight"]), int(_NUMBERS["least_sight_px"])
"""How far a window reaches to each side: this share of the map's side (of a square one), at least so many pixels."""
EDGE_EV = float(_NUMBERS["edge_ev"])
"""Luminance that strays by less than this in a window is texture, by more an edge; in stops."""


def luminance_ev(
    linear: Float32[np.ndarray, "h w 3"], weights: tuple[float, float, float]
) -> Float32[np.ndarray, "h w"]:
    """Luminance of linear light in stops over 1.0, FLOOR_EV to TOP_EV; ``weights`` of red, green and blue add to 1.

    >>> luminance_ev(np.full((1, 1, 3), 0.25, np.float32), (0.25, 0.5, 0.25)).tolist()
    [[-2.0]]
    """
    luminance = linear @ np.asarray(weights, np.float32)
    return np.log2(luminance.clip(np.float32(2**FLOOR_EV), np.float32(2**TOP_EV)))


def reduced_ev(
    linear: Float32[np.ndarray, "h w 3"], weights: tuple[float, float, float]
) -> Float32[np.ndarray, "rows columns"]:
    """Log2 luminance of a picture, in stops over 1.0: its means in as many boxes as `map_size` says."""
    height, width = linear.shape[:2]
    rows, columns = map_size(height, width)
    tall = np.empty((height, columns), np.float32)

    def reduce(band: slice) -> None:
        tall[band] = resampling.box_means(luminance_ev(linear[band], weights), columns, axis=1)

    bands.over_rows(reduce, height, width)
    return resampling.box_means(tall, rows)


def map_size(height_px: int, width_px: int) -> tuple[int, int]:
    """Rows and columns of the map of a picture: its own, or in proportion as many as MAP_PX holds.

    >>> map_size(300, 400), map_size(3000, 4000)
    ((300, 400), (300, 400))
    """
    shrink = min(1.0, (MAP_PX / (height_px * width_px)) ** 0.5)
    return max(1, round(height_px * shrink)), max(1, round(width_px * shrink))


def slope_and_offset(own_ev: Float32[np.ndarray, "h w"], sphere: bool = False) -> Float32[np.ndarray, "h w 2"]:
    """The map of a picture whose log2 luminance is ``own_ev``, as `reduced_ev` tells it.

    The surroundings of a pixel are ``slope * own + offset``, both enlarged bilinearly. ``sphere``: its
    borders are none, as those of a panorama.
    """
    return fitted(own_ev, own_ev, sphere)


def fitted(
    own_ev: Float32[np.ndarray, "h w"], values: Float32[np.ndarray, "h w"], sphere: bool = False
) -> Float32[np.ndarray, "h w 2"]:
    """The map that tells ``values``, smoothed but for edges of luminance, as ``slope * own + offset``."""
    sight = max(LEAST_SIGHT_PX, round(SIGHT * own_ev.size**0.5))
    beyond = min(2 * sight, len(own_ev)) if sphere else 0
    own, others = (around.continued(one[..., None], beyond)[..., 0].astype(np.float64) for one in (own_ev, values))
    mean, mean_of_others = _box_mean(own, sight), _box_mean(others, sight)
    variance = (_box_mean(own * own, sight) - mean * mean).clip(0, None)
    common = variance if values is own_ev else _box_mean(own * others, sight) - mean * mean_of_others
    slope = common / (variance + EDGE_EV**2)
    offset = mean_of_others - slope * mean
    both = np.stack([_box_mean(one, sight).astype(np.float32) for one in (slope, offset)], axis=-1)
    return both[beyond : len(both) - beyond, beyond : both.shape[1] - beyond]


def _box_mean(values: Float64[np.ndarray, "h w"], reach: int) -> Float64[np.ndarray, "h w"]:
    """The mean of the window that reaches so far to each side; at a border, of what there is of it."""
    return _running_mean(_running_mean(values.T, reach).T, reach)


def _running_mean(values: Float64[np.ndarray, "n m"], reach: int) -> Float64[np.ndarray, "n m"]:
    count = len(values)
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    first = np.maximum(np.arange(count) - reach, 0)
    last = np.minimum(np.arange(count) + reach + 1, count)
    return (sums[last] - sums[first]) / (last - first)[:, None]
