"""Metrics that other packages compute: HDR-FLIP, VSI and ColorVideoVDP."""

from __future__ import annotations

import functools
import importlib.util
import warnings
from typing import Any

import numpy as np

from reexposure.arrays import Float32, Shaped
from reexposure.evaluation import pu21

NEEDED = {"jinja2": "jinja2", "matplotlib": "matplotlib", "skimage": "scikit-image"}
NEEDED_UNLESS_QUICK = {"flip_evaluator": "flip-evaluator", "piq": "piq", "pycvvdp": "cvvdp"}

DISPLAY = "standard_hdr_linear"
"""ColorVideoVDP's display: 30 inches, 4K, peak 1500 cd/m2, seen from two heights at 10 lux."""

DISPLAY_PEAK_NITS = 1500.0


def missing(quick: bool) -> list[str]:
    """The packages, by the names pip knows, that an evaluation needs and that are not installed."""
    modules = NEEDED if quick else NEEDED | NEEDED_UNLESS_QUICK
    return [package for module, package in modules.items() if importlib.util.find_spec(module) is None]


def hdr_flip(radiance: Float32[np.ndarray, "h w 3"], truth: Float32[np.ndarray, "h w 3"]) -> float:
    """Mean HDR-FLIP error, 0 (same) to 1: what one sees flipping between all exposures of both.

    Source: Andersson et al. 2021, "Visualizing Errors in Rendered High Dynamic Range Images". The
    range of exposures follows from the truth.
    """
    import flip_evaluator

    _, mean, _ = flip_evaluator.evaluate(
        np.ascontiguousarray(truth), np.ascontiguousarray(radiance), "HDR", applyMagma=False
    )
    return float(mean)


def pu21_vsi(nits: Float32[np.ndarray, "h w 3"], reference_nits: Float32[np.ndarray, "h w 3"]) -> float:
    """Visual saliency-induced index of PU21 values, 1 where both are the same.

    Source: Zhang et al. 2014, as implemented by piq, which takes values up to a white: that is the
    display's peak here.
    """
    _torchvision()
    import piq
    import torch

    white = float(pu21.encode(np.array(DISPLAY_PEAK_NITS)))
    pair = [
        torch.from_numpy(pu21.encode(light).clip(0, white).astype(np.float32).transpose(2, 0, 1)[None])
        for light in (nits, reference_nits)
    ]
    return float(piq.vsi(*pair, data_range=white))


def jod(nits: Float32[np.ndarray, "h w 3"], reference_nits: Float32[np.ndarray, "h w 3"]) -> float:
    """ColorVideoVDP's quality in just-objectionable differences: 10 where none is seen, less is worse.

    Source: Mantiuk et al. 2024, "ColorVideoVDP: A visual difference predictor for image, video and
    display distortions". Both are absolute linear BT.709 in cd/m2.
    """
    value, _ = _cvvdp().predict(nits, reference_nits, dim_order="HWC")
    return float(value)


@functools.cache
def _cvvdp() -> Any:
    _torchvision()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies; nothing a user could act on
        import pycvvdp
        import torch

        return pycvvdp.cvvdp(display_name=DISPLAY, quiet=True, device=torch.device("cpu"))


@functools.cache
def _torchvision() -> Any:
    """torchvision, which piq and cvvdp import; returns what must stay alive for it, if anything.

    The torchvision on PyPI is built for CUDA. Beside a torch built for CPUs its compiled operators
    do not load, and then its very import fails at the first one it wants to describe. Neither
    piq's VSI nor ColorVideoVDP uses any of them, so declaring the two names is enough.
    """
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import torchvision
        except RuntimeError:
            library: Any = torch.library.Library
            names = library("torchvision", "FRAGMENT")
            for operator in ("nms", "qnms"):
                names.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            import torchvision  # noqa: F401

            return names
    return None


def luminance(nits: Shaped[np.ndarray, "h w 3"]) -> Shaped[np.ndarray, "h w"]:
    """Luminance of linear BT.709, in the unit of ``nits``."""
    return nits @ np.array([0.212656, 0.715158, 0.072186], nits.dtype)
