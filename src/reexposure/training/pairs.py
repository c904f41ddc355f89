"""Training pairs out of shards: a degraded photo, the radiance map it should give, and where that is a lower bound."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from reexposure.training import alter, degrade

BRIGHTEST = 4096.0
"""Twelve stops above the clip level: how far over a sun is beyond that, no photo shows."""


Kind = Literal["scene", "photo", "burnt", "lamps"]
"""Of an HDR file; of a photograph that hardly burnt; of one of which part is burnt, or is burnt and shines."""

Place = tuple[int, int]
"""Offset and size of a member inside its shard, in bytes."""

Both = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class View:
    """Where one view lies inside its shard, and what lies beside it there."""

    kind: Kind
    shard: Path
    light: Place
    bounds: Place | None = None
    guess: Place | None = None
    photo: Place | None = None


@dataclass(frozen=True)
class Shares:
    """How much of a batch is of each kind; kinds that there are no shards of count nothing."""

    scene: float = 0.5
    """Share of views of HDR scenes, whose light is known."""
    photo: float = 0.2
    """Share of ordinary photographs that hardly clipped."""
    burnt: float = 0.1
    """Share of photographs that burnt, of whose light a lower bound is known."""
    lamps: float = 0.2
    """Share of photographs in which lamps burnt, with the light that the released network gives them."""


@dataclass(frozen=True)
class Augmentation:
    """How a stored view is turned into a fresh one."""

    crop_px: int = 192
    """Pixels of a side of the squares that are trained on."""
    scale: tuple[float, float] = (0.75, 2.2)
    """Pixels of a square for each of the view's, from and to."""
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
    exposures: degrade.Exposures = field(default_factory=degrade.Exposures)
    """How scenes are exposed."""
    photographs: degrade.PhotographExposures = field(default_factory=degrade.PhotographExposures)
    """How photographs are exposed."""


def index_shards(folder: Path) -> list[View]:
    """Every view of every shard in ``folder`` and its folders of photographs, in a fixed order.

    Raises ValueError if there are none.
    """
    found = []
    kinds: dict[str, Kind] = {".": "scene", "photo": "photo", "burnt": "burnt", "lamps": "lamps"}
    for name, kind in kinds.items():
        for shard in sorted((folder / name).glob("*.tar")):
            with tarfile.open(shard) as tar:
                members = {m.name: (m.offset_data, m.size) for m in tar}
            keys = [key.removesuffix(".npy") for key in members if key.count(".") == 1 and key.endswith(".npy")]
            others = (".bounds.npy", ".guess.npy", ".png")
            found += [View(kind, shard, members[f"{k}.npy"], *(members.get(k + o) for o in others)) for k in keys]
    if not found:
        raise ValueError(f"{folder}: no shards; make them with `reexpose prepare`")
    return found


class Pairs(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """``pairs[view, seed]`` -> (photo, radiance, bounds), each (3, crop_px, crop_px).

    The photo is encoded, the radiance linear, and ``bounds`` is 1 where the radiance is at least that. The seed alone
    decides crop, mirror, rotation, colours, exposure, camera and noise, so the same index gives the same pair in any
    process.
    """

    def __init__(self, shards: list[View], augmentation: Augmentation) -> None:
        self.views = shards
        self.augmentation = augmentation

    def __len__(self) -> int:
        return len(self.views)

    def __getitem__(self, index: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        view = self.views[index[0]]
        rng = np.random.default_rng([index[0], index[1]])
        if view.photo is not None:
            photo, radiance = self._paired(view, view.photo, rng)
            bounds = np.zeros_like(radiance)
        else:
            light, bounds = (self._scene if view.kind == "scene" else self._photograph)(view, rng)
            photo, radiance = degrade.take_photo(light, rng)
        return _chw(photo), _chw(radiance.clip(0, BRIGHTEST)), _chw(bounds)

    def _paired(self, view: View, place: Place, rng: np.random.Generator) -> Both:
        light = _array(view.shard, view.light)
        photo = np.asarray(Image.open(io.BytesIO(_bytes(view.shard, place))), np.float32) / 255
        size = min(self.augmentation.crop_px, len(photo))
        top, left = rng.integers(len(photo) - size + 1, size=2)
        crop = np.s_[top : top + size, left : left + size, :]
        return photo[crop], light[crop]

    def _scene(self, view: View, rng: np.random.Generator) -> Both:
        """Exposed light of a view of an HDR file, and where it is bounded from below."""
        ours = self.augmentation
        layers = [_array(view.shard, place) for place in (view.light, view.bounds) if place]
        cut = resampled(np.concatenate(layers, axis=-1), ours, rng)
        light = alter.jittered(cut[..., :3], alter.colours(rng))
        bounds = (cut[..., 3:] > 0) if view.bounds else np.zeros(light.shape, bool)
        if rng.random() < 0.5:
            light = alter.with_spread(light, rng.uniform(*ours.spread))
        if rng.random() < ours.shift_probability:
            light = alter.with_shifted_parts(light, rng)
        if rng.random() < ours.glare_probability:
            light = alter.with_glare(light, rng)
        light = light * np.float32(2.0 ** ours.exposures.sample(light, rng))
        if rng.random() < ours.sun_probability:
            light = alter.with_sun(light, rng)
        return light, bounds.astype(np.float32)

    def _photograph(self, view: View, rng: np.random.Generator) -> Both:
        """Exposed light of a view of a photograph, and where it is bounded from below.

        One with lamps in it is shown about as it was taken, with what the released network makes of it as the truth: a
        network that is told of photographs only what over-exposed surfaces are would put out every lamp in them.
        """
        ours = self.augmentation
        if view.guess is not None:
            layers = [alter.with_spread(_array(view.shard, view.guess), ours.photographs.lamps_times)]
        else:
            layers = [_array(view.shard, place) for place in (view.light, view.bounds) if place]
        cut = resampled(np.concatenate(layers, axis=-1), ours, rng)
        light = alter.jittered(cut[..., :3], alter.colours(rng))
        if rng.random() < 0.7:
            light = alter.blurred(light, float(rng.uniform(*ours.blur_px)))
        bounds = (cut[..., 3:] > 0).astype(np.float32) if len(layers) > 1 else np.zeros_like(light)
        if view.kind == "photo" and rng.random() < ours.sun_probability:  # about as people expose against the sun
            return alter.with_sun(light * np.float32(2.0 ** rng.uniform(-1.0, 0.7)), rng), bounds
        ev = rng.uniform(*ours.photographs.lamps_ev) if view.guess else ours.photographs.sample(light, rng)
        return light * np.float32(2.0**ev), bounds


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


def resampled(
    view: Float[np.ndarray, "v v n"], augmentation: Augmentation, rng: np.random.Generator
) -> Float[np.ndarray, "c c n"]:
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


def _chw(picture: Float[np.ndarray, "h w n"]) -> Float[Tensor, "n h w"]:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32))


def _array(shard: Path, place: Place) -> Float[np.ndarray, "v v n"]:
    return np.load(io.BytesIO(_bytes(shard, place))).astype(np.float32)


def _bytes(path: Path, place: Place) -> bytes:
    offset, size = place
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)
