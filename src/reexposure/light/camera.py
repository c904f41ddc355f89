"""The camera, both ways: exposure, clipping, response curve, quantisation and ill-exposure masks.

`linear` values are relative light: 1.0 is the level at which the sensor clips. `encoded` values
are what a picture file holds, scaled to [0, 1]. Every function uses only operators and methods
that numpy arrays and torch tensors share, so training and inference run the very same camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from reexposure.light.numbers import NUMBERS

Array = Any  # a numpy array or a torch tensor of any shape; a result has the type of its argument

OVER_FROM, OVER_FULL = NUMBERS["over_from"] / 255, NUMBERS["over_full"] / 255
"""Encoded level where over-exposure begins, and where nothing of the pixel is trusted.

A clipped pixel does not decode to 255 exactly: JPEG ringing and sensor noise pull it down by a
few levels, and a response curve's shoulder squeezes stops of light into the last ones."""

UNDER_FULL, UNDER_FROM = NUMBERS["under_full"] / 255, NUMBERS["under_from"] / 255
"""Encoded level below which quantisation hides everything, and where under-exposure ends."""


BRIGHTEST = 1e12
"""Light from files is kept to 40 stops above white, so that no exposure or formula takes it beyond what floats hold."""


@runtime_checkable
class Response(Protocol):
    """A camera response function (CRF) and its inverse; both map [0, 1] onto [0, 1]."""

    def encode(self, linear: Array) -> Array: ...
    def decode(self, encoded: Array) -> Array: ...


@dataclass(frozen=True)
class PowerResponse:
    """``encoded = linear ** (1 / gamma)``; gamma 2 is the square-root camera of the method.

    >>> PowerResponse(2.0).encode(0.25)
    0.5
    """

    gamma: Any = 2.0

    def encode(self, linear: Array) -> Array:
        return linear ** (1 / self.gamma)

    def decode(self, encoded: Array) -> Array:
        return encoded**self.gamma


@dataclass(frozen=True)
class SrgbResponse:
    """The piecewise sRGB curve (IEC 61966-2-1)."""

    def encode(self, linear: Array) -> Array:
        # The power is taken of a clipped value: its slope at zero would turn gradients into nan.
        high = 1.055 * _at_least(linear, 0.0031308) ** (1 / 2.4) - 0.055
        return (linear <= 0.0031308) * (12.92 * linear) + (linear > 0.0031308) * high

    def decode(self, encoded: Array) -> Array:
        high = ((_at_least(encoded, 0.04045) + 0.055) / 1.055) ** 2.4
        return (encoded <= 0.04045) * (encoded / 12.92) + (encoded > 0.04045) * high


@dataclass(frozen=True)
class TableResponse:
    """A curve given by its linear values at evenly spaced encoded ones, as colour profiles hold it."""

    linear: tuple[float, ...]

    def encode(self, linear: Array) -> Array:
        return np.interp(linear, self.linear, self._encoded).astype(np.asarray(linear).dtype)

    def decode(self, encoded: Array) -> Array:
        return np.interp(encoded, self._encoded, self.linear).astype(np.asarray(encoded).dtype)

    @property
    def _encoded(self) -> Array:
        return np.linspace(0, 1, len(self.linear))


@dataclass(frozen=True)
class SigmoidResponse:
    """``encoded = (1 + s) x**n / (x**n + s)``: the family fitted to real cameras.

    Source: Eilertsen et al. 2017, "HDR image reconstruction from a single exposure using deep
    CNNs", eq. 2 (its mean over the camera curves of Grossberg and Nayar: n = 0.9, s = 0.6).
    ``n`` and ``s`` may be arrays that broadcast against the picture.
    """

    n: Any = 0.9
    s: Any = 0.6

    def encode(self, linear: Array) -> Array:
        power = linear**self.n
        return (1 + self.s) * power / (power + self.s)

    def decode(self, encoded: Array) -> Array:
        return (self.s * encoded / (1 + self.s - encoded)) ** (1 / self.n)


RESPONSES: dict[str, Response] = {"sqrt": PowerResponse(2.0), "srgb": SrgbResponse()}


def expose(linear: Array, ev: float | Array) -> Array:
    """Light ``linear`` after an exposure change of ``ev`` stops; positive is brighter.

    >>> expose(0.25, ev=1)
    0.5
    """
    return linear * times(ev)


def times(ev: Array) -> Array:
    """The factor of light in ``ev`` stops, ``2 ** ev``."""
    # For numpy arrays exp2 is five times as fast as the power.
    return np.exp2(ev) if isinstance(ev, np.ndarray) else 2.0**ev


def clip(linear: Array) -> Array:
    """What the sensor keeps: light limited to [0, 1]."""
    return linear.clip(0, 1)


def quantise(encoded: Array, levels: int = 255) -> Array:
    """``encoded`` rounded to ``levels`` steps (255 for 8 bits, 65535 for 16), still in [0, 1]."""
    return (encoded * levels).round() / levels


def photograph(linear: Array, ev: float | Array = 0.0, response: Response = RESPONSES["sqrt"]) -> Array:
    """The encoded picture, in [0, 1], that a camera takes of ``linear`` light: expose, clip, encode."""
    return response.encode(clip(expose(linear, ev)))


def over_exposure(encoded: Array) -> Array:
    """How little of each value is left of the light, 0 (well exposed) to 1 (clipped), per channel.

    Zero up to OVER_FROM, one from OVER_FULL, and a straight ramp between them.
    """
    return ((encoded - OVER_FROM) / (OVER_FULL - OVER_FROM)).clip(0, 1)


def under_exposure(encoded: Array) -> Array:
    """How far each value is lost in quantisation and noise, 0 (well exposed) to 1, per channel."""
    return ((UNDER_FROM - encoded) / (UNDER_FROM - UNDER_FULL)).clip(0, 1)


def _at_least(values: Array, low: float) -> Array:
    return values.clip(low, None) if hasattr(values, "clip") else max(values, low)
