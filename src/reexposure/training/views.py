"""Views of an HDR scene: perspective pictures out of a panorama, or crops out of a photograph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32


@dataclass(frozen=True)
class Camera:
    """Where a view looks: angles in radians; pitch is positive upwards; ``fov`` is horizontal."""

    yaw: float
    pitch: float
    roll: float
    fov: float


def is_panorama(height_px: int, width_px: int) -> bool:
    """A 2:1 image is taken as an equirectangular panorama."""
    return width_px == 2 * height_px


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


def perspective(
    pano: Float32[np.ndarray, "h w 3"], camera: Camera, height_px: int, width_px: int
) -> Float32[np.ndarray, "height_px width_px 3"]:
    """The picture a pinhole camera takes inside ``pano``, by bilinear look-up of linear light.

    The panorama's centre column is yaw 0; rows run from straight up to straight down.
    """
    focal_px = 0.5 * width_px / np.tan(camera.fov / 2)
    row, column = np.mgrid[:height_px, :width_px]
    x = (column - (width_px - 1) / 2) / focal_px
    y = (row - (height_px - 1) / 2) / focal_px
    cr, sr = np.cos(camera.roll), np.sin(camera.roll)
    x, y = cr * x - sr * y, sr * x + cr * y
    cp, sp = np.cos(camera.pitch), np.sin(camera.pitch)
    y, z = cp * y - sp, sp * y + cp
    azimuth = np.arctan2(x, z) + camera.yaw
    elevation = np.arctan2(y, np.hypot(x, z))

    h, w = pano.shape[:2]
    u = (azimuth / (2 * np.pi) + 0.5) * w - 0.5
    v = np.clip((elevation / np.pi + 0.5) * h - 0.5, 0, h - 1)
    left, top = np.floor(u).astype(int), np.floor(v).astype(int)
    a, b = (u - left)[..., None], (v - top)[..., None]
    right, bottom = (left + 1) % w, np.minimum(top + 1, h - 1)
    left %= w
    upper = (1 - a) * pano[top, left] + a * pano[top, right]
    lower = (1 - a) * pano[bottom, left] + a * pano[bottom, right]
    return ((1 - b) * upper + b * lower).astype(np.float32)


def random_crop(
    image: Float32[np.ndarray, "h w 3"], rng: np.random.Generator, view_px: int
) -> Float32[np.ndarray, "view_px view_px 3"]:
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
    return crop.reshape(view_px, step, view_px, step, 3).mean((1, 3)).astype(np.float32)


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
