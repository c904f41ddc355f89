"""How predicted gain becomes light: the formulas shared by training and reconstruction.

All work on numpy arrays and torch tensors alike, and are to be applied only where their mask is
above zero: everywhere else the photo's own light is the answer.
"""

from __future__ import annotations

from reexposure.light.camera import Array, times


def over_exposed_light(linear: Array, over: Array, gain_ev: Array) -> Array:
    """Light where the photo clipped: ``linear ** (1 - over) * 2 ** (over * gain_ev)``.

    A geometric blend of the photo's own value with ``gain_ev`` >= 0 stops above the clip level
    (linear 1.0), weighted by the mask: at a clipped value (over = 1) it is never below the clip
    level, and it meets the photo's own light without a step where the mask ends.

    >>> over_exposed_light(0.98, over=1.0, gain_ev=2.0)
    4.0
    """
    return linear ** (1 - over) * times(over * gain_ev)


def cleaned(encoded: Array, under: Array, correction: Array) -> Array:
    """Encoded values in the shadows, moved by ``correction`` (encoded), and never below black.

    Where the mask ends the photo's own value stands.
    """
    return (encoded + (4 * under).clip(0, 1) * correction).clip(0, None)
