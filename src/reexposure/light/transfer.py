"""Curves of television: PQ and HLG, whose values are light in cd/m2, and the codes that name them in files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reexposure.light import camera
from reexposure.light.camera import Array
from reexposure.light.numbers import NUMBERS

WHITE_NITS = float(NUMBERS["white_nits"])
"""The luminance of linear 1.0: that of diffuse white on an HDR display (ITU-R BT.2408)."""

HLG_PEAK_NITS, HLG_GAMMA = 1000.0, 1.2
"""The display that HLG is shown on, and its system gamma (ITU-R BT.2100, table 5)."""
HLG_A, HLG_B, HLG_C = 0.17883277, 0.28466892, 0.55991073

PQ_MOST = 10_000.0
"""Luminance of the largest PQ value, in cd/m2."""


def pq_encode(nits: Array) -> Array:
    """Perceptual quantiser values (SMPTE ST 2084), 0 to 1, of light in cd/m2.

    >>> round(float(pq_encode(100.0)), 4)
    0.5081
    """
    power = (nits / PQ_MOST) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


def pq_decode(values: Array) -> Array:
    """Light in cd/m2 of perceptual quantiser values; the inverse of `pq_encode`.

    >>> round(float(pq_decode(0.58)))
    202
    """
    root = values ** (32 / 2523)
    return PQ_MOST * (np.maximum(root - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * root)) ** (16384 / 2610)


def hlg_decode(values: Array) -> Array:
    """Scene light, 0 to 1, of hybrid log-gamma values: the inverse OETF of ITU-R BT.2100, table 5.

    >>> float(hlg_decode(0.5)), round(float(hlg_decode(1.0)), 4)
    (0.08333333333333333, 1.0)
    """
    high = (np.exp((np.maximum(values, 0.5) - HLG_C) / HLG_A) + HLG_B) / 12
    return np.where(values <= 0.5, values * values / 3, high)


def hlg_encode(scene: Array) -> Array:
    """Hybrid log-gamma values of scene light, 0 to 1; the inverse of `hlg_decode`."""
    high = HLG_A * np.log(12 * np.maximum(scene, 1 / 12) - HLG_B) + HLG_C
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


@dataclass(frozen=True)
class PqResponse:
    """PQ as a camera's curve: ``linear`` 1.0 is WHITE_NITS.

    >>> round(float(PqResponse().decode(1.0)), 2)
    49.26
    """

    def encode(self, linear: Array) -> Array:
        return pq_encode(linear * WHITE_NITS)

    def decode(self, encoded: Array) -> Array:
        return pq_decode(encoded) / WHITE_NITS


@dataclass(frozen=True)
class HlgResponse:
    """HLG as light of its display, ``linear`` 1.0 being WHITE_NITS; channels stand in the last axis.

    The display's gamma works on luminance (ITU-R BT.2100, note 5e): ``weights`` are the luminances of
    red, green and blue, those of BT.2020 there.

    >>> HlgResponse().decode(np.ones(3)).round(2).tolist()
    [4.93, 4.93, 4.93]
    """

    weights: tuple[float, float, float] = (0.2627, 0.6780, 0.0593)

    def encode(self, linear: Array) -> Array:
        display = linear * (WHITE_NITS / HLG_PEAK_NITS)
        luminance = np.maximum(self._luminance(display), 1e-9)
        return hlg_encode(display * luminance ** (1 / HLG_GAMMA - 1)).astype(display.dtype)

    def decode(self, encoded: Array) -> Array:
        scene = hlg_decode(encoded)
        display = scene * np.maximum(self._luminance(scene), 1e-9) ** (HLG_GAMMA - 1)
        return (display * (HLG_PEAK_NITS / WHITE_NITS)).astype(encoded.dtype)

    def _luminance(self, light: Array) -> Array:
        return (light * np.array(self.weights, light.dtype)).sum(-1, keepdims=True)


@dataclass(frozen=True)
class Rec709Response:
    """The curve of television cameras (ITU-R BT.709, also BT.601 and BT.2020).

    >>> round(float(Rec709Response().decode(np.float64(0.5))), 4)
    0.2596
    """

    def encode(self, linear: Array) -> Array:
        return np.where(linear < 0.018, 4.5 * linear, 1.099 * np.maximum(linear, 0.018) ** 0.45 - 0.099)

    def decode(self, encoded: Array) -> Array:
        return np.where(encoded < 0.081, encoded / 4.5, ((np.maximum(encoded, 0.081) + 0.099) / 1.099) ** (1 / 0.45))


@dataclass(frozen=True)
class ChannelResponses:
    """A curve for each of red, green and blue, which stand in the last axis; one value alone is taken as green."""

    channels: tuple[camera.Response, camera.Response, camera.Response]

    def encode(self, linear: Array) -> Array:
        if not np.ndim(linear) or linear.shape[-1] != 3:
            return self.channels[1].encode(linear)
        return np.stack([one.encode(linear[..., n]) for n, one in enumerate(self.channels)], axis=-1)

    def decode(self, encoded: Array) -> Array:
        if not np.ndim(encoded) or encoded.shape[-1] != 3:
            return self.channels[1].decode(encoded)
        return np.stack([one.decode(encoded[..., n]) for n, one in enumerate(self.channels)], axis=-1)


PQ, HLG = 16, 18
TRANSFERS: dict[int, Any] = {
    1: Rec709Response(), 4: camera.PowerResponse(2.2), 5: camera.PowerResponse(2.8), 6: Rec709Response(),
    8: camera.PowerResponse(1.0), 13: camera.RESPONSES["srgb"], 14: Rec709Response(), 15: Rec709Response(),
    PQ: PqResponse(), HLG: HlgResponse(),
}  # fmt: skip
"""Curves by their code (ITU-T H.273, table 3)."""


def is_light(response: camera.Response) -> bool:
    """Whether values of this curve are light in cd/m2, which go far beyond white, and not a photo's."""
    return isinstance(response, (PqResponse, HlgResponse))


def is_ordinary(response: camera.Response) -> bool:
    """Whether a photo of this curve is one for the square-root camera: sRGB, BT.709 or gamma 2.0 to 2.4.

    Photos of any other curve are decoded by that, as their colours mean to be.

    >>> is_ordinary(camera.PowerResponse(2.2)), is_ordinary(camera.PowerResponse(1.8))
    (True, False)
    """
    if isinstance(response, camera.PowerResponse):
        return bool(1.99 <= response.gamma <= 2.41)
    return isinstance(response, (camera.SrgbResponse, Rec709Response))
