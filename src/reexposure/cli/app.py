"""The app that every command joins, and what their parameters share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from reexposure import __version__, ev
from reexposure.cli.signatures import Commands, Parameter
from reexposure.errors import UsageError
from reexposure.photo.limits import MAX_PX

app = Commands("reexpose", "Change the exposure of a photo after it was taken.", __version__)


Out = Annotated[str | None, Parameter("--out", "-o")]
Response = Literal["sqrt", "srgb"]
Mask = Annotated[
    str | None,
    Parameter("--mask", help="Also write a PNG: red are reconstructed highlights, blue are cleaned shadows."),
]
Overwrite = Annotated[bool, Parameter(help="Replace files that exist; never the input.")]


@dataclass(frozen=True)
class Reading:
    """How the photo is read, and what is made of it before anything is done to it."""

    ignore_gain_map: Annotated[bool, Parameter(help="Reconstruct even if the photo brings a gain map.")] = False
    max_pixels: Annotated[int, Parameter(least=1, help="Refuse pictures with more pixels.")] = MAX_PX
    panorama: Annotated[
        bool,
        Parameter(help="It is one of the whole sphere, though its file does not say so: nothing tears at its border."),
    ] = False
    lenient: Annotated[bool, Parameter(help="Open what there is of a JPEG that was cut short.")] = False
    detail: Annotated[
        float | None,
        Parameter(help="0 (faithful) to 1: how much texture is drawn where none is left. Default: the network says."),
    ] = None
    seed: Annotated[int, Parameter(least=0, most=2**32 - 1, help="Another one draws another texture.")] = 0

    def __post_init__(self) -> None:
        """Raise UsageError for more detail than all, or less than none."""
        if self.detail is not None:
            within("--detail", self.detail, 0, 1)

    @property
    def recorded(self) -> dict[str, object]:
        """What of it changes the light, for `batch.recorded`."""
        drawn = {"detail": None if self.detail is None else f"{self.detail:g}", "seed": self.seed or None}
        return {"ignore_gain_map": self.ignore_gain_map, "panorama": self.panorama, **drawn}


READING = Reading()


@dataclass(frozen=True)
class Developing:
    """What is done to a picture beside its exposure."""

    highlights: Annotated[float | None, Parameter(help="-100 to 100: -100 brings back what is beyond white.")] = None
    shadows: Annotated[float | None, Parameter(help="-100 to 100: 100 opens what is dark.")] = None
    auto: Annotated[bool, Parameter(help="Exposure, highlights and shadows as they suit the picture.")] = False
    like: Annotated[str | None, Parameter(help="A picture that was written by reexpose: the same again.")] = None


AS_IT_IS = Developing()


def parse_evs(text: str, flag: str = "--ev") -> list[float]:
    """The exposures that ``flag`` names. Raises UsageError; see `ev.parse_evs`."""
    try:
        return ev.parse_evs(text)
    except ValueError as error:
        raise UsageError(f"{flag} {error}") from None


def within(name: str, value: float, low: float, high: float, where: str = "") -> None:
    """Raise UsageError for a value of the option ``name`` that is not from ``low`` to ``high``."""
    if not low <= value <= high:  # also false for nan
        raise UsageError(f"{name} {value:g}: out of range; it goes from {low:g} to {high:g}{where}")
