"""Views of an HDR scene to train on: random cameras inside a panorama, or crops out of a photograph."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float32

from reexposure.light.resampling import averaged
from reexposure.scenes import Camera


def random_camera(rng: np.random.Generator, pano_width_px: int, view_px: int) -> Camera:
    """A camera such as people hold: mostly level, any direction, from wide to moderately long.

    The field of view is drawn around the one at which a view pixel is a panorama pixel, but kept
    within 35 to 110 degrees, so that views show what a photo shows.
    """
    native = 2 * np.pi * view_px / pano_width_px
    fov = np.clip(native * np.exp(rng.uniform(-0.7, 0.2)), np.radians(35), np.radians(110))
    return Camera(
        yaw=rng.uniform(-np.pi, np.pi),
        pitch=float(np.clip(rng.normal(0.05, 0.3), -1.2, 1.2)),
        roll=rng.normal(0, 0.06),
        fov=float(fov),
    )


def flat_maximum(pano: Float32[np.ndarray, "h w 3"]) -> Bool[np.ndarray, "h w"]:
    """Where a panorama holds its maximum in several neighbours at once: its light is at least that.

    A sun of half a degree is a pixel or two of a 1K panorama, and one that its exposures did not reach is cut off
    flat. Within a hundredth, as the .hdr format rounds, counts as the same.
    """
    brightest = pano.max(-1)
    top = brightest >= 0.99 * brightest.max()
    tall = np.pad(top.astype(int), 1, mode="wrap")
    tall[[0, -1]] = 0  # panoramas go on at their sides, not past their poles
    around = np.sum([np.roll(tall, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)], axis=0)
    return top & (around[1:-1, 1:-1] >= 3)


def random_crop(
    image: Float32[np.ndarray, "h w c"], rng: np.random.Generator, view_px: int
) -> Float32[np.ndarray, "view_px view_px c"]:
    """A square of ``image`` between the view's size and the whole, averaged down to ``view_px``.

    Raises ValueError if the image is smaller than the view.
    """
    h, w = image.shape[:2]
    if min(h, w) < view_px:
        raise ValueError(f"{w} x {h} pixels: smaller than a view of {view_px}")
    step = int(rng.integers(1, min(h, w) // view_px + 1))
    side = step * view_px
    top, left = rng.integers(h - side + 1), rng.integers(w - side + 1)
    crop = image[top : top + side, left : left + side]
    return averaged(crop, step).astype(np.float32)


def normalised(view: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"] | None:
    """The view scaled so that 95 % of its pixels lie in [0, 1], or None where that is impossible.

    Dead (almost no light), constant and non-finite views have no scale and teach nothing.
    """
    if not np.isfinite(view).all():
        return None
    brightest = view.max(-1)
    white = np.percentile(brightest, 95)
    if white < 1e-6 or brightest.max() < 1.05 * np.percentile(brightest, 2):
        return None
    return (view / white).clip(0, 60000).astype(np.float32)  # stays within half floats
