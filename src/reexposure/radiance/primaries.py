"""Which red, green, blue and white the numbers of a radiance file stand for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reexposure.arrays import Float32
from reexposure.light import colour
from reexposure.light.colour import ColourSpace

OUTSIDE = 0.001
"""How far below zero, of the brightest value, rounding may take a colour at the edge of a colour space."""


def space(told: Sequence[float] | None) -> ColourSpace:
    """The linear colour space of primaries as files tell them (x and y of red, green, blue, white).

    sRGB where they tell none, or none that could be: white must be a sum of the three.
    """
    if told is None or len(told) != 8:
        return ColourSpace()
    return colour.named(tuple((float(x), float(y)) for x, y in zip(told[::2], told[1::2], strict=True)))


def of_xyz(
    light: Float32[np.ndarray, "h w 3"], wanted: ColourSpace
) -> tuple[Float32[np.ndarray, "h w 3"], ColourSpace]:
    """CIE XYZ as light in the colour space ``wanted``, or in Rec. 2020 where colours lie outside it."""
    for space in (wanted, colour.named(colour.KNOWN["Rec. 2020"])):
        x, y = np.array(space.primaries).T
        native = np.stack([x / y, np.ones(4), (1 - x - y) / y])
        rgb_to_xyz = native[:, :3] * np.linalg.solve(native[:, :3], native[:, 3])
        rgb = light @ np.linalg.inv(rgb_to_xyz).T.astype(np.float32)
        if rgb.min(initial=0) >= -OUTSIDE * light.max(initial=0):
            break
    return rgb, space
