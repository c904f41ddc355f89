"""How real reconstructed light looks: texture, hue, and how bright its brightest parts are, beside the truth.

An error in stops is smallest for fog, which looks like nothing; these say what is missing. Texture and hue are measured
where all three channels clipped, INSIDE_PX from the border of such a part and more.
"""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Bool, Float32, Shaped
from reexposure.evaluation.metrics import CLIPPED_FROM
from reexposure.light import camera

INSIDE_PX, FEWEST_PX, FEWEST_PLACES = 3, 300, 20
"""Of cases with fewer pixels inside, and of octaves with fewer places, texture and hue say nothing."""

TEXTURE_EVS, SEEN_EV, OCTAVES_PX = (-1.0, -2.0, -3.0), -2.0, (2, 4, 8)
"""Texture is measured at each of these exposures, and at one of them of pictures reduced by 2, 4 and 8, too."""

LAMP_EV, MISSED_BELOW_EV, FLAT_EV, FALSE_ABOVE_EV = 4.0, 2.5, 1.2, 2.0
"""A lamp reaches so many stops over the clip level, and is missed below so many; where the truth stays below FLAT_EV,
light above FALSE_ABOVE_EV is a false lamp."""

XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32)
"""Linear sRGB to CIE XYZ of its own white, D65 (IEC 61966-2-1)."""


def errors(
    light: Float32[np.ndarray, "h w 3"], truth: Float32[np.ndarray, "h w 3"], photo: Shaped[np.ndarray, "h w 3"]
) -> dict[str, float]:
    """All of it for one case of aligned ``light``; nan where there is too little to tell.

    ``gradient_...`` and ``gradient_true_...`` are sums over the same places: the share of the truth's texture is that
    of their sums over cases. ``peak_ev`` and ``peak_true_ev`` are in stops over the clip level, ``hue`` in 1/1000.
    """
    inside = inside_of(photo)
    enough = bool(inside.sum() >= FEWEST_PX)
    found = {}
    for name, one in (("", light), ("true_", truth)):
        for ev in TEXTURE_EVS:
            steps = (1, *OCTAVES_PX) if ev == SEEN_EV else (1,)
            for step in steps:
                part = gradient_sum(one, ev, step, inside) if enough else float("nan")
                found[f"gradient_{name}ev{ev:+g}_{step}px"] = part
        found[f"peak_{name}ev"] = peak_ev(one, photo.max(-1) >= CLIPPED_FROM)
    return found | {"hue": hue_distance(light, truth, inside) if enough else float("nan")}


def inside_of(photo: Shaped[np.ndarray, "h w 3"]) -> Bool[np.ndarray, "h w"]:
    """Pixels of which all channels clipped, as all those within INSIDE_PX."""
    from scipy.ndimage import binary_erosion

    square = np.ones((2 * INSIDE_PX + 1,) * 2, bool)
    clipped = photo.min(-1) >= CLIPPED_FROM
    return np.asarray(binary_erosion(clipped, square, border_value=1))


def gradient_sum(light: Float32[np.ndarray, "h w 3"], ev: float, step: int, inside: Bool[np.ndarray, "h w"]) -> float:
    """The sum of gradients of the picture at ``ev``, reduced by ``step``, over squares that lie ``inside``.

    nan if there are fewer than FEWEST_PLACES.
    """
    grey = in_squares(camera.photograph(light, np.float32(ev)).mean(-1), step).mean((1, 3))
    here = np.asarray(in_squares(inside, step).all((1, 3)))[:-1, :-1]
    if here.sum() < FEWEST_PLACES:
        return float("nan")
    gradient = np.hypot(np.diff(grey, axis=0)[:, :-1], np.diff(grey, axis=1)[:-1])
    return float(gradient[here].sum())


def in_squares(plane: Shaped[np.ndarray, "h w"], step: int) -> Shaped[np.ndarray, "rows step columns step"]:
    """A plane cut into squares; what fills none, below and right, is left out."""
    rows, columns = (size // step for size in plane.shape)
    return plane[: rows * step, : columns * step].reshape(rows, step, columns, step)


def peak_ev(light: Float32[np.ndarray, "h w 3"], clipped: Bool[np.ndarray, "h w"]) -> float:
    """The 99th percentile of mean light over the pixels ``clipped``, in stops over the clip level; nan without any."""
    return float(np.log2(np.percentile(light[clipped].mean(-1), 99) + 1e-3)) if clipped.any() else float("nan")


def hue_distance(
    light: Float32[np.ndarray, "h w 3"], truth: Float32[np.ndarray, "h w 3"], inside: Bool[np.ndarray, "h w"]
) -> float:
    """Mean distance in CIE u'v' of both pictures at SEEN_EV, in 1/1000; a just noticeable one is about 4.

    >>> red, grey = np.full((1, 1, 3), (0.5, 0.0, 0.0), np.float32), np.full((1, 1, 3), 0.5, np.float32)
    >>> round(hue_distance(red, grey, np.ones((1, 1), bool)))
    258
    """
    shown = (camera.photograph(one, np.float32(SEEN_EV)) ** 2 + np.float32(1e-4) for one in (light, truth))
    one, other = (_uv(linear) for linear in shown)
    return float(1000 * np.linalg.norm(one - other, axis=-1)[inside].mean())


def _uv(linear: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 2"]:
    """CIE 1976 u'v' of linear sRGB."""
    x, y, z = np.moveaxis(linear @ XYZ.T, -1, 0)
    return np.stack([4 * x, 9 * y], -1) / (x + 15 * y + 3 * z + np.float32(1e-6))[..., None]
