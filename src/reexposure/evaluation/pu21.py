"""PU21: absolute light in steps of equal visibility, so that metrics for ordinary pictures apply.

Source: Mantiuk and Azimi 2021, "PU21: A novel perceptually uniform encoding for adapting existing
quality metrics for HDR", the variant with banding and glare.
"""

from __future__ import annotations

import numpy as np

from reexposure.light.camera import Array

DARKEST_NITS, BRIGHTEST_NITS = 0.005, 10_000.0
"""The range of light that the encoding was fitted to, in cd/m2; what is outside is limited to it."""

PEAK = 595.39
"""The encoded value of BRIGHTEST_NITS."""

FIELD_PEAK = 256.0
"""The peak by which the field reports PU21-PSNR: about the encoded value of 100 cd/m2, an ordinary white."""

_P = (0.353487901, 0.3734658629, 8.277049286e-05, 0.9062562627, 0.09150303166, 0.9099517204, 596.3148142)


def encode(nits: Array) -> Array:
    """PU21 values of light in cd/m2, from about 0 (darkest) over 256 (100 cd/m2) to 595.

    >>> [round(float(encode(np.array(nits)))) for nits in (0.005, 100.0, 10_000.0)]
    [0, 256, 595]
    """
    power = nits.clip(DARKEST_NITS, BRIGHTEST_NITS) ** _P[3]
    return _P[6] * (((_P[0] + _P[1] * power) / (1 + _P[2] * power)) ** _P[4] - _P[5])


def psnr(nits: Array, reference_nits: Array, peak: float) -> float:
    """Peak signal-to-noise ratio in dB of PU21 values; ``peak`` is PEAK or FIELD_PEAK."""
    squared = np.mean((encode(nits) - encode(reference_nits)) ** 2, dtype=np.float64)
    return float(20 * np.log10(peak) - 10 * np.log10(squared + 1e-9))
