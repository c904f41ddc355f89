"""Which exposures of a radiance map tell the most about it."""

from __future__ import annotations

import numpy as np

from reexposure.light.numbers import NUMBERS
from reexposure.radiance.radiance import RadianceMap

MID_GREY = float(NUMBERS["film"]["mid_grey"])


def telling_range(radiance: RadianceMap) -> tuple[float, float]:
    """The exposures, in half stops, at which the highlights have come back and the shadows are open.

    Down to where all but a thousandth of the pixels lie a stop below white (-1 to -6); up to where the
    darkest quarter reaches mid-grey (+1 to +4). Transparent pixels do not count, unless all are.
    """
    linear = radiance.linear.reshape(-1, 3)
    if radiance.photo.alpha is not None and radiance.photo.alpha.any():
        linear = linear[radiance.photo.alpha.ravel() > 0]
    brightest = float(np.quantile(linear.max(-1), 0.999))
    darkest = float(np.quantile(linear.mean(-1), 0.25))
    down = np.clip(-np.log2(max(brightest, 1e-6)) - 1, -6, -1)
    up = np.clip(np.log2(MID_GREY / max(darkest, 1e-6)), 1, 4)
    return float(np.floor(down * 2) / 2), float(np.ceil(up * 2) / 2)
