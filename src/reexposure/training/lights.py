"""The light that the camera of a pair sees, of each kind of picture: altered, exposed, 1.0 where it clips.

All functions take a batch of one kind and ``dice`` for as many pictures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from reexposure.training import alter
from reexposure.training.alter import where
from reexposure.training.augmentation import Augmentation
from reexposure.training.chance import Dice, each
from reexposure.training.degrade import until_clipped
from reexposure.training.pictures import Cut


@dataclass(frozen=True)
class Scenes(Cut):
    """Squares cut out of HDR scenes."""

    parts: Int[Tensor, "b h w"]
    """The number of the connected bright part that a pixel belongs to (`alter.parts_of`), or 0."""
    begin_ev: Float[Tensor, " b"]
    """Stops over 1.0 from which parts were looked for, at least 0."""
    count: int
    """The largest number of a part."""


def of_scenes(cut: Scenes, ours: Augmentation, dice: Dice) -> Cut:
    """Scenes of other colours and lamps, with glare, exposed, and some with a sun."""
    times = torch.where(dice.happens(0.5), dice.uniform(*ours.spread), torch.ones_like(cut.begin_ev))
    light = alter.with_spread(alter.jittered(cut.light, alter.colours(dice)), times)
    light = where(dice.happens(ours.shift_probability), lambda lit: _shifted(lit, cut, times, dice), light)
    light = where(dice.happens(ours.glare_probability), lambda lit: alter.with_glare(lit, dice), light)
    light = light * each(ours.exposures.sample(light, dice).exp2())
    return Cut(where(dice.happens(ours.sun_probability), lambda lit: alter.with_sun(lit, dice), light), cut.bounds)


def of_photographs(cut: Cut, kind: str, ours: Augmentation, dice: Dice) -> Cut:
    """Photographs of other colours, some of them blurred, over-exposed, and some with a sun.

    One with lamps in it is shown about as it was taken, with what the released network makes of it as the truth: a
    network that is told of photographs only what over-exposed surfaces are would put out every lamp in them.
    """
    light, bounds, exposures = cut.light, cut.bounds, ours.photographs
    if kind == "lamps":
        light = alter.with_spread(light, dice.uniform(exposures.lamps_times, exposures.lamps_times))
        bounds = torch.zeros_like(bounds)
    light = _some_blurred(alter.jittered(light, alter.colours(dice)), 0.7, ours, dice)
    ev = dice.uniform(*exposures.lamps_ev) if kind == "lamps" else exposures.sample(light, dice)
    # About as people expose against the sun.
    sunny = dice.happens(ours.sun_probability if kind == "photo" else 0)
    light = light * each(torch.where(sunny, dice.uniform(-1.0, 0.7), ev).exp2())
    return Cut(where(sunny, lambda lit: alter.with_sun(lit, dice), light), bounds)


def of_pasted(photo: Cut, scenes: Scenes, ours: Augmentation, dice: Dice) -> Cut:
    """Ordinary photographs about as they were taken, into which what shines in as many scenes is put.

    Photographs are sharp and show what panoramas do not, but nobody knows the light of their lamps. These hold lamps
    and windows of known light; glare then goes over both.
    """
    light = photo.light * each(dice.uniform(-1.0, 0.5).exp2())
    once = torch.ones_like(scenes.begin_ev)
    shining = where(dice.happens(0.3), lambda lit: _shifted(lit, scenes, once, dice), scenes.light)
    shining = shining * each(until_clipped(shining, dice.log_uniform(0.004, 0.2)).exp2())
    share = _share_of_lamps(shining)
    bounds = torch.where(share > 0.5, scenes.bounds, photo.bounds)
    light = alter.jittered(torch.lerp(light, shining, share), alter.colours(dice))
    light = _some_blurred(light, 0.4, ours, dice)
    return Cut(where(dice.happens(0.7), lambda lit: alter.with_glare(lit, dice), light), bounds)


def _share_of_lamps(light: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1 h w"]:
    """1 where light clips and one pixel around it, falling softly to 0 within about ten more."""
    lamps = (light.amax(1, keepdim=True) > 1.1).float()
    wide = F.max_pool2d(lamps, 9, stride=1, padding=4)
    soft = 1.6 * alter.blurred(wide, torch.full((len(light),), 3.0, device=light.device), reach_px=9)
    return soft.clip(0, 1).maximum(F.max_pool2d(lamps, 3, stride=1, padding=1))


def _shifted(
    light: Float[Tensor, "b 3 h w"], cut: Scenes, times: Float[Tensor, " b"], dice: Dice
) -> Float[Tensor, "b 3 h w"]:
    """Lamps shifted each on its own, in light whose stops over white were multiplied by ``times``."""
    return alter.with_shifted_parts(light, cut.parts, dice, cut.begin_ev * times, count=cut.count)


def _some_blurred(
    light: Float[Tensor, "b 3 h w"], share: float, ours: Augmentation, dice: Dice
) -> Float[Tensor, "b 3 h w"]:
    """A ``share`` of the pictures blurred, each by its own sigma."""
    sigma_px, reach_px = dice.uniform(*ours.blur_px), math.ceil(3 * ours.blur_px[1])
    return where(dice.happens(share), lambda sharp: alter.blurred(sharp, sigma_px, reach_px), light)
