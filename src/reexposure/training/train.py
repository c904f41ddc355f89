"""The training loop: generator against discriminator, on Lightning Fabric."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.utils.data import DataLoader

from reexposure import camera
from reexposure.training import losses
from reexposure.training.discriminator import Discriminator, patch_weights
from reexposure.training.export import load_weights
from reexposure.training.generator import Generator, masks_of, reconstruct
from reexposure.training.pairs import FreshPairs, Pairs, View, index_shards
from reexposure.training.precision import with_precision
from reexposure.training.recipe import Recipe
from reexposure.training.samples import Samples
from reexposure.training.vgg19 import Vgg19

Network = TypeVar("Network", bound=nn.Module)
Report = Callable[[str], None]


class Trainer:
    """Both networks, both optimisers, and where the run stands."""

    def __init__(self, fabric: Fabric, recipe: Recipe, out: Path) -> None:
        self.fabric, self.recipe, self.out = fabric, recipe, out
        self.step, self.elapsed_s = 0, 0.0
        optimisation, loss = recipe.optimisation, recipe.losses
        fabric.seed_everything(optimisation.seed, verbose=False)
        generator = _channels_last(Generator(recipe.generator))
        if generator.meaning is not None:
            generator.meaning.encoder.load_published()
        discriminator = _channels_last(Discriminator(recipe.discriminator_widths))
        self.averaged = fabric.to_device(copy.deepcopy(generator).requires_grad_(False))
        self.raw_generator, self.raw_discriminator = generator, discriminator
        betas = (0.5, 0.99)
        self.generator, self.generator_optimiser = fabric.setup(
            generator,
            torch.optim.Adam(
                (p for p in generator.parameters() if p.requires_grad), optimisation.generator_rate, betas=betas
            ),
        )
        self.discriminator, self.discriminator_optimiser = fabric.setup(
            discriminator, torch.optim.Adam(discriminator.parameters(), optimisation.discriminator_rate, betas=betas)
        )
        self.vgg19 = None
        if loss.perceptual and loss.vgg19:
            trunk = Vgg19(Path(loss.vgg19), loss.vgg19_layer, loss.vgg19_before_relu)
            self.vgg19 = fabric.to_device(_channels_last(trunk))

    @property
    def done(self) -> float:
        """The share of the budget that is spent."""
        budget = self.recipe.optimisation
        return self.step / budget.steps if budget.steps else self.elapsed_s / (60 * budget.minutes)

    def update(
        self, photo: Float[Tensor, "b 3 h w"], truth: Float[Tensor, "b 3 h w"], bounds: Float[Tensor, "b 3 h w"]
    ) -> dict[str, Tensor]:
        """One step of both networks on one batch; returns the losses by name.

        ``truth`` is the light of ``photo``; where ``bounds`` is 1 the light is at least that.
        """
        loss, optimisation = self.recipe.losses, self.recipe.optimisation
        # Everything random in a step comes from its number, so a resumed run repeats it exactly.
        dice = torch.Generator().manual_seed((optimisation.seed << 40) + (self.step << 8) + self.fabric.global_rank)
        ev = torch.empty(len(photo), 1, 1, 1).uniform_(*loss.view_ev, generator=dice)
        # Three pictures in ten are pushed instead of pulled, so that shadows are looked at too.
        pushed = torch.rand(len(photo), 1, 1, 1, generator=dice) < 0.3
        ev = self.fabric.to_device(torch.where(pushed, -ev, ev))
        push_ev = self.fabric.to_device(torch.empty(len(photo), 1, 1, 1).uniform_(*loss.push_ev, generator=dice))
        masks = masks_of(photo)
        over, under = masks.chunk(2, dim=1)
        self._set_rates()

        radiance = reconstruct(self.generator, photo)
        # Where nothing is reconstructed both sides hold the photo, noise and all: otherwise the
        # discriminator would tell them apart by the JPEG artefacts of the well-exposed part.
        decoded = camera.RESPONSES["sqrt"].decode(photo)
        truth = torch.where(over + under > 0, truth, decoded)
        # A lower bound is right as soon as it is reached.
        truth = torch.where((bounds > 0) & (radiance > truth), radiance.detach(), truth)
        linear = loss.discriminator_sees == "linear"
        shown = losses.pictures(radiance, ev), losses.pictures(truth, ev)
        if linear:
            fake, real = losses.pictures(radiance, ev, linear=True), losses.pictures(truth, ev, linear=True)
        else:
            fake, real = shown
        clip_level = losses.pictures(torch.ones_like(ev), ev, linear)
        perceptual = self.vgg19 is not None and self.done >= optimisation.perceptual_from
        adversarial = loss.adversarial > 0 and self.done >= optimisation.adversarial_from
        report: dict[str, Tensor] = {}
        attention = losses.attention(over, truth, loss.bright)

        total = torch.zeros((), device=photo.device)
        terms: list[tuple[str, float, Callable[[], Tensor]]] = [
            ("log", loss.log, lambda: losses.log_error(radiance, truth, attention)),
            ("shadows", loss.shadows, lambda: losses.log_error(radiance, truth, under)),
            ("picture", loss.picture, lambda: losses.picture_error(*shown, over + under)),
            ("log rms", loss.log_rms, lambda: losses.log_rms_error(radiance, truth, attention)),
            ("chroma", loss.chroma, lambda: losses.chroma_error(radiance, truth, over)),
            (
                "relative",
                loss.relative,
                lambda: losses.relative_error(shown[0], losses.pictures(decoded, ev), shown[1], over + under),
            ),
            ("pushed", loss.pushed, lambda: losses.pushed_error(radiance, decoded, truth, push_ev, under)),
            ("perceptual", loss.perceptual * perceptual, lambda: self._perceptual(*shown, masks)),
        ]
        for name, weight, term in terms:
            if weight:
                report[name] = term()
                total = total + weight * report[name]
        if adversarial:
            self.raw_discriminator.requires_grad_(False)
            with self.fabric.autocast():
                scores, fake_features = self.raw_discriminator(fake, over, clip_level)
                real_features = self.raw_discriminator(real, over, clip_level)[1] if loss.feature_matching else []
            self.raw_discriminator.requires_grad_(True)
            weights = patch_weights(over, scores)
            report["adversarial"] = losses.hinge_generator(scores.float(), weights)
            total = total + loss.adversarial * report["adversarial"]
            if loss.feature_matching:
                report["feature matching"] = losses.feature_matching(real_features, fake_features)
                total = total + loss.feature_matching * report["feature matching"]
        report["skipped"] = self._descend(total, self.generator, self.generator_optimiser)
        self._average()

        if adversarial:
            both, _ = self.discriminator(
                torch.cat([real, fake.detach()]), over.repeat(2, 1, 1, 1), clip_level.repeat(2, 1, 1, 1)
            )
            real_scores, fake_scores = both.float().chunk(2)
            report["discriminator"] = losses.hinge_discriminator(real_scores, fake_scores, weights)
            self._descend(report["discriminator"], self.discriminator, self.discriminator_optimiser)
        return {name: value.detach() for name, value in report.items()}

    def _descend(self, loss: Tensor, network: Any, optimiser: Any) -> Tensor:
        """One optimiser step down ``loss``, gradients limited; returns 1 if it had to be skipped.

        In bfloat16 a gradient overflows once in thousands of steps. Stepping would end the run.
        """
        optimiser.zero_grad()
        self.fabric.backward(loss)
        norm = self.fabric.clip_gradients(network, optimiser, max_norm=5.0, error_if_nonfinite=False)
        assert norm is not None
        if torch.isfinite(norm):
            optimiser.step()
        return 1.0 - torch.isfinite(norm).float()

    def _perceptual(self, shown: Tensor, wanted: Tensor, masks: Tensor) -> Tensor:
        """Distance of VGG19 features in a square of each picture, the one where most is ill-exposed."""
        assert self.vgg19 is not None
        size = min(self.recipe.losses.vgg19_crop_px, shown.shape[-1])
        share = nn.functional.avg_pool2d(masks.amax(1, keepdim=True), size, stride=16)
        best = share.flatten(1).argmax(1)
        corners = [(16 * (int(i) // share.shape[-1]), 16 * (int(i) % share.shape[-1])) for i in best]

        def cut(batch: Tensor) -> Tensor:
            squares = [
                picture[:, top : top + size, left : left + size]
                for picture, (top, left) in zip(batch, corners, strict=True)
            ]
            return torch.stack(squares).contiguous(memory_format=torch.channels_last)

        with self.fabric.autocast():
            with torch.no_grad():
                target = self.vgg19(cut(wanted))
            got = self.vgg19(cut(shown))
        return nn.functional.mse_loss(got.float(), target.float())

    def _set_rates(self) -> None:
        """Both learning rates: a short warm-up, then a cosine down to a fiftieth at the budget's end."""
        optimisation = self.recipe.optimisation
        factor = min(1.0, (self.step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, self.done))))
        for optimiser, rate in (
            (self.generator_optimiser, optimisation.generator_rate),
            (self.discriminator_optimiser, optimisation.discriminator_rate),
        ):
            for group in optimiser.param_groups:
                group["lr"] = rate * factor

    def _average(self) -> None:
        # Early weights are worth nothing: the average starts short and grows to its full length.
        decay = min(self.recipe.optimisation.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(self.raw_generator.parameters()), 1 - decay)

    def save(self) -> None:
        """Write the checkpoint aside, then rename: a run killed at any time leaves a whole one."""
        part = self.out / "last.ckpt.part"
        self.fabric.save(part, self._state() | {"recipe": dataclasses.asdict(self.recipe)})
        if self.fabric.is_global_zero:
            part.rename(self.out / "last.ckpt")
        self.fabric.barrier()

    def load(self, checkpoint: Path) -> None:
        """Go on exactly where ``checkpoint`` was saved."""
        state = self._state()
        self.fabric.load(checkpoint, state, strict=False)
        self.step, self.elapsed_s = state["step"], state["elapsed_s"]

    def start_from(self, file: Path) -> None:
        """Begin with the generator of another run, or with an exported network.

        Raises ValueError if it is of another architecture, OSError if it cannot be read.
        """
        try:
            if file.suffix == ".onnx":
                weights = load_weights(file)
                for generator in (self.raw_generator, self.averaged):
                    generator.load_state_dict(_with_encoder(generator, weights))
            else:
                state = torch.load(file, map_location="cpu", weights_only=True)
                self.raw_generator.load_state_dict(_with_encoder(self.raw_generator, state["generator"]))
                self.averaged.load_state_dict(_with_encoder(self.averaged, state["averaged"]))
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"{file}: holds a generator of another architecture") from error

    def _state(self) -> dict[str, Any]:
        return {
            "generator": self.generator,
            "averaged": self.averaged,
            "discriminator": self.discriminator,
            "generator_optimiser": self.generator_optimiser,
            "discriminator_optimiser": self.discriminator_optimiser,
            "step": self.step,
            "elapsed_s": self.elapsed_s,
        }


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
    trainer = Trainer(fabric, recipe, out)
    if trainer.vgg19 is None:
        instead = "discriminator feature matching" if recipe.losses.feature_matching else "nothing (perceptual = 0)"
        report(f"no VGG19 weights given: {instead} stands in for the perceptual loss")
    if resume and (out / "last.ckpt").exists():
        trainer.load(out / "last.ckpt")
        report(f"resumed at step {trainer.step}")
    elif start:
        trainer.start_from(start)
    samples = Samples(recipe, out) if fabric.is_global_zero else None
    _loop(trainer, train_views, samples, report)
    trainer.save()
    return out / "last.ckpt"


