"""One step of training the detail network, over the light of a frozen faithful one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor, nn

from reexposure.training import detail, losses
from reexposure.training.critic import Shown
from reexposure.training.detail import DetailNetwork
from reexposure.training.export import fitting
from reexposure.training.generator import Generator, masks_of
from reexposure.training.graphs import HUE_LEFT_OUT
from reexposure.training.recipe import Recipe
from reexposure.training.trainer import Trainer, channels_last, weights_in

SMOOTH_PX = (1, 1, 2, 4, 8)
"""Gain is smoothed over one of these: of pictures that taught it, the faithful network knows more than of others."""


class DetailTrainer(Trainer):
    """As `Trainer`, for the network that draws detail; the faithful one is as a run begins with it."""

    def __init__(self, fabric: Fabric, recipe: Recipe, out: Path) -> None:
        super().__init__(fabric, recipe, out)
        self.faithful = fabric.to_device(channels_last(Generator(recipe.generator)).requires_grad_(False).eval())

    def untaught(self) -> nn.Module:
        return DetailNetwork(self.recipe.detail)

    def update(
        self, photo: Float[Tensor, "b 3 h w"], truth: Float[Tensor, "b 3 h w"], bounds: Float[Tensor, "b 3 h w"]
    ) -> dict[str, Tensor]:
        """One step of both networks on one batch; returns the losses by name."""
        loss = self.recipe.losses
        dice = self.dice()
        noise = self._noise(photo, dice)
        spread = loss.mid_grey_ev * (2 * torch.rand(len(photo), 1, 1, 1, generator=dice) - 1)
        # A large photo is looked at reduced, and its gain enlarged: then faithful light has no texture at all.
        gain = self._gain(photo, reduced=bool(torch.rand((), generator=dice) < 0.5))
        gain = _smooth(gain, detail.lost_of(photo), SMOOTH_PX[int(torch.randint(len(SMOOTH_PX), (), generator=dice))])
        self.set_rates()

        drawn = self.generator(photo, gain, noise).float()
        best = detail.wanted(photo, gain, truth)
        judged = (detail.lost_of(photo) * (1 - bounds.amax(1, keepdim=True))).expand(-1, 3, -1, -1)
        radiance, real = (detail.light_with(photo, gain + stops) for stops in (drawn, best))
        shown_ev = losses.mid_grey_ev(real, judged, torch.full_like(spread, losses.MID_GREY_EV)) + spread
        shown = Shown(radiance, real, shown_ev, torch.cat([judged, 0 * judged], dim=1), judged)
        seen, critical = self.critic.look(shown, self.done)
        if loss.octaves:
            picture, wanted = losses.pictures(radiance, shown_ev), losses.pictures(real, shown_ev)
            critical["octaves"] = loss.octaves, losses.octave_error(picture, wanted, judged)
        report = {"log": self._means_error(drawn, best, judged)}
        total = loss.log * report["log"]
        for name, (weight, value) in critical.items():
            report[name] = value
            total = total + weight * value
        report["skipped"] = self.descend(total, self.generator, self.generator_optimiser)
        self.average()
        report["drawn"] = (drawn.detach().abs() * judged).sum() / judged.sum().clip(1)
        report["wanted"] = (best.abs() * judged).sum() / judged.sum().clip(1)
        self.discriminate(seen, report)
        return {name: value.detach() for name, value in report.items()}

    def reconstruct(self, photo: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
        """Encoded photos -> radiance maps with detail, by the averaged weights."""
        gain = self._gain(photo, reduced=False)
        noise = self._noise(photo, torch.Generator().manual_seed(0))
        return detail.light_with(photo, gain + self.averaged(photo, gain, noise))

    def _means_error(
        self, drawn: Float[Tensor, "b 3 h w"], best: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"]
    ) -> Float[Tensor, ""]:
        """Squared error in stops of means over squares: pixels are the discriminator's business."""
        return torch.stack([losses.squared_error(drawn - best, mask, px) for px in self.recipe.losses.means_px]).mean()

    @torch.no_grad()
    def _gain(self, photo: Float[Tensor, "b 3 h w"], reduced: bool) -> Float[Tensor, "b 3 h w"]:
        """What the faithful network says, as it is used: with less hue where all channels clipped."""
        seen = F.avg_pool2d(photo, 2) if reduced else photo
        with self.fabric.autocast():
            found: Tensor = self.faithful(seen**2, masks_of(seen))[0]
        found = F.interpolate(found.float(), scale_factor=2.0, mode="bilinear") if reduced else found.float()
        neutral = found.mean(1, keepdim=True)
        return neutral + (found - neutral) * (1 - HUE_LEFT_OUT * detail.lost_of(photo))

    def _noise(self, photo: Float[Tensor, "b 3 h w"], dice: torch.Generator) -> Float[Tensor, "b 1 h w"]:
        """As the hash of a seed and a pixel gives it: uniform, of mean 0 and deviation 1."""
        uniform = torch.rand(len(photo), 1, *photo.shape[-2:], generator=dice)
        return self.fabric.to_device((2 * uniform - 1) * 3**0.5)

    def start_from(self, file: Path) -> None:
        """Draw over the light of the network in ``file``: a checkpoint of another run, or an exported network.

        One of a detail run brings its detail network, too. Raises ValueError if it is of another architecture, OSError
        if it cannot be read.
        """
        state = weights_in(file)
        if "faithful" in state:
            self.begin_with(state, file)
        try:
            weights = state.get("faithful", state["averaged"])
            self.faithful.load_state_dict(fitting(self.faithful, weights))
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"{file}: holds a generator of another architecture") from error

    def state(self) -> dict[str, Any]:
        return super().state() | {"faithful": self.faithful}


def _smooth(gain: Float[Tensor, "b 3 h w"], lost: Float[Tensor, "b 1 h w"], px: int) -> Float[Tensor, "b 3 h w"]:
    """``gain`` where all channels clipped, as its means over squares of ``px`` pixels there, enlarged."""
    if px == 1:
        return gain
    share = F.avg_pool2d(lost, px)
    mean = F.avg_pool2d(lost * gain, px) / (share + 1e-3)
    mean = torch.where(share > 0.02, mean, F.avg_pool2d(gain, px))
    return torch.lerp(gain, F.interpolate(mean, scale_factor=float(px), mode="bilinear"), lost)
