"""How a picture is to be developed, as the command line says it: by numbers, by itself, or like another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reexposure.cli.app import AS_IT_IS, Developing, Reading, parse_evs, within
from reexposure.errors import PhotoError, UsageError

if TYPE_CHECKING:
    from reexposure.light.develop import Settings
    from reexposure.radiance.radiance import RadianceMap
    from reexposure.reconstruction.detail import Detail

SLIDERS = ("highlights", "shadows")


@dataclass(frozen=True)
class Look:
    """One picture that is made of a photo: its settings, or None for those that suit it."""

    settings: Settings | None
    drawn: Detail | None = None
    """The detail of a picture that is imitated, where that says it."""

    def of(self, radiance: RadianceMap) -> Settings:
        """The settings for this light."""
        return self.settings or radiance.suggest()

    @property
    def ending(self) -> str:
        """What the name of its file says of it, after the photo's own."""
        one = self.settings
        if one is None:
            return "_auto"
        moved = "".join(f"_{name}{getattr(one, name):+g}" for name in SLIDERS if getattr(one, name))
        return moved if moved and not one.ev else f"_ev{one.ev:+g}{moved}"

    @property
    def recorded(self) -> dict[str, object]:
        """The options that say it, for `batch.recorded`."""
        if self.settings is None:
            return {"auto": True}
        moved = {name: float(getattr(self.settings, name)) for name in SLIDERS if getattr(self.settings, name)}
        gradient = self.settings.gradient
        return {"ev": self.settings.ev, **moved, "gradient": None if gradient is None else gradient.told()}


def looks(ev: str | None, asked: Developing, reading: Reading) -> Sequence[Look]:
    """The pictures that are asked for, at each exposure of ``ev``; none where nothing is.

    Raises UsageError for what is out of range or contradicts itself, PhotoError for a picture without settings.
    """
    if ev is None and asked == AS_IT_IS:
        return []
    for name in SLIDERS:
        if (value := getattr(asked, name)) is not None:
            within(f"--{name}", value, -100, 100)
    own = ["--ev"] * (ev is not None) + [f"--{name}" for name in SLIDERS if getattr(asked, name) is not None]
    own += ["--auto"] * asked.auto + ["--like"] * (asked.like is not None)
    if len(own) > 1 and own[-1] in ("--auto", "--like"):
        raise UsageError(f"{own[-1]} says all of it; leave {own[0]} out")
    if asked.auto:
        return [Look(None)]
    from reexposure.light.develop import Settings

    if asked.like is not None:
        return [_recorded_in(asked.like, reading)]
    evs = [0.0] if ev is None else parse_evs(ev)
    return [Look(Settings(stops, asked.highlights or 0.0, asked.shadows or 0.0)) for stops in evs]


def reading_like(wanted: Sequence[Look], reading: Reading) -> Reading:
    """``reading``, with the detail of the picture that is imitated unless it asks for some of its own."""
    drawn = wanted[0].drawn if wanted else None
    if drawn is None or reading.detail is not None:
        return reading
    return replace(reading, detail=drawn.amount, seed=reading.seed or drawn.seed)


def _recorded_in(path: str, reading: Reading) -> Look:
    """How a picture was made."""
    from reexposure.light.develop import Settings
    from reexposure.photo.photo import Photo
    from reexposure.radiance import opening
    from reexposure.reconstruction.detail import Detail

    found = opening.open(path, max_px=reading.max_pixels, lenient=reading.lenient)
    photo = found if isinstance(found, Photo) else found.photo
    try:
        told = photo.metadata.recorded()
        drawn = Detail(float(told["Detail"]), int(told.get("Seed", "0"))) if "Detail" in told else None
        return Look(Settings.of_told(told), drawn)
    except ValueError as error:
        raise PhotoError(f"{path}: cannot be imitated ({error}); --like takes a picture that reexpose wrote") from None
