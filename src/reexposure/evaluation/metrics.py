"""Errors of a reconstruction in relative light, and of the pictures re-exposed from it.

Relative light has no scale of its own, so a reconstruction is first scaled to the truth by pixels
that the photo shows well. What is judged then is what the photo lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reexposure.arrays import Bool, Float32, Shaped
from reexposure.evaluation import pu21
from reexposure.light import camera

FAINTEST = 1 / 64
"""Added to light before its logarithm: below six stops under the clip level, stops count less and less."""

CLIPPED_FROM = 250
"""8-bit values from here on count as clipped, since JPEG pulls clipped values down a little."""

CRUSHED_BELOW = round(camera.UNDER_FROM * 255)
"""8-bit values below this count as crushed: there reconstruction, too, sees under-exposure."""

CLIP_NITS = 200.0
"""Where the clip level shows on a display when absolute light is asked for, in cd/m2."""


def well_exposed(photo: Shaped[np.ndarray, "h w 3"]) -> Bool[np.ndarray, "h w"]:
    """Pixels of an 8-bit photo whose three channels are all far from clipping and from black."""
    return (photo.max(-1) < 230) & (photo.min(-1) > 25)


def lost(photo: Shaped[np.ndarray, "h w 3"], kind: str) -> Bool[np.ndarray, "h w"]:
    """Pixels of an 8-bit photo in which one channel clipped or, of ``shadows``, in which all of them are crushed."""
    return photo.max(-1) < CRUSHED_BELOW if kind == "shadows" else photo.max(-1) >= CLIPPED_FROM


def aligned(
    radiance: Float32[np.ndarray, "h w 3"],
    truth: Float32[np.ndarray, "h w 3"],
    photo: Shaped[np.ndarray, "h w 3"],
) -> Float32[np.ndarray, "h w 3"]:
    """``radiance`` times the one factor that brings its well-exposed pixels to the truth's.

    The factor is the median over pixels of the ratio of their mean channels. With 50 well-exposed
    pixels or fewer there is nothing to go by, and ``radiance`` stays as it is.
    """
    known = well_exposed(photo)
    if known.sum() <= 50:
        return radiance
    rough = np.median(truth[known].mean(-1)) / max(np.median(radiance[known].mean(-1)), 1e-12)
    if rough > 4:  # of another scale altogether, and so dim that the offset below would swamp it
        radiance = radiance * np.float32(rough)
    ratios_log = np.log(truth[known].mean(-1) + 1e-4) - np.log(radiance[known].mean(-1) + 1e-4)
    return radiance * np.float32(np.exp(np.median(ratios_log)))


def error_stops(
    radiance: Float32[np.ndarray, "h w 3"], truth: Float32[np.ndarray, "h w 3"], where: Bool[np.ndarray, "h w"]
) -> float:
    """Root mean square error in stops over the pixels ``where``; nan if there are none.

    >>> light = np.ones((2, 2, 3), np.float32)
    >>> round(error_stops(2 * light + 1 / 64, light, np.ones((2, 2), bool)), 6)
    1.0
    """
    if not where.any():
        return float("nan")
    stops = np.log2(radiance[where] + FAINTEST) - np.log2(truth[where] + FAINTEST)
    return float(np.sqrt(np.mean(stops**2)))


def psnr(squared_error: float) -> float:
    """Peak signal-to-noise ratio in dB of pictures in [0, 1]; 90 dB at most.

    >>> round(psnr(0.01), 3)
    20.0
    """
    return float(-10 * np.log10(squared_error + 1e-9))


def picture_errors(
    radiance: Float32[np.ndarray, "h w 3"],
    truth: Float32[np.ndarray, "h w 3"],
    where: Bool[np.ndarray, "h w"],
    evs: tuple[float, ...],
) -> dict[str, float]:
    """Errors of the pictures that a square-root camera takes of both, at each of ``evs``.

    ``psnr_lost`` and ``ssim_lost`` are over the pixels ``where`` and nan if there are none,
    ``psnr_all`` and ``ssim_all`` over all; each is the mean over exposures. ``mse_lost`` is what
    is pooled over cases before it becomes dB, and ``mse_lost_ev-2`` and so on its parts.
    """
    found: dict[str, list[float]] = {
        name: [] for name in ("psnr_lost", "psnr_all", "ssim_lost", "ssim_all", "mse_lost")
    }
    parts = {}
    for ev in evs:
        taken, right = (camera.photograph(light, np.float32(ev)) for light in (radiance, truth))
        squared, similar = (taken - right) ** 2, similarity(taken, right)
        mse_lost = float(squared[where].mean()) if where.any() else float("nan")
        parts[f"mse_lost_ev{ev:+g}"] = mse_lost
        found["mse_lost"].append(mse_lost)
        found["psnr_lost"].append(psnr(mse_lost))
        found["psnr_all"].append(psnr(float(squared.mean())))
        found["ssim_lost"].append(float(similar[where].mean()) if where.any() else float("nan"))
        found["ssim_all"].append(float(similar.mean()))
    return {name: float(np.mean(values)) for name, values in found.items()} | parts


def similarity(
    encoded: Float32[np.ndarray, "h w 3"], reference: Float32[np.ndarray, "h w 3"]
) -> Float32[np.ndarray, "h w 3"]:
    """Structural similarity (SSIM) around each value of two pictures in [0, 1]; 1 where they agree.

    Source: Wang et al. 2004, with its Gaussian window of 1.5 pixels; per channel.
    """
    from skimage.metrics import structural_similarity

    measure: Any = structural_similarity  # it has no types
    _, similar = measure(
        encoded, reference, data_range=1.0, channel_axis=-1, full=True,
        gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
    )  # fmt: skip
    return similar.astype(np.float32)


def relative_errors(
    radiance: Float32[np.ndarray, "h w 3"],
    truth: Float32[np.ndarray, "h w 3"],
    where: Bool[np.ndarray, "h w"],
    evs: tuple[float, ...],
) -> dict[str, float]:
    """All errors of one aligned reconstruction: stops, pictures at ``evs``, and PU21-PSNR.

    If ``evs`` brighten, stops and PU21-PSNR are those of the brightened light, which is what is
    looked at; darkening leaves both where they are, as the clip level's place is what matters.
    """
    push = np.float32(2.0 ** max(0.0, *evs))
    return {
        "error_stops": error_stops(radiance * push, truth * push, where),
        **picture_errors(radiance, truth, where, evs),
        "pu21_psnr": pu21.psnr(
            radiance * push * np.float32(CLIP_NITS), truth * push * np.float32(CLIP_NITS), pu21.PEAK
        ),
    }
