"""Squares cut out of pictures, a batch at a time: by cameras inside panoramas, and out of photographs or views."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from reexposure.training.chance import Dice

Places = tuple[Float[Tensor, "b h w"], Float[Tensor, "b h w"]]
"""Rows and columns to look up, in pixels; 0.5 is the centre of the first."""


@dataclass(frozen=True)
class Cameras:
    """Cameras inside panoramas, one for each square; angles as in `scenes.Camera`, in radians."""

    yaw: Float[Tensor, " b"]
    pitch: Float[Tensor, " b"]
    roll: Float[Tensor, " b"]
    fov: Float[Tensor, " b"]
    mirror: Float[Tensor, " b"]
    """-1 where the picture is mirrored, else 1."""

    @classmethod
    def drawn(cls, dice: Dice, fov_deg: tuple[float, float]) -> Cameras:
        """Such as people hold: mostly level, any direction."""
        pitch = dice.normal(0.05, 0.3).clip(-1.2, 1.2)
        fov = dice.log_uniform(*fov_deg).deg2rad()
        return cls(dice.uniform(-math.pi, math.pi), pitch, dice.normal(0, 0.08), fov, dice.sign())

    def places(self, size_px: Int[Tensor, "b 2"], crop_px: int) -> Places:
        """Where in equirectangular panoramas of ``size_px`` (h, w) each pixel of a square looks."""
        yaw, pitch, roll, fov, mirror = (
            angle[:, None, None] for angle in (self.yaw, self.pitch, self.roll, self.fov, self.mirror)
        )
        down, right = _centred(crop_px, fov.device)
        reach = torch.tan(fov / 2) / (0.5 * crop_px)
        x, y = right * reach * mirror, down * reach
        x, y = roll.cos() * x - roll.sin() * y, roll.sin() * x + roll.cos() * y
        y, z = pitch.cos() * y - pitch.sin(), pitch.sin() * y + pitch.cos()
        azimuth, elevation = torch.atan2(x, z) + yaw, torch.atan2(y, torch.hypot(x, z))
        height, width = size_px[:, 0, None, None], size_px[:, 1, None, None]
        return (elevation / math.pi + 0.5) * height, (azimuth / (2 * math.pi) + 0.5) * width


@dataclass(frozen=True)
class Crops:
    """Squares inside pictures: moved, scaled, turned a little and mirrored by chance."""

    step: Float[Tensor, " b"]
    """Pixels of the picture for one of the square."""
    angle: Float[Tensor, " b"]
    """Radians by which the square is turned."""
    mirror: Float[Tensor, " b"]
    """-1 where it is mirrored, else 1."""
    at: Float[Tensor, "b 2"]
    """Where in the room that there is, 0 to 1, down and to the right."""

    @classmethod
    def drawn(cls, dice: Dice, scale: tuple[float, float], rotation_deg: float) -> Crops:
        """By a recipe's ``scale`` and ``rotation_deg``."""
        turned = math.radians(rotation_deg)
        return cls(1 / dice.log_uniform(*scale), dice.uniform(-turned, turned), dice.sign(), dice.uniform(0, 1, 2))

    def places(self, size_px: Int[Tensor, "b 2"], crop_px: int) -> tuple[Places, Float[Tensor, "b 1 1"]]:
        """Where in pictures of ``size_px`` (h, w) each pixel of a square looks, and pixels for one of the square.

        A square never asks for more than the picture has; corners turned beyond it are reflected.
        """
        step = self.step.minimum(size_px.amin(1) / crop_px)
        room = size_px - step[:, None] * crop_px
        top, left = (self.at * room + step[:, None] * crop_px / 2)[..., None, None].unbind(1)
        down, right = _centred(crop_px, step.device)
        angle, step = self.angle[:, None, None], step[:, None, None]
        x, y = right * step * self.mirror[:, None, None], down * step
        row, column = top + angle.sin() * x + angle.cos() * y, left + angle.cos() * x - angle.sin() * y
        return (_reflected(row, size_px[:, 0]), _reflected(column, size_px[:, 1])), step


def _centred(crop_px: int, device: torch.device) -> tuple[Float[Tensor, "h 1"], Float[Tensor, " w"]]:
    """Rows and columns of a square, in pixels from its centre."""
    line = torch.arange(crop_px, device=device) + 0.5 - crop_px / 2
    return line[:, None], line


def _reflected(place: Float[Tensor, "b h w"], side_px: Int[Tensor, " b"]) -> Float[Tensor, "b h w"]:
    side = side_px[:, None, None]
    return side - (side - place.abs()).abs()
