"""The field's own protocol for single-image HDR reconstruction, on absolute light of a display.

Source: Hanji et al. 2022, "Comparison of Single Image HDR Reconstruction Methods - the Caveats of
Quality Assessment" (SI-HDR). Truth and reconstruction are shown on an HDR display, tone and colour
of the reconstruction are fitted to the truth, and what is left is measured.
"""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Float32
from reexposure.evaluation import perceptual, pu21, response_fit
from reexposure.evaluation.metrics import CLIP_NITS
from reexposure.evaluation.piqe import piqe

NO_EVIDENCE_DB = 3.5
"""Differences in PU21-PSNR below this say nothing about what people prefer (Hanji et al. 2022)."""


def on_display(radiance: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    """Relative light as an HDR display shows it, in cd/m2: the clip level at 200, nothing above its peak."""
    nits = radiance * np.float32(CLIP_NITS)
    return nits.clip(np.float32(pu21.DARKEST_NITS), np.float32(perceptual.DISPLAY_PEAK_NITS))


def field_errors(radiance: Float32[np.ndarray, "h w 3"], truth: Float32[np.ndarray, "h w 3"]) -> dict[str, float]:
    """PU21-PSNR, PU21-VSI and JOD after the correction, and PU21-PIQE of the picture as it is.

    ``radiance`` is aligned with the truth; both are relative, 1.0 where the photo clipped.
    """
    shown, reference = on_display(radiance), on_display(truth)
    corrected = response_fit.fitted(shown, reference).clip(None, np.float32(perceptual.DISPLAY_PEAK_NITS))
    return {
        "field_pu21_psnr": pu21.psnr(corrected, reference, pu21.FIELD_PEAK),
        "field_pu21_vsi": perceptual.pu21_vsi(corrected, reference),
        "field_jod": perceptual.jod(corrected, reference),
        "field_pu21_piqe": piqe(pu21.encode(perceptual.luminance(shown))),
    }
