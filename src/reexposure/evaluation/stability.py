"""Stability: how much the light of a view changes when only that changes which should not matter.

Frames of a sequence are reconstructed one by one. What differs here would flicker there.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
from PIL import Image

from reexposure.arrays import Bool, Float32, Shaped
from reexposure.evaluation.cases import JPEG_QUALITY, NOISE_LEVELS, RESPONSES, SEED, Case
from reexposure.evaluation.methods import Given, Method
from reexposure.evaluation.metrics import CLIPPED_FROM, CRUSHED_BELOW, FAINTEST
from reexposure.light import camera

STEADY_STOPS = 0.1
"""Changes up to this, as a median over reconstructed values, count as none."""

OTHER_QUALITY = 80
"""JPEG quality of the view's photo where that is what changes; of all others, JPEG_QUALITY."""

CHANGES = {"noise": "other noise", "jpeg": f"JPEG quality {OTHER_QUALITY}", "shift": "shifted by a pixel"}
"""What changes, and what it is called in tables."""


def flicker(case: Case, method: Method, changed: Mapping[str, Given]) -> dict[str, float]:
    """The median change in stops over lost values, for each of CHANGES as ``flicker_noise`` and so on.

    ``changed`` are the case's `photos`. nan where no value is lost in both. Scales are not aligned: a view that comes
    out brighter as a whole flickers, too.
    """
    light = {name: method.reconstruct(photo) for name, photo in changed.items()}
    levels = {name: photo.pixels for name, photo in changed.items()}
    found = {}
    for name in CHANGES:
        part = slice(1, None) if name == "shift" else slice(None)
        lost = _lost(levels["once"][part, part], case) & _lost(levels[name], case)
        found[f"flicker_{name}"] = change_stops(light["once"][part, part], light[name], lost, max(0.0, *case.evs))
    return found


def change_stops(
    light: Float32[np.ndarray, "h w 3"],
    again: Float32[np.ndarray, "h w 3"],
    where: Bool[np.ndarray, "h w 3"],
    push_ev: float = 0.0,
) -> float:
    """The median over the values ``where`` of how many stops lie between two lights, pushed by ``push_ev``.

    nan if there are no such values.

    >>> light = np.ones((1, 3, 3), np.float32)
    >>> round(change_stops(light, 2 * light + 1 / 64, np.ones((1, 3, 3), bool)), 6)
    1.0
    """
    if not where.any():
        return float("nan")
    stops = (np.log2(one[where] * np.float32(2**push_ev) + FAINTEST) for one in (again, light))
    return float(np.median(np.abs(np.subtract(*stops))))


def photos(case: Case) -> dict[str, Given]:
    """Four photos of the case's view, written beside the case's own.

    One to compare with, ``once``, one with other noise, one of another JPEG quality, and one that begins a pixel
    further right and down.
    """
    levels = camera.photograph(case.truth(), response=RESPONSES[case.response]) * 255
    rng = np.random.default_rng([SEED, 1, zlib.crc32(case.name.encode())])
    made = {}
    once, other = (levels + rng.normal(0, NOISE_LEVELS, levels.shape) for _ in range(2))
    for name, values, quality in (
        ("once", once, JPEG_QUALITY),
        ("noise", other, JPEG_QUALITY),
        ("jpeg", once, OTHER_QUALITY),
        ("shift", once[1:, 1:], JPEG_QUALITY),
    ):
        path = case.photo_path.with_name(f"{case.name}_{name}.jpg")
        Image.fromarray((values + 0.5).clip(0, 255).astype(np.uint8)).save(path, quality=quality)
        made[name] = Given(path)
    return made


def _lost(levels: Shaped[np.ndarray, "h w 3"], case: Case) -> Bool[np.ndarray, "h w 3"]:
    return levels < CRUSHED_BELOW if case.kind == "shadows" else levels >= CLIPPED_FROM
