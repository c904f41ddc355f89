"""Training pairs out of shards: a degraded photo and the radiance map it should give."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from reexposure.training import degrade

BRIGHTEST = 4096.0
"""Twelve stops above the clip level: how far over a sun is beyond that, no photo shows."""


@dataclass(frozen=True)
class View:
    """Where one view lies inside its shard, and its photo's place if it has one."""

    shard: Path
    offset: int
    size: int
    photo: tuple[int, int] | None = None


@dataclass(frozen=True)
class Augmentation:
    """How a stored view is turned into a fresh one."""

    crop_px: int = 192
    scale: tuple[float, float] = (0.75, 2.2)
    rotation_deg: float = 8.0
    glare_probability: float = 0.5
    exposures: degrade.Exposures = field(default_factory=degrade.Exposures)


def index_shards(folder: Path) -> list[View]:
    """Every view of every shard in ``folder``, in a fixed order.

    Raises ValueError if there are none.
    """
    found = []
    for shard in sorted(folder.glob("*.tar")):
        with tarfile.open(shard) as tar:
            members = {m.name: (m.offset_data, m.size) for m in tar}
        found += [
            View(shard, *place, members.get(name.replace(".npy", ".png")))
            for name, place in members.items()
            if name.endswith(".npy")
        ]
    if not found:
        raise ValueError(f"{folder}: no shards; make them with `reexpose prepare`")
    return found


class Pairs(Dataset[tuple[Tensor, Tensor]]):
    """``pairs[view, seed]`` -> (photo, radiance): encoded and linear, each (3, crop_px, crop_px).

    The seed alone decides crop, mirror, rotation, colours, exposure, camera and noise, so the
    same index gives the same pair in any process.
    """

    def __init__(self, shards: list[View], augmentation: Augmentation) -> None:
        self.views = shards
        self.augmentation = augmentation

    def __len__(self) -> int:
        return len(self.views)

    def __getitem__(self, index: tuple[int, int]) -> tuple[Tensor, Tensor]:
        view = self.views[index[0]]
        rng = np.random.default_rng([index[0], index[1]])
        light = np.load(io.BytesIO(_bytes(view.shard, view.offset, view.size))).astype(np.float32)
        if view.photo is not None:
            picture = Image.open(io.BytesIO(_bytes(view.shard, *view.photo)))
            photo = np.asarray(picture, np.float32) / 255
            size = min(self.augmentation.crop_px, len(photo))
            top, left = rng.integers(len(photo) - size + 1, size=2)
            crop = np.s_[top : top + size, left : left + size, :]
            photo, radiance = photo[crop], light[crop]
        else:
            light = degrade.jittered(resampled(light, self.augmentation, rng), rng)
            if rng.random() < self.augmentation.glare_probability:
                light = degrade.with_glare(light, rng)
            light = light * np.float32(2.0 ** self.augmentation.exposures.sample(light, rng))
            photo, radiance = degrade.take_photo(light, rng)
        return _chw(photo), _chw(radiance.clip(0, BRIGHTEST))


class FreshPairs(Sampler[list[tuple[int, int]]]):
    """Endless batches of (view, seed), a pure function of (seed, step, rank): exact to resume."""

    def __init__(self, count: int, batch: int, seed: int, first_step: int, *, rank: int = 0) -> None:
        self.count, self.batch, self.seed = count, batch, seed
        self.step, self.rank = first_step, rank

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        step = self.step
        while True:
            rng = np.random.default_rng([self.seed, step, self.rank])
            yield [
                (int(v), int(s))
                for v, s in zip(
                    rng.integers(self.count, size=self.batch), rng.integers(2**31, size=self.batch), strict=True
                )
            ]
            step += 1


def resampled(
    view: Float[np.ndarray, "v v 3"], augmentation: Augmentation, rng: np.random.Generator
) -> Float[np.ndarray, "c c 3"]:
    """A square out of the view: moved, scaled, turned a little and mirrored by chance."""
    size, crop = len(view), augmentation.crop_px
    # One crop pixel covers `step` view pixels; a crop never asks for more than the view has.
    step = min(1 / np.exp(rng.uniform(*np.log(augmentation.scale))), size / crop)
    angle = np.radians(rng.uniform(-1, 1) * augmentation.rotation_deg)
    mirror = rng.choice([-1.0, 1.0])
    span = step * crop / size
    room = 1 - span
    cos, sin = span * np.cos(angle), span * np.sin(angle)
    theta = torch.tensor(
        [[[mirror * cos, -sin, rng.uniform(-room, room)], [mirror * sin, cos, rng.uniform(-room, room)]]],
        dtype=torch.float32,
    )
    grid = F.affine_grid(theta, [1, 3, crop, crop], align_corners=False)
    cut = F.grid_sample(_chw(view)[None], grid, padding_mode="reflection", align_corners=False)
    return cut[0].permute(1, 2, 0).numpy()


def _chw(picture: Float[np.ndarray, "h w 3"]) -> Float[Tensor, "3 h w"]:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32))


def _bytes(path: Path, offset: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)
