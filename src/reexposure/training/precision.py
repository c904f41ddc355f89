"""Which precision is faster here: bfloat16 needs processors that multiply it."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import torch

from reexposure.training.generator import Generator, reconstruct
from reexposure.training.recipe import Recipe

STEPS = 10


def with_precision(recipe: Recipe, checkpoint: Path | None) -> Recipe:
    """The recipe with ``auto`` replaced by the faster precision, or by that of a ``checkpoint`` to be resumed.

    A resumed run has to repeat the one that was stopped, so it is not timed again.
    """
    if recipe.optimisation.precision != "auto":
        return recipe
    if checkpoint is not None and checkpoint.exists():
        precision = torch.load(checkpoint, map_location="cpu", weights_only=True)["recipe"]["optimisation"]["precision"]
    elif torch.cuda.is_available():
        precision = "bf16-mixed"
    else:
        times = {halved: seconds(recipe, halved) for halved in (False, True)}
        precision = "bf16-mixed" if times[True] < times[False] else "32-true"
    return dataclasses.replace(recipe, optimisation=dataclasses.replace(recipe.optimisation, precision=precision))


def seconds(recipe: Recipe, halved: bool, steps: int = STEPS) -> float:
    """How long ``steps`` forward and backward passes of the generator take on the CPU, after one to warm up."""
    generator = Generator(recipe.generator).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    size = recipe.augmentation.crop_px
    photo = torch.rand(recipe.optimisation.batch, 3, size, size).contiguous(memory_format=torch.channels_last)
    begun = 0.0
    for step in range(steps + 1):
        if step == 1:
            begun = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=halved):
            radiance = reconstruct(generator, photo)
        torch.autograd.backward(radiance.square().mean())
    return time.perf_counter() - begun
