"""Exposure, highlights and shadows that suit a picture, chosen from its light; the page does the same.

All of it is read from the log2 luminance of the reduced picture (`surroundings.reduced_ev`), in stops over white:

- *Exposure* goes half of the way from the median to mid-grey where the picture is dark, a quarter where it is bright,
  and the less, the further it is: a picture whose median lies AWAY_EV from mid-grey is meant to be so. A night stays a
  night. That is at most 0.6 stops up and 0.3 down, in steps of a twentieth.
- *Highlights* come down just so far that all but a hundredth of the picture lies a tenth of a stop below white. Where
  no more than that is beyond white (a sun, a lamp), they stay.
- *Shadows* are opened where the darkest tenth lies more than two stops below where shadows begin, by at most 50, and
  the less, the more of a night it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reexposure.light.develop import HIGHLIGHTS_FROM, REACH_EV, SHADOWS_TO, Settings
from reexposure.light.numbers import NUMBERS

if TYPE_CHECKING:
    from reexposure.radiance.radiance import RadianceMap

MID_GREY_EV = math.log2(NUMBERS["film"]["mid_grey"])
AWAY_EV, BELOW_WHITE_EV, BEGIN_EV, FULL_EV, MOST = (
    float(NUMBERS["suggest"][name]) for name in ("away_ev", "below_white_ev", "begin_ev", "full_ev", "most")
)


def suggest(radiance: RadianceMap) -> Settings:
    """The settings that suit a picture; the same for the same light."""
    levels = np.sort(radiance.reduced_ev, axis=None)
    darkest, median, brightest = (float(levels[int(share * (levels.size - 1))]) for share in (0.1, 0.5, 0.99))
    away = MID_GREY_EV - median
    meant = max(0.0, 1 - abs(away) / AWAY_EV)
    ev = _rounded((0.5 if away > 0 else 0.25) * away * meant * 20) / 20
    x, most = brightest + ev - math.log2(HIGHLIGHTS_FROM), BELOW_WHITE_EV - math.log2(HIGHLIGHTS_FROM)
    down = float(REACH_EV) / most - float(REACH_EV) / max(x, most)  # where develop's curve brings x to most
    deep = (math.log2(SHADOWS_TO) - darkest - ev - BEGIN_EV) / FULL_EV
    up = min(max(deep, 0.0), MOST / 100) * (meant if away > 0 else 1)
    return Settings(ev, 0.0 - _rounded(100 * min(max(down, 0.0), 1)), _rounded(100 * up))


def _rounded(value: float) -> float:
    """Halves up, as JavaScript rounds."""
    return float(math.floor(value + 0.5)) or 0.0
