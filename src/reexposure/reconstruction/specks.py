"""Specks: clipped parts too small for the reduced photo, of which the network says nothing. A formula says it instead.

What spreads a point of light over some pixels, lens and sensor, makes the part that clips the wider the brighter it is.
So the gain of a speck is SPECK_EV times the share of burnt pixels within SIGHT_PX: 0 at its rim, most in the middle of
a wide one. The factor is the one that errs least on ordinary photographs; on panoramas and HDR photographs it would be
twice that (over such values the error in stops goes from 1.76 to 1.38 and from 1.41 to 1.15, on photographs from 0.71
to 0.51).
"""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Bool, Float32
from reexposure.light import around, camera
from reexposure.light.numbers import NUMBERS
from reexposure.photo.photo import Photo

SPECK_EV, SIGHT_PX, SPREAD_PX = (NUMBERS["specks"][name] for name in ("ev", "sight_px", "spread_px"))
"""SPREAD_PX: so many pixels of the reduced photo beyond what clipped there its graph still tells a gain."""


def unknown(reduced: Float32[np.ndarray, "h w 3"], sphere: bool) -> Float32[np.ndarray, "h w 3"]:
    """1 where the network says nothing about the ``reduced`` photo, else 0; ready to be enlarged.

    It is encoded as the photo is, not as the network sees it. ``sphere``: it is one of a panorama.
    """
    over = camera.over_exposure(reduced) > 0
    wide = around.continued(over, SPREAD_PX) if sphere else np.pad(over, (*[(SPREAD_PX, SPREAD_PX)] * 2, (0, 0)))
    return (_sums(wide, SPREAD_PX) == 0).astype(np.float32)


def gain_of(photo: Photo, rows: slice, columns: slice) -> Float32[np.ndarray, "r c 1"]:
    """The gain of specks in stops, at these rows and columns of a photo."""
    height, width = photo.pixels.shape[:2]
    spans, beyond = [], []
    for part, size in ((rows, height), (columns, width)):
        first, last = max(0, part.start - SIGHT_PX), min(size, part.stop + SIGHT_PX)
        spans.append(slice(first, last))
        beyond.append((first - part.start + SIGHT_PX, part.stop + SIGHT_PX - last))
    red, green, blue = np.moveaxis(photo.pixels[tuple(spans)], -1, 0)
    least = np.minimum(np.minimum(red, green), blue)  # `min` takes ten times as long over so short an axis
    burnt = least[..., None] >= round(camera.OVER_FULL * photo.levels)
    share = _sums(np.pad(burnt, (*beyond, (0, 0))), SIGHT_PX) / np.float32((2 * SIGHT_PX + 1) ** 2)
    return share * np.float32(SPECK_EV)


def _sums(true: Bool[np.ndarray, "tall wide c"], by_px: int) -> Float32[np.ndarray, "h w c"]:
    """How many are true within ``by_px`` of each, of all but so many at each border."""
    height, width = (size - 2 * by_px for size in true.shape[:2])
    down = true[:height].astype(np.uint8)  # which holds them up to 7 px
    for n in range(1, 2 * by_px + 1):
        down += true[n : n + height]
    both = down[:, :width].copy()
    for n in range(1, 2 * by_px + 1):
        both += down[:, n : n + width]
    return both.astype(np.float32)
