"""A training run: data in, checkpoints, logs and samples out, on Lightning Fabric."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch.utils.data import DataLoader

from reexposure.training.detail_trainer import DetailTrainer
from reexposure.training.pairs import FreshPairs, Pair, Pairs
from reexposure.training.precision import with_precision
from reexposure.training.recipe import Recipe
from reexposure.training.samples import Samples
from reexposure.training.shards import View, index_shards
from reexposure.training.trainer import Trainer
from reexposure.training.whole import WholePictures

Report = Callable[[str], None]


def train(
    recipe: Recipe,
    out: Path,
    resume: bool = False,
    start: Path | None = None,
    *,
    devices: int = 1,
    nodes: int = 1,
    report: Report = print,
) -> Path:
    """Train by ``recipe`` until its budget is spent; returns the last checkpoint.

    ``start`` is a checkpoint of another run, or an exported network, whose generator this one begins with.
    Writes ``out/last.ckpt``, ``out/log.jsonl``, ``out/samples/*.png`` and TensorBoard events.
    Raises ValueError where there are no shards, or where ``out`` holds a run and ``resume`` is
    off; OSError where VGG19 weights cannot be read.
    """
    if not resume and (out / "last.ckpt").exists():
        raise ValueError(f"{out}: holds a run already; add --resume or choose another --out")
    train_views = index_shards(Path(recipe.shards) / "train")
    out.mkdir(parents=True, exist_ok=True)
    recipe = with_precision(recipe, out / "last.ckpt" if resume else None)
    assert recipe.optimisation.precision != "auto"
    fabric = Fabric(
        devices=devices,
        num_nodes=nodes,
        precision=recipe.optimisation.precision,
        strategy="ddp" if devices * nodes > 1 else "auto",
    )
    fabric.launch()
    if not fabric.is_global_zero:
        report = _say_nothing
    report(f"precision {recipe.optimisation.precision}")
    if recipe.detail.widths and not start and not resume:
        raise ValueError(f"{out}: detail is drawn over the light of a network; name it with --start")
    trainer = (DetailTrainer if recipe.detail.widths else Trainer)(fabric, recipe, out)
    if trainer.critic.vgg19 is None:
        instead = "discriminator feature matching" if recipe.losses.feature_matching else "nothing (perceptual = 0)"
        report(f"no VGG19 weights given: {instead} stands in for the perceptual loss")
    if resume and (out / "last.ckpt").exists():
        trainer.load(out / "last.ckpt")
        report(f"resumed at step {trainer.step}")
    elif start:
        trainer.start_from(start)
    samples = Samples(recipe, out, fabric.device) if fabric.is_global_zero else None
    _loop(trainer, train_views, samples, report)
    trainer.save()
    return out / "last.ckpt"


def _loop(trainer: Trainer, views: list[View], samples: Samples | None, report: Report) -> None:
    fabric, optimisation = trainer.fabric, trainer.recipe.optimisation
    last = saved = sampled = time.monotonic()
    recent: dict[str, list[Tensor]] = {}
    for pair in _batches(trainer, views):
        if trainer.done >= 1:
            break
        batch = [fabric.to_device(t.contiguous(memory_format=torch.channels_last)) for t in pair]
        for name, value in trainer.update(*batch).items():
            recent.setdefault(name, []).append(value)
        now = time.monotonic()
        # All processes must agree on when to stop and save, so the first one's clock counts.
        spent = fabric.broadcast(now - last) if fabric.world_size > 1 else now - last
        trainer.elapsed_s += spent
        last = now
        trainer.step += 1
        if trainer.step % optimisation.log_every == 0:
            means = {name: round(float(torch.stack(values).mean()), 5) for name, values in recent.items()}
            recent = {}
            if samples:
                samples.log(trainer.step, trainer.elapsed_s, means)
            left = (1 - trainer.done) / max(trainer.done, 1e-9) * trainer.elapsed_s / 60
            report(f"step {trainer.step}, {left:.0f} min left: {json.dumps(means)}")
        if samples and (now - sampled > 60 * optimisation.sample_minutes or trainer.done >= 1):
            values = samples.validate(trainer.reconstruct, trainer.step, trainer.elapsed_s)
            report(f"validation: {json.dumps(values)}")
            sampled = last = time.monotonic()
        save = now - saved > 60 * optimisation.checkpoint_minutes
        if fabric.broadcast(save) if fabric.world_size > 1 else save:
            trainer.save()
            saved = now


def _batches(trainer: Trainer, views: list[View]) -> Iterator[Pair]:
    """Endless batches from the step on at which the trainer stands."""
    fabric, recipe = trainer.fabric, trainer.recipe
    optimisation, ours = recipe.optimisation, recipe.augmentation
    if ours.made_on == "device":
        whole = WholePictures(views, ours, recipe.shares, fabric.device)
        for step in itertools.count(trainer.step):
            yield whole.batch(optimisation.batch, optimisation.seed, fabric.global_rank, step)
    order = FreshPairs(
        views, recipe.shares, optimisation.batch, optimisation.seed, trainer.step, rank=fabric.global_rank
    )
    yield from DataLoader(
        Pairs(views, ours), batch_sampler=order, num_workers=optimisation.workers,
        multiprocessing_context="spawn" if optimisation.workers else None, worker_init_fn=_one_thread,
    )  # fmt: skip


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)


def _say_nothing(_: str) -> None:
    pass
