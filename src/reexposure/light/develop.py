"""A picture developed from its light: exposure, highlights and shadows. The page's shader does the same.

All of it is a gain for each pixel, the same for its three channels, so that hue stays. In stops:

    own         log2 luminance of the pixel, plus the exposure
    around      slope * (own - ev) + offset + ev: `surroundings` tells the two of the unexposed light
    beyond(v)   max(0, v - log2(HIGHLIGHTS_FROM)) for highlights; max(0, log2(SHADOWS_TO) - v) for shadows
    x, x_around beyond(own), and the same difference of `around`, which may be below zero
    detail      DETAIL_EV * x / (x + 1/2) * z / sqrt(1 + z * z), z = (x - x_around) / DETAIL_EV
    level       x - detail: what is moved is the surroundings; detail stands on them as it did
    highlights  gain_ev =  h * level**2 / (REACH_EV + |h| * level), h = highlights / 100
    shadows     gain_ev =  s * LIFT_EV * u**2 / (1 + u**2), u = level / LIFT_EV, s = shadows / 100

At h = -1 what is 5 stops over white, as suns and lamps are, still comes out white; a bright sky does not. Up to
HIGHLIGHTS_FROM, and down to SHADOWS_TO, x is 0 and so is the gain: that is the photo's own value. Both moves begin with
no slope and are never as steep as the light, so that of two pixels of the same surroundings the brighter stays the
brighter. ``detail`` is at most DETAIL_EV: so far can surroundings be mistaken at an edge, and no further.

Where highlights come down, colours beyond white in a channel are mixed with grey of their own luminance until they are
not, and the nearer to white, the sooner, which no luminance sees (`within_white`): hue and order stay. Of luminance
``grey``, at most 1, and ``top``, the largest channel:

    chroma      (top - grey) / (1 - grey), of which 1 is the most that can be shown
    soft        SOFT * (grey - HIGHLIGHTS_FROM) / (1 - HIGHLIGHTS_FROM), and 0 below
    beyond      max(0, chroma - (1 - soft))
    kept        (1 - soft + soft * beyond / (soft + beyond)) / chroma where beyond > 0, else 1
    light       grey + (1 - |h| * (1 - kept)) * (light - grey)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reexposure.arrays import Float32
from reexposure.light import camera
from reexposure.light.gradient import Gradient
from reexposure.light.numbers import NUMBERS
from reexposure.light.surroundings import luminance_ev

HIGHLIGHTS_FROM, SHADOWS_TO = (np.float32(NUMBERS["develop"][name]) for name in ("highlights_from", "shadows_to"))
"""Linear luminance above which highlights are moved, and below which shadows: 0.6 and 0.4 encoded by a square root."""
REACH_EV, LIFT_EV, DETAIL_EV = (np.float32(NUMBERS["develop"][name]) for name in ("reach_ev", "lift_ev", "detail_ev"))
"""How far over HIGHLIGHTS_FROM the brightest light comes down to, which is 0.4 over white; by how much the darkest
shadows move; how far detail stands out from its surroundings. In stops."""
SOFT = np.float32(NUMBERS["develop"]["soft"])
"""The share of the chroma of light near white that gives way to colours beyond it."""


@dataclass(frozen=True)
class Settings:
    """How a picture is developed. Raises ValueError for what is out of range."""

    ev: float = 0.0
    """Exposure in stops; positive is brighter."""
    highlights: float = 0.0
    """-100 brings what is beyond white back below it; 100 makes highlights brighter."""
    shadows: float = 0.0
    """100 opens shadows, by up to LIFT_EV; -100 closes them."""
    gradient: Gradient | None = None
    """An exposure change of a part of the picture, which comes to ``ev`` before anything else."""

    def __post_init__(self) -> None:
        if not np.isfinite(self.ev):
            raise ValueError("the exposure must be a finite number of stops")
        for name in ("highlights", "shadows"):
            value = getattr(self, name)
            if not -100 <= value <= 100:  # also for nan
                raise ValueError(f"{name} {value:g}: out of range; it goes from -100 to 100")

    @property
    def plain(self) -> bool:
        """Whether this is an exposure and nothing else."""
        return self.highlights == 0 and self.shadows == 0 and self.gradient is None

    def told(self) -> dict[str, str]:
        """What XMP says of it, names and values; what was left alone is not told."""
        moved = {"Highlights": self.highlights, "Shadows": self.shadows}
        told = {"ExposureChange": f"{self.ev:+g}"} | {name: f"{value:+g}" for name, value in moved.items() if value}
        return told if self.gradient is None else told | {"Gradient": self.gradient.told()}

    @classmethod
    def of_told(cls, told: Mapping[str, str]) -> Settings:
        """The inverse of `told`. Raises ValueError where there are none, or none that can be."""
        if "ExposureChange" not in told:
            raise ValueError("no settings in it")
        ev, highlights, shadows = (float(told.get(name, "0")) for name in ("ExposureChange", "Highlights", "Shadows"))
        return cls(ev, highlights, shadows, Gradient.of_told(told["Gradient"]) if "Gradient" in told else None)


def developed(
    linear: Float32[np.ndarray, "h w 3"],
    slope_and_offset: Float32[np.ndarray, "h w 2"] | None,
    settings: Settings,
    weights: tuple[float, float, float],
    there: Float32[np.ndarray, "h w"] | None = None,
) -> Float32[np.ndarray, "h w 3"]:
    """Light as it is to be clipped and encoded: exposed, its highlights and shadows moved.

    ``slope_and_offset`` is the map of `surroundings`, enlarged to the picture; without it only exposure is
    changed. ``weights`` are the luminances of red, green and blue; ``there`` is how much of the gradient there is.
    """
    ev: Any = np.float32(settings.ev)
    if settings.gradient is not None and there is not None:
        ev = ev + np.float32(settings.gradient.ev) * there
    light = camera.expose(linear, ev[..., None] if ev.ndim else ev)
    if slope_and_offset is None or not (settings.highlights or settings.shadows):
        return light
    own = luminance_ev(linear, weights)
    around = slope_and_offset[..., 0] * own + slope_and_offset[..., 1]
    gain_ev = moved(own + ev, around + ev, np.float32(settings.highlights / 100), np.float32(settings.shadows / 100))
    light = light * np.exp2(gain_ev)[..., None]
    return within_white(light, weights, -settings.highlights / 100) if settings.highlights < 0 else light


def moved(
    own: Float32[np.ndarray, "h w"], around: Float32[np.ndarray, "h w"], h: np.float32, s: np.float32
) -> Float32[np.ndarray, "h w"]:
    """The gain, in stops, of pixels of luminance ``own`` in surroundings of ``around``, both in stops over white.

    >>> at = np.array([[-2.0, -1.0, 0.0, 2.0]], np.float32)
    >>> moved(at, at, np.float32(-1), np.float32(0)).astype(np.float64).round(2).tolist()
    [[0.0, -0.09, -0.64, -2.25]]
    """
    gain_ev = np.zeros_like(own)
    if h:
        begin = np.log2(HIGHLIGHTS_FROM)
        level = _level(own - begin, around - begin)
        gain_ev += h * level * level / (REACH_EV + np.abs(h) * level)
    if s:
        begin = np.log2(SHADOWS_TO)
        u = _level(begin - own, begin - around) / LIFT_EV
        gain_ev += s * LIFT_EV * u * u / (1 + u * u)
    return gain_ev


def within_white(
    light: Float32[np.ndarray, "h w 3"], weights: tuple[float, float, float], share: float
) -> Float32[np.ndarray, "h w 3"]:
    """Colours of which a channel is above 1.0, or close to it, mixed with grey of their luminance: at ``share`` 1 until
    none is above. What is brighter than white becomes white.

    >>> within_white(np.array([[[1.25, 0.0, 0.0]]], np.float32), (0.25, 0.5, 0.25), 1.0).round(1)[0, 0].tolist()
    [1.0, 0.10000000149011612, 0.10000000149011612]
    """
    tiny = np.float32(1e-6)
    grey = (light @ np.asarray(weights, np.float32)).clip(None, 1)
    room = (1 - grey).clip(tiny, None)
    chroma = (light.max(-1) - grey) / room
    soft = SOFT * ((grey - HIGHLIGHTS_FROM) / (1 - HIGHLIGHTS_FROM)).clip(0, 1)
    beyond = (chroma - (1 - soft)).clip(0, None)
    kept = (1 - soft + soft * beyond / (soft + beyond + tiny)) / chroma.clip(tiny, None)
    kept = (1 - np.float32(share) * (1 - kept))[..., None]
    return np.where(beyond[..., None] > 0, grey[..., None] + kept * (light - grey[..., None]), light)


def _level(x: Float32[np.ndarray, "h w"], x_around: Float32[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w"]:
    """How far the surroundings of a pixel are beyond where its move begins, in stops; 0 where it is not itself."""
    z = (x - x_around) / DETAIL_EV
    x = x.clip(0, None)
    return x - DETAIL_EV * x / (x + np.float32(0.5)) * z / np.sqrt(1 + z * z)
