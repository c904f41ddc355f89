"""The app that every command joins, and what their parameters share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from reexposure import __version__
from reexposure.errors import UsageError

app = App(
    name="reexpose",
    help="Change the exposure of a photo after it was taken.",
    version=__version__,
    exit_on_error=False,
    print_error=False,
    result_action="return_value",
)
Out = Annotated[str | None, Parameter(name=["--out", "-o"], allow_leading_hyphen=True)]
Evs = Annotated[str, Parameter(name="--ev", allow_leading_hyphen=True)]
PhotoPath = Annotated[str, Parameter(allow_leading_hyphen=True)]
Response = Literal["sqrt", "srgb"]
Flag = Annotated[bool, Parameter(negative="")]
Mask = Annotated[
    Path | None, Parameter(name="--mask", help="Also write a grey PNG, white where the light is reconstructed.")
]
IgnoreGainMap = Annotated[bool, Parameter(negative="", help="Reconstruct even if the photo brings a gain map.")]


def parse_evs(text: str, flag: str = "--ev") -> list[float]:
    """Exposures in stops: one (`-2`), several (`-1,-2,-4`) or a range `first:last:step` (`-4:2:1`), up or down.

    >>> parse_evs("-4:2:3"), parse_evs("2:-4:3")
    ([-4.0, -1.0, 2.0], [2.0, -1.0, -4.0])

    Raises UsageError naming ``flag`` for anything else.
    """
    try:
        if ":" not in text:
            evs = [float(part) for part in text.split(",")]
        else:
            first, last, step = [float(part) for part in f"{text}:1".split(":")][:3]
            if step <= 0:
                raise ValueError
            count = min(int(abs(last - first) / step + 1e-6) + 1, 1000)
            steps = (first + i * math.copysign(step, last - first) for i in range(count))
            evs = [min(max(ev, min(first, last)), max(first, last)) for ev in steps]  # rounding may pass the end
    except (ValueError, OverflowError):
        raise UsageError(f"{flag} {text}: not an exposure; write stops such as -2, -1,-2,-4 or -4:2:1") from None
    if not all(abs(ev) <= 30 for ev in evs):  # also false for nan
        raise UsageError(f"{flag} {text}: out of range; exposures go from -30 to 30 stops")
    return evs


def within(name: str, value: float, low: float, high: float, where: str = "") -> None:
    if not low <= value <= high:  # also false for nan
        raise UsageError(f"{name} {value:g}: out of range; it goes from {low:g} to {high:g}{where}")
