"""One step of training: generator against discriminator, and where a run stands."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor, nn

from reexposure.errors import one_line
from reexposure.light import camera
from reexposure.training import losses
from reexposure.training.chance import generator_of
from reexposure.training.critic import Critic, Seen, Shown
from reexposure.training.export import fitting, load_weights
from reexposure.training.generator import Generator, masks_of, reconstruct
from reexposure.training.recipe import Recipe

Network = TypeVar("Network", bound=nn.Module)


class Trainer:
    """Both networks, both optimisers, and where the run stands."""

    def __init__(self, fabric: Fabric, recipe: Recipe, out: Path) -> None:
        self.fabric, self.recipe, self.out = fabric, recipe, out
        self.step, self.elapsed_s = 0, 0.0
        optimisation = recipe.optimisation
        fabric.seed_everything(optimisation.seed, verbose=False)
        generator = channels_last(self.untaught())
        self.averaged = fabric.to_device(copy.deepcopy(generator).requires_grad_(False))
        self.raw_generator = generator
        betas = (0.5, 0.99)
        taught = [weights for weights in generator.parameters() if weights.requires_grad]
        self.generator, self.generator_optimiser = fabric.setup(
            generator, torch.optim.Adam(taught, optimisation.generator_rate, betas=betas)
        )
        self.critic = Critic(fabric, recipe)
        discriminator = channels_last(self.critic.discriminator)
        self.discriminator, self.discriminator_optimiser = fabric.setup(
            discriminator, torch.optim.Adam(discriminator.parameters(), optimisation.discriminator_rate, betas=betas)
        )

    def untaught(self) -> nn.Module:
        """The network that this run teaches, as it begins."""
        generator = Generator(self.recipe.generator)
        if generator.meaning is not None:
            generator.meaning.encoder.load_published()
        return generator

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
        loss = self.recipe.losses
        dice = self.dice()
        ev = torch.empty(len(photo), 1, 1, 1).uniform_(*loss.view_ev, generator=dice)
        # Three pictures in ten are pushed instead of pulled, so that shadows are looked at too.
        pushed = torch.rand(len(photo), 1, 1, 1, generator=dice) < 0.3
        ev = self.fabric.to_device(torch.where(pushed, -ev, ev))
        push_ev = self.fabric.to_device(torch.empty(len(photo), 1, 1, 1).uniform_(*loss.push_ev, generator=dice))
        masks = masks_of(photo)
        over, under = masks.chunk(2, dim=1)
        self.set_rates()

        radiance = reconstruct(self.generator, photo)
        # Where nothing is reconstructed both sides hold the photo, noise and all: otherwise the
        # discriminator would tell them apart by the JPEG artefacts of the well-exposed part.
        decoded = camera.RESPONSES["sqrt"].decode(photo)
        truth = torch.where(over + under > 0, truth, decoded)
        truth = losses.reached(truth, radiance, bounds)
        picture, wanted = losses.pictures(radiance, ev), losses.pictures(truth, ev)
        shown_ev = ev
        if loss.mid_grey_ev:
            spread = (2 * torch.rand(len(photo), 1, 1, 1, generator=dice) - 1) * loss.mid_grey_ev
            shown_ev = losses.mid_grey_ev(truth, over, ev) + self.fabric.to_device(spread)
        shown = Shown(radiance, truth, shown_ev, masks, over * (1 - bounds))
        attention = losses.attention(over, truth, loss.bright)

        def at_all_sizes(error: Callable[..., Tensor], *pair: Tensor) -> Callable[[], Tensor]:
            return lambda: torch.stack([error(*pair, px=px) for px in loss.means_px]).mean()

        plain = losses.pictures(decoded, ev)
        terms: list[tuple[str, float, Callable[[], Tensor]]] = [
            ("log", loss.log, at_all_sizes(losses.log_error, radiance, truth, attention)),
            ("shadows", loss.shadows, lambda: losses.log_error(radiance, truth, under)),
            ("picture", loss.picture, at_all_sizes(losses.picture_error, picture, wanted, over + under)),
            ("log rms", loss.log_rms, at_all_sizes(losses.log_rms_error, radiance, truth, attention)),
            ("chroma", loss.chroma, lambda: losses.chroma_error(radiance, truth, over)),
            ("relative", loss.relative, lambda: losses.relative_error(picture, plain, wanted, over + under)),
            ("pushed", loss.pushed, lambda: losses.pushed_error(radiance, decoded, truth, push_ev, under)),
        ]
        report = {name: term() for name, weight, term in terms if weight}
        weights = {name: weight for name, weight, _ in terms if weight}
        seen, critical = self.critic.look(shown, self.done)
        report |= {name: value for name, (_, value) in critical.items()}
        weights |= {name: weight for name, (weight, _) in critical.items()}
        total = torch.zeros((), device=photo.device)
        for name, weight in weights.items():
            total = total + weight * report[name]
        report["skipped"] = self.descend(total, self.generator, self.generator_optimiser)
        self.average()
        self.discriminate(seen, report)
        return {name: value.detach() for name, value in report.items()}

    def reconstruct(self, photo: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
        """Encoded photos -> radiance maps, by the averaged weights."""
        return reconstruct(self.averaged, photo)

    def dice(self) -> torch.Generator:
        """Everything random in a step comes from its number, so a resumed run repeats it exactly."""
        return generator_of(self.recipe.optimisation.seed, self.step, self.fabric.global_rank)

    def discriminate(self, seen: Seen | None, report: dict[str, Tensor]) -> None:
        """One step of the discriminator, unless it is far ahead; what it lost goes into ``report``."""
        if seen is None:
            return
        report["discriminator"], report["right"] = self.critic.discriminate(self.discriminator, seen)
        if report["right"] <= self.recipe.losses.discriminator_right:
            self.descend(report["discriminator"], self.discriminator, self.discriminator_optimiser)

    def descend(self, loss: Tensor, network: Any, optimiser: Any) -> Tensor:
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

    def set_rates(self) -> None:
        """Both learning rates: a short warm-up, then a cosine down to a fiftieth at the budget's end."""
        optimisation = self.recipe.optimisation
        factor = min(1.0, (self.step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, self.done))))
        for optimiser, rate in (
            (self.generator_optimiser, optimisation.generator_rate),
            (self.discriminator_optimiser, optimisation.discriminator_rate),
        ):
            for group in optimiser.param_groups:
                group["lr"] = rate * factor

    def average(self) -> None:
        """The averaged weights follow."""
        # Early weights are worth nothing: the average starts short and grows to its full length.
        decay = min(self.recipe.optimisation.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(self.raw_generator.parameters()), 1 - decay)

    def save(self) -> None:
        """Write the checkpoint aside, then rename: a run killed at any time leaves a whole one."""
        part = self.out / "last.ckpt.part"
        self.fabric.save(part, self.state() | {"recipe": dataclasses.asdict(self.recipe)})
        if self.fabric.is_global_zero:
            part.rename(self.out / "last.ckpt")
        self.fabric.barrier()

    def load(self, checkpoint: Path) -> None:
        """Go on exactly where ``checkpoint`` was saved."""
        state = self.state()
        self.fabric.load(checkpoint, state, strict=False)
        self.step, self.elapsed_s = state["step"], state["elapsed_s"]

    def start_from(self, file: Path) -> None:
        """Begin with the generator of another run, or with an exported network.

        Raises ValueError if it is of another architecture, OSError if it cannot be read.
        """
        self.begin_with(weights_in(file), file)

    def begin_with(self, state: dict[str, Any], file: Path) -> None:
        """Take the generator's weights, and the averaged ones, from what is in ``file``."""
        try:
            self.raw_generator.load_state_dict(fitting(self.raw_generator, state["generator"]))
            self.averaged.load_state_dict(fitting(self.averaged, state["averaged"]))
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"{file}: holds a generator of another architecture") from error

    def state(self) -> dict[str, Any]:
        """All that a checkpoint keeps."""
        return {
            "generator": self.generator,
            "averaged": self.averaged,
            "discriminator": self.discriminator,
            "moments": self.critic.moments,
            "generator_optimiser": self.generator_optimiser,
            "discriminator_optimiser": self.discriminator_optimiser,
            "step": self.step,
            "elapsed_s": self.elapsed_s,
        }


def weights_in(file: Path) -> dict[str, Any]:
    """What a checkpoint holds, or an exported network as if it were one.

    Raises OSError if it cannot be read.
    """
    if file.is_dir() or file.suffix == ".onnx":
        weights = load_weights(file)
        return {"generator": weights, "averaged": weights}
    try:
        state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        raise OSError(f"{file}: no checkpoint of `reexpose train` ({one_line(error)})") from error
    return state


def channels_last(network: Network) -> Network:
    """Weights in the layout in which convolutions are two to three times as fast on CPUs."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
