"""Training pairs made where the network is, a batch at a time, out of whole pictures that lie there."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float16

from reexposure.scenes import is_panorama
from reexposure.training import alter, lights
from reexposure.training.augmentation import Augmentation, Shares
from reexposure.training.chance import Dice, each, generator_of
from reexposure.training.cut import Cameras, Crops
from reexposure.training.pairs import Pair, taken
from reexposure.training.pictures import Cut, Pictures, cut_of
from reexposure.training.shards import View, layers_of


class WholePictures:
    """Panoramas and photographs on ``device``, and batches of pairs made of them there.

    Raises ValueError for what is no whole picture, or if no kind that has a share is there.
    """

    def __init__(self, shards: list[View], augmentation: Augmentation, shares: Shares, device: torch.device) -> None:
        self.augmentation, self.device = augmentation, device
        arrays: dict[str, list[Float16[np.ndarray, "_ _ c"]]] = {}
        for view in shards:
            layers = layers_of(view)
            if view.photo or (view.kind == "scene" and not is_panorama(*layers.shape[:2])):
                raise ValueError(f"{view.shard}: holds no whole picture; make some with `reexpose prepare --whole`")
            arrays.setdefault(view.kind, []).append(layers)
        self.kinds = {kind: Pictures.of(pictures, device) for kind, pictures in arrays.items()}
        numbers = [alter.parts_of(layers[..., :3].max(-1)) for layers in arrays.get("scene", [])]
        self.part_count = max((int(parts.max()) for parts in numbers), default=0)
        self.parts = torch.from_numpy(np.concatenate([parts.ravel() for parts in numbers] or [np.zeros(0)])).to(device)
        there = {*self.kinds, *(["pasted"] if {"scene", "photo"} <= self.kinds.keys() else [])}
        self.shares = {kind: share for kind, share in asdict(shares).items() if share and kind in there}
        if not self.shares:
            raise ValueError(f"{shards[0].shard.parent}: no pictures of a kind that has a share")

    @torch.no_grad()
    def batch(self, size: int, *seed: int) -> Pair:
        """``size`` pairs of all kinds by their shares, decided by the ``seed``, whose last number is a step's."""
        generator = generator_of(*seed, device=self.device)
        lit = [self._lit(kind, Dice(generator, count)) for kind, count in self.counts(size, seed[-1]).items()]
        together = Cut(torch.cat([cut.light for cut in lit]), torch.cat([cut.bounds for cut in lit]))
        return taken(together, Dice(generator, size))

    def counts(self, size: int, step: int) -> dict[str, int]:
        """How many of ``size`` pairs are of each kind: as its share says, if not in one step then over several."""
        ends = np.cumsum([*self.shares.values()]) * size / sum(self.shares.values())
        # Wherever the ends lie, they are moved on together by steps of the golden ratio, which visit all places evenly.
        ends = np.floor(ends.round(6) + step * (math.sqrt(5) - 1) / 2 % 1).astype(int)
        numbers = np.diff(ends, prepend=0)
        return {kind: int(n) for kind, n in zip(self.shares, numbers, strict=True) if n}

    def _lit(self, kind: str, dice: Dice) -> Cut:
        """Exposed light of one kind."""
        ours = self.augmentation
        if kind == "scene":
            return lights.of_scenes(self.scenes(dice), ours, dice)
        if kind == "pasted":
            return lights.of_pasted(self.photographs("photo", dice), self.scenes(dice), ours, dice)
        return lights.of_photographs(self.photographs(kind, dice), kind, ours, dice)

    def photographs(self, kind: str, dice: Dice) -> Cut:
        """Squares out of photographs of one kind."""
        pictures, ours = self.kinds[kind], self.augmentation
        crops = Crops.drawn(dice, ours.scale, ours.rotation_deg)
        return pictures.cut(dice.whole(0, len(pictures)), crops, ours.crop_px)

    def scenes(self, dice: Dice) -> lights.Scenes:
        """What cameras see inside panoramas, each scaled so that 95 % of its pixels lie in [0, 1]."""
        panoramas, ours = self.kinds["scene"], self.augmentation
        which = dice.whole(0, len(panoramas))
        places = Cameras.drawn(dice, ours.fov_deg).places(panoramas.size_px[which], ours.crop_px)
        cut = cut_of(panoramas.look_up(which, places, wraps=True))
        white = alter.quantile(cut.light.amax(1), torch.full((dice.count,), 0.95, device=self.device)).clip(1e-4)
        parts = self.parts[panoramas.index(which, places, wraps=True)]
        return lights.Scenes(cut.light / each(white), cut.bounds, parts, (-white.log2()).clip(0), self.part_count)
