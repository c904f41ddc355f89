"""Equirectangular panoramas, and the pictures that a camera takes inside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reexposure.arrays import Float32


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