def _loop(trainer: Trainer, views: list[View], samples: Samples | None, report: Report) -> None:
    fabric, optimisation = trainer.fabric, trainer.recipe.optimisation
    shares = trainer.recipe.shares
    order = FreshPairs(views, shares, optimisation.batch, optimisation.seed, trainer.step, rank=fabric.global_rank)
    loader: DataLoader[Any] = DataLoader(
        Pairs(views, trainer.recipe.augmentation), batch_sampler=order, num_workers=optimisation.workers,
        multiprocessing_context="spawn" if optimisation.workers else None, worker_init_fn=_one_thread,
    )  # fmt: skip
    last = saved = sampled = time.monotonic()
    recent: dict[str, list[Tensor]] = {}
    for pair in loader:
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
            values = samples.validate(trainer.averaged, trainer.step, trainer.elapsed_s)
            report(f"validation: {json.dumps(values)}")
            sampled = last = time.monotonic()
        save = now - saved > 60 * optimisation.checkpoint_minutes
        if fabric.broadcast(save) if fabric.world_size > 1 else save:
            trainer.save()
            saved = now


def _with_encoder(generator: nn.Module, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """``weights`` for the whole generator: an encoder that they lack is the one it has, which adds nothing yet.

    Raises KeyError if anything else is missing.
    """
    own = generator.state_dict()
    joined = any(name.startswith("meaning.") for name in weights)
    return {n: own[n] if n.startswith("meaning.") and not joined else weights[n] for n in own}


def _channels_last(network: Network) -> Network:
    """Weights in the layout in which convolutions are two to three times as fast on CPUs."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)


def _say_nothing(_: str) -> None:
    pass
