"""Chance for a batch of pictures: all draws come from one seed, on the device on which the pictures are."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor


@dataclass(frozen=True)
class Dice:
    """Draws for ``count`` pictures at once, each picture its own; every method gives a tensor (count, *shape)."""

    generator: torch.Generator
    """Where the draws come from."""
    count: int
    """Pictures."""

    def uniform(self, low: float, high: float, *shape: int) -> Float[Tensor, " b *shape"]:
        """Numbers from ``low`` to ``high``."""
        drawn = torch.rand(self.count, *shape, generator=self.generator, device=self.generator.device)
        return low + (high - low) * drawn

    def log_uniform(self, low: float, high: float) -> Float[Tensor, " b"]:
        """Numbers whose logarithm is uniform between those of ``low`` and ``high``."""
        return self.uniform(math.log(low), math.log(high)).exp()

    def normal(self, mean: float, deviation: float, *shape: int) -> Float[Tensor, " b *shape"]:
        """Numbers of a Gaussian."""
        drawn = torch.randn(self.count, *shape, generator=self.generator, device=self.generator.device)
        return mean + deviation * drawn

    def whole(self, low: int, high: int) -> Int[Tensor, " b"]:
        """Whole numbers from ``low`` up to, but not, ``high``."""
        return torch.randint(low, high, (self.count,), generator=self.generator, device=self.generator.device)

    def happens(self, probability: float) -> Bool[Tensor, " b"]:
        """True with this probability, 0 to 1."""
        return self.uniform(0, 1) < probability

    def sign(self) -> Float[Tensor, " b"]:
        """-1 or 1."""
        return 1 - 2 * self.happens(0.5).float()


def generator_of(*seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator that all numbers of ``seed`` decide; that of CPUs alone looks at the lower 32 bits of one."""
    digest = hashlib.blake2b(repr(seed).encode(), digest_size=8).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest, "little") >> 1)


def each(values: Shaped[Tensor, " b"]) -> Shaped[Tensor, "b 1 1 1"]:
    """A value for each picture, in the shape in which it meets the pictures."""
    return values.view(-1, 1, 1, 1)


def surely(flags: Bool[Tensor, " b *shape"]) -> bool:
    """Whether all are true, where it costs nothing to know: work can then be spared. A GPU would be waited for."""
    return flags.device.type == "cpu" and bool(flags.all())
