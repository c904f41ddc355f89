"""What a recipe says of pairs: which kinds of pictures, and how each becomes a fresh one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from reexposure.training.degrade import Exposures, PhotographExposures

Kind = Literal["scene", "photo", "burnt", "lamps"]
"""Of an HDR file; of a photograph that hardly burnt; of one of which part is burnt, or is burnt and shines."""


@dataclass(frozen=True)
class Shares:
    """How much of a batch is of each kind, beside the others; kinds that there are no shards of count nothing."""

    scene: float = 0.5
    """Share of views of HDR scenes, whose light is known."""
    photo: float = 0.2
    """Share of ordinary photographs that hardly clipped."""
    burnt: float = 0.1
    """Share of photographs that burnt, of whose light a lower bound is known."""
    lamps: float = 0.2
    """Share of photographs in which lamps burnt, with the light that the released network gives them."""
    pasted: float = 0.0
    """Share of photographs into which lamps and windows of panoramas are put; only where ``made_on`` is "device"."""


@dataclass(frozen=True)
class Augmentation:
    """How a stored view, or a whole picture, is turned into a fresh one."""

    made_on: Literal["cpu", "device"] = "cpu"
    """Pairs are made one by one in ``workers``, or a batch at a time where the network is, out of whole pictures."""
    crop_px: int = 192
    """Pixels of a side of the squares that are trained on."""
    fov_deg: tuple[float, float] = (38.0, 112.0)
    """Fields of view of the cameras inside whole panoramas, from and to."""
    scale: tuple[float, float] = (0.75, 2.2)
    """Pixels of a square for each of the view's or photograph's, from and to."""
    rotation_deg: float = 8.0
    """Squares are turned by up to so many degrees."""
    glare_probability: float = 0.5
    """Share of scenes around whose lamps there is glare, 0 to 1."""
    spread: tuple[float, float] = (1.0, 1.0)
    """Scenes' stops over white are multiplied by this, in half of the pictures."""
    shift_probability: float = 0.0
    """Share of scenes in which bright parts are made darker or brighter, each on its own, before glare."""
    sun_probability: float = 0.0
    """Share of scenes, and of photographs that hardly burnt, into which a sun is put."""
    blur_px: tuple[float, float] = (0.4, 1.2)
    """Sigma of the blur of seven photographs in ten: panoramas are soft, and a network must not tell them apart."""
    exposures: Exposures = field(default_factory=Exposures)
    """How scenes are exposed."""
    photographs: PhotographExposures = field(default_factory=PhotographExposures)
    """How photographs are exposed."""
