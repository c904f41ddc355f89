"""Training pairs, one at a time: a degraded photo, the radiance map it should give, and where that is a lower bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from reexposure.scenes import is_panorama
from reexposure.training import alter, degrade, lights
from reexposure.training.augmentation import Augmentation, Shares
from reexposure.training.chance import Dice, generator_of
from reexposure.training.cut import Crops
from reexposure.training.pictures import Cut, Pictures
from reexposure.training.shards import View, layers_of, photo_of

BRIGHTEST = 4096.0
"""Twelve stops above the clip level: how far over a sun is beyond that, no photo shows."""

Pair = tuple[Float[Tensor, "*b 3 h w"], Float[Tensor, "*b 3 h w"], Float[Tensor, "*b 3 h w"]]
"""Photos, encoded; their radiance maps, linear; and 1 where the radiance is at least that, else 0."""


class Pairs(Dataset[Pair]):
    """``pairs[view, seed]`` -> (photo, radiance, bounds), each (3, crop_px, crop_px).

    The photo is encoded, the radiance linear, and ``bounds`` is 1 where the radiance is at least that. The seed alone
    decides crop, mirror, rotation, colours, exposure, camera and noise, so the same index gives the same pair in any
    process.
    """

    def __init__(self, shards: list[View], augmentation: Augmentation) -> None:
        scene = next((view for view in shards if view.kind == "scene"), None)
        if scene and is_panorama(*layers_of(scene).shape[:2]):
            raise ValueError(f'{scene.shard}: holds a whole picture, for pairs of augmentation.made_on = "device"')
        self.views = shards
        self.augmentation = augmentation

    def __len__(self) -> int:
        return len(self.views)

    def __getitem__(self, index: tuple[int, int]) -> Pair:
        view, ours = self.views[index[0]], self.augmentation
        dice = Dice(generator_of(*index), count=1)
        if view.photo is not None:
            photo, light = (torch.from_numpy(side).permute(2, 0, 1) for side in photo_of(view, view.photo))
            size = min(ours.crop_px, photo.shape[1])
            top, left = (int(dice.whole(0, photo.shape[1] - size + 1)) for _ in range(2))
            crop = (slice(None), slice(top, top + size), slice(left, left + size))
            return photo[crop].contiguous(), light[crop].clip(0, BRIGHTEST), torch.zeros_like(photo[crop])
        layers = layers_of(view)
        crops = Crops.drawn(dice, ours.scale, ours.rotation_deg)
        cut = Pictures.of([layers]).cut(torch.tensor([0]), crops, ours.crop_px)
        if view.kind == "scene":
            lit = lights.of_scenes(_scene(cut, ours), ours, dice)
        else:
            lit = lights.of_photographs(cut, view.kind, ours, dice)
        photo, radiance, bounds = taken(lit, dice)
        return photo[0], radiance[0], bounds[0]


def taken(lit: Cut, dice: Dice) -> Pair:
    """The photos that cameras take of exposed light, and what belongs to them."""
    photo, radiance = degrade.take_photo(lit.light, dice)
    return photo, radiance.clip(0, BRIGHTEST), lit.bounds


def _scene(cut: Cut, ours: Augmentation) -> lights.Scenes:
    """A square of a view, with its bright parts where a recipe shifts them."""
    parts = np.zeros((1, ours.crop_px, ours.crop_px), np.int32)
    if ours.shift_probability:
        parts = alter.parts_of(cut.light[0].amax(0).numpy())[None]
    return lights.Scenes(cut.light, cut.bounds, torch.from_numpy(parts), torch.zeros(1), int(parts.max()))


class FreshPairs(Sampler[list[tuple[int, int]]]):
    """Endless batches of (view, seed), a pure function of (seed, step, rank): exact to resume."""

    def __init__(
        self, views: Sequence[View], shares: Shares, batch: int, seed: int, first_step: int, *, rank: int = 0
    ) -> None:
        kinds = {kind: np.flatnonzero([view.kind == kind for view in views]) for kind in asdict(shares)}
        self.groups = [(group, getattr(shares, kind)) for kind, group in kinds.items() if len(group)]
        self.batch, self.seed, self.step, self.rank = batch, seed, first_step, rank

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        step, shares = self.step, np.array([share for _, share in self.groups])
        while True:
            rng = np.random.default_rng([self.seed, step, self.rank])
            chosen = rng.choice(len(shares), self.batch, p=shares / shares.sum())
            yield [(int(rng.choice(self.groups[group][0])), int(rng.integers(2**31))) for group in chosen]
            step += 1
