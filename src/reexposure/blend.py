"""How predicted gain becomes light: the two formulas shared by training and reconstruction.

Both work on numpy arrays and torch tensors alike, and are to be applied only where their mask is
above zero: everywhere else the photo's own light is the answer.
"""

from __future__ import annotations

from reexposure.camera import Array, times

DARK = 1e-3
"""Offset of the under-exposed gain: black has no logarithm, and below 8/255 encoded it is all dark."""


def over_exposed_light(linear: Array, over: Array, gain_ev: Array) -> Array:
    """Light where the photo clipped: ``linear ** (1 - over) * 2 ** (over * gain_ev)``.

    A geometric blend of the photo's own value with ``gain_ev`` >= 0 stops above the clip level
    (linear 1.0), weighted by the mask: at a clipped value (over = 1) it is never below the clip
    level, and it meets the photo's own light without a step where the mask ends.

    >>> over_exposed_light(0.98, over=1.0, gain_ev=2.0)
    4.0
    """
    return linear ** (1 - over) * times(over * gain_ev)


def under_exposed_light(linear: Array, under: Array, gain_ev: Array) -> Array:
    """Light in the shadows: the photo's own, lifted or lowered by ``under * gain_ev`` stops."""
    light = (linear + DARK) * times(under * gain_ev) - DARK
    return light.clip(0, None)
