"""Exposures in stops, as people write them."""

from __future__ import annotations

import math

MAX_EV = 30.0
"""Exposures go this far, in stops, up and down: more than any scene's light does."""

MAX_COUNT = 1000
"""A range has at most so many exposures."""


def parse_evs(text: str) -> list[float]:
    """Exposures in stops: one (`-2`, `1/3`), several (`-1,-2,-4`) or a range `first:last:step` (`-4:2:1`), up or down.

    >>> parse_evs("-4:2:3"), parse_evs("2:-4:3"), parse_evs("-3/4,0")
    ([-4.0, -1.0, 2.0], [2.0, -1.0, -4.0], [-0.75, 0.0])

    Raises ValueError naming ``text`` for anything else.
    """
    try:
        if ":" not in text:
            evs = [_number(part) for part in text.split(",")]
        else:
            first, last, step = [_number(part) for part in f"{text}:1".split(":")][:3]
            if text.count(":") > 2 or step <= 0:
                raise ValueError
            count = min(int(abs(last - first) / step + 1e-6) + 1, MAX_COUNT)
            steps = (first + i * math.copysign(step, last - first) for i in range(count))
            evs = [min(max(ev, min(first, last)), max(first, last)) for ev in steps]  # rounding may pass the end
    except (ValueError, OverflowError, ZeroDivisionError):
        raise ValueError(f"{text}: not an exposure; write stops such as -2, 1/3, -1,-2,-4 or -4:2:1") from None
    if not all(abs(ev) <= MAX_EV for ev in evs):  # also false for nan
        raise ValueError(f"{text}: out of range; exposures go from {-MAX_EV:g} to {MAX_EV:g} stops")
    return evs


def _number(text: str) -> float:
    """A number, or a fraction such as 1/3, as photographers count thirds of stops."""
    above, stroke, below = text.partition("/")
    return float(above) / float(below) if stroke else float(above)
