"""Every method on every case: errors, pictures and failures."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np

from reexposure.arrays import Bool, Float32, UInt8
from reexposure.errors import one_line
from reexposure.evaluation import metrics, perceptual, realism, stability
from reexposure.evaluation.cases import Case
from reexposure.evaluation.field import field_errors
from reexposure.evaluation.methods import Detailed, Given, Method


@dataclass(frozen=True)
class Result:
    """One method on one case: its errors by name, or why there are none."""

    case: Case
    method: str
    lost_share: float
    seconds: float
    errors: dict[str, float] = field(default_factory=dict)
    failure: str = ""


@runtime_checkable
class Show(Protocol):
    """Called with a case, its photo, the name of a method or ``truth``, and aligned light, for pictures of it."""

    def __call__(
        self, case: Case, photo: UInt8[np.ndarray, "h w 3"], method: str, light: Float32[np.ndarray, "h w 3"]
    ) -> None: ...


def measure(case: Case, methods: Sequence[Method], quick: bool, show: Show) -> Iterator[Result]:
    """The result of each method on ``case``. A method that fails is a result, not an error.

    ``quick`` leaves out what takes most of the time: HDR-FLIP, the field's protocol and stability.
    """
    given, truth = Given(case.photo_path), case.truth()
    photo = given.pixels
    lost = metrics.lost(photo, case.kind)
    clean = case.noiseless() if case.kind == "shadows" else None
    changed = None if quick else stability.photos(case)
    show(case, photo, "truth", truth)
    for method in methods:
        if case.kind == "shadows" and isinstance(method, Detailed):
            continue
        start = time.perf_counter()
        try:
            radiance = method.reconstruct(given)
            if radiance.shape != truth.shape:
                sizes = [f"{light.shape[1]} x {light.shape[0]}" for light in (radiance, truth)]
                raise ValueError(f"light of {sizes[0]} pixels for a photo of {sizes[1]}")
            seconds = time.perf_counter() - start
            flicker = {} if changed is None else stability.flicker(case, method, changed)
        except Exception as error:  # whatever a peer does, the others are to be measured
            seconds = time.perf_counter() - start
            yield Result(case, method.name, float(lost.mean()), seconds, failure=one_line(error))
            continue
        light = metrics.aligned(radiance, truth, photo)
        show(case, photo, method.name, light)
        errors = all_errors(light, truth, lost, case, quick) | flicker
        if case.kind != "shadows":
            errors |= realism.errors(light, truth, photo)
        if clean is not None:
            errors["psnr_noise"] = noise_psnr(radiance, clean, photo, lost, case.evs)
        yield Result(case, method.name, float(lost.mean()), seconds, errors)


def noise_psnr(
    radiance: Float32[np.ndarray, "h w 3"],
    clean: Float32[np.ndarray, "h w 3"],
    photo: UInt8[np.ndarray, "h w 3"],
    lost: Bool[np.ndarray, "h w"],
    evs: tuple[float, ...],
) -> float:
    """PSNR of the pixels ``lost`` beside ``clean``, the same photo without noise, rounding and JPEG.

    Where a camera's curve is not the square root, tone is most of the error in shadows, and hides these three.
    """
    light = metrics.aligned(radiance, clean, photo)
    return metrics.picture_errors(light, clean, lost, evs)["psnr_lost"]


def all_errors(
    light: Float32[np.ndarray, "h w 3"],
    truth: Float32[np.ndarray, "h w 3"],
    lost: Bool[np.ndarray, "h w"],
    case: Case,
    quick: bool,
) -> dict[str, float]:
    """Every metric of aligned ``light``; see docs/evaluation.md for what each means."""
    errors = metrics.relative_errors(light, truth, lost, case.evs)
    if not quick:
        push = np.float32(2.0 ** max(0.0, *case.evs))
        errors["hdr_flip"] = perceptual.hdr_flip(light * push, truth * push)
        if case.kind != "shadows":
            errors |= field_errors(light, truth)
    return errors
