"""Ordinary photographs as light to train on: exact where they are not burnt, a lower bound where they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32

import reexposure as rx
from reexposure.light import camera

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")

BOUND_FROM = 250 / 255
"""Encoded value from which light is only known to be at least what the photograph holds."""

BURNT_SHARE = 0.005
"""A photograph of which more than this share of pixels is bounded is a burnt one."""

LAMPS = "lamps"
"""The folder of burnt photographs of which somebody saw that what is burnt shines: lamps, windows, skies, glints."""


@dataclass(frozen=True)
class Light:
    """What a photograph says of the light before the camera; 1.0 is where the photograph clipped."""

    kind: Literal["photo", "burnt", "lamps"]
    """``photo``: hardly burnt, so all but known; ``burnt``: part of it is only bounded; ``lamps``: and shines."""
    known: Float32[np.ndarray, "h w 3"]
    """Linear light, exact or, under ``bounds``, the least it can have been."""
    bounds: Bool[np.ndarray, "h w 3"]
    """Where the light is at least ``known``."""
    guess: Float32[np.ndarray, "h w 3"] | None
    """Where what is burnt shines: what the released network makes of it, nowhere below ``known``."""


def found(folder: Path) -> list[Path]:
    """The photographs under ``folder``, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def light_of(path: Path) -> Light:
    """The light of the photograph at ``path``, decoded by its colour space's curve.

    The plain square root would decode dark parts as too bright; as scenes they only have to look like light.
    Raises PhotoError if it cannot be read.
    """
    photo = rx.open(path)
    if not isinstance(photo, rx.Photo):
        raise rx.PhotoError(f"{path}: holds light, no photograph")
    encoded = photo.pixels.astype(np.float32) / np.float32(photo.levels)
    known = camera.RESPONSES["srgb"].decode(encoded).astype(np.float32)
    bounds = encoded >= BOUND_FROM
    if bounds.any(-1).mean() <= BURNT_SHARE:
        return Light("photo", known, bounds, None)
    if path.parent.name != LAMPS:
        return Light("burnt", known, bounds, None)
    guess = rx.reconstruct(photo, "srgb", detail=0).linear
    return Light("lamps", known, bounds, np.maximum(guess, known))
