"""What remains of an error once tone and colour are set right: the field's CRF correction.

A reconstruction that guesses another camera response than the scene's is off everywhere by a
smooth curve, which drowns what metrics are to see and which nobody minds. So each picture is first
fitted to its reference by a smooth map of 20 parameters: a cubic for luminance, and third-order
polynomials of both for the chroma coordinates.

Source: Hanji et al. 2022, "Comparison of Single Image HDR Reconstruction Methods - the Caveats of
Quality Assessment", and `crf_correction` of gfxdisp/pu21, whose defaults these are.
"""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Shaped
from reexposure.light.transfer import pq_decode, pq_encode

TIKHONOV = 0.01
"""Weight that holds the chroma map to the identity, for each pixel and column."""

DARKEST_NITS, BRIGHTEST_NITS = 0.005, 10_000.0

# Linear RGB of BT.709 to CIE XYZ.
_XYZ = np.array([[0.412424, 0.357579, 0.180464], [0.212656, 0.715158, 0.072186], [0.019332, 0.119193, 0.950444]])
# Chroma is scaled as in LogLuv, which makes TIKHONOV comparable with published numbers.
_CHROMA_SCALE = 410 / 255


def fitted(
    nits: Shaped[np.ndarray, "h w 3"], reference_nits: Shaped[np.ndarray, "h w 3"]
) -> Shaped[np.ndarray, "h w 3"]:
    """``nits`` after the smooth change of tone and colour that brings it nearest to the reference.

    Both are absolute linear RGB in cd/m2. Luminance is fitted in PQ values without regularisation,
    chroma in CIE 1976 u'v' with Tikhonov regularisation towards no change. The result is limited
    to 0.005 to 10,000 cd/m2.
    """
    luminance, chroma = _split(nits)
    right_luminance, right_chroma = _split(reference_nits)
    tones = pq_encode(luminance)
    columns = np.stack([tones**3, tones**2, tones, np.ones_like(tones)], -1)
    curve, *_ = np.linalg.lstsq(columns, pq_encode(right_luminance), rcond=None)
    new_luminance = pq_decode((columns @ curve).clip(pq_encode(DARKEST_NITS), 1))

    u, v = chroma.T
    columns = np.stack([u**3, v**3, u**2, v**2, u * v, u, v, np.ones_like(u)], -1)
    identity = np.zeros((8, 2))
    identity[5, 0] = identity[6, 1] = 1
    weight = TIKHONOV * len(columns) / 8
    map_uv = np.linalg.solve(
        columns.T @ columns + weight * np.eye(8), columns.T @ right_chroma + weight * identity
    )  # fmt: skip
    return _joined(new_luminance, columns @ map_uv).reshape(nits.shape).astype(nits.dtype)


def _split(nits: Shaped[np.ndarray, "h w 3"]) -> tuple[Shaped[np.ndarray, " n"], Shaped[np.ndarray, "n 2"]]:
    """Luminance in cd/m2, and scaled u'v', of every pixel."""
    xyz = nits.reshape(-1, 3).clip(DARKEST_NITS, None).astype(np.float64) @ _XYZ.T
    x, y, z = xyz.T
    return y, _CHROMA_SCALE * np.stack([4 * x, 9 * y], -1) / (x + 15 * y + 3 * z)[:, None]


def _joined(luminance: Shaped[np.ndarray, " n"], chroma: Shaped[np.ndarray, "n 2"]) -> Shaped[np.ndarray, "n 3"]:
    """Linear RGB in cd/m2 of luminance and scaled u'v'; colours that no RGB has are limited to it."""
    u, v = np.maximum(chroma / _CHROMA_SCALE, 1e-4).T
    x = luminance * 9 * u / (4 * v)
    z = luminance * (12 - 3 * u - 20 * v) / (4 * v)
    rgb = np.stack([x, luminance, z], -1) @ np.linalg.inv(_XYZ).T
    return rgb.clip(DARKEST_NITS, BRIGHTEST_NITS)
