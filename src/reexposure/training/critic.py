"""What looks at pictures for the generator's sake: VGG19, and the discriminator on pixels or on VGG19's features."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from lightning_fabric import Fabric
from torch import Tensor, nn

from reexposure.training import losses
from reexposure.training.discriminator import Discriminator, Heads, patch_weights
from reexposure.training.moments import Moments
from reexposure.training.recipe import Recipe
from reexposure.training.vgg19 import Vgg19


@dataclass(frozen=True)
class Shown:
    """A batch as the critic is to see it."""

    radiance: Float[Tensor, "b 3 h w"]
    """Reconstructed light, with the generator's gradient."""
    truth: Float[Tensor, "b 3 h w"]
    ev: Float[Tensor, "b 1 1 1"]
    """The exposure of the pictures, in stops."""
    masks: Float[Tensor, "b 6 h w"]
    judged: Float[Tensor, "b 3 h w"]
    """The over-exposure mask where the truth is known: only there real and reconstructed can be told apart."""

    def cut(self, size_px: int) -> Shown:
        """A square of each picture, the one where most is ill-exposed."""
        size = min(size_px, self.radiance.shape[-1])
        share = nn.functional.avg_pool2d(self.masks.amax(1, keepdim=True), size, stride=16)
        best = share.flatten(1).argmax(1)[:, None]
        reach, picture = torch.arange(size, device=best.device), torch.arange(len(best), device=best.device)
        rows = 16 * (best // share.shape[-1]) + reach
        columns = 16 * (best % share.shape[-1]) + reach
        places = picture[:, None, None], rows[:, :, None], columns[:, None, :]

        def squares(batch: Tensor) -> Tensor:
            return batch.permute(0, 2, 3, 1)[places].permute(0, 3, 1, 2)  # so they lie in memory channels last

        radiance, truth, masks, judged = map(squares, (self.radiance, self.truth, self.masks, self.judged))
        return Shown(radiance, truth, self.ev, masks, judged)


@dataclass(frozen=True)
class Seen:
    """What the discriminator needs of a batch, without the generator's gradient."""

    real: Any
    fake: Any
    judged: Float[Tensor, "b 3 h w"]
    clip_level: Float[Tensor, "b 1 1 1"]


class Critic:
    """VGG19 and the discriminator; each joins the run at its share of the budget."""

    def __init__(self, fabric: Fabric, recipe: Recipe) -> None:
        self.fabric, self.recipe = fabric, recipe
        loss = recipe.losses
        self.on_features = loss.discriminator_on == "vgg19"
        self.discriminator: Any = Heads() if self.on_features else Discriminator(recipe.discriminator_widths)
        self.moments = nn.ModuleList(map(Moments, Heads.CHANNELS))
        fabric.to_device(self.moments)
        self.vgg19: Vgg19 | None = None
        if loss.perceptual and loss.vgg19:
            self.vgg19 = Vgg19(Path(loss.vgg19), loss.vgg19_layer, loss.vgg19_before_relu)
            fabric.to_device(self.vgg19.to(memory_format=torch.channels_last))  # type: ignore[call-overload]

    def look(self, shown: Shown, done: float) -> tuple[Seen | None, dict[str, tuple[float, Tensor]]]:
        """What the discriminator may learn from, and the generator's losses with their weights, by name."""
        loss, optimisation = self.recipe.losses, self.recipe.optimisation
        found: dict[str, tuple[float, Tensor]] = {}
        adversarial = loss.adversarial > 0 and done >= optimisation.adversarial_from
        features = None
        if self.vgg19 is not None and (done >= optimisation.perceptual_from or (adversarial and self.on_features)):
            square = shown.cut(loss.vgg19_crop_px)
            features = self._features(square)
            found["perceptual"] = loss.perceptual, nn.functional.mse_loss(features[0][-1], features[1][-1])
            if loss.style:
                of_each = [losses.style_error(*pair, square.judged) for pair in zip(*features, strict=True)]
                found["style"] = loss.style, torch.stack(of_each).mean()
            if loss.moments:
                layers = zip(self.moments, features[0], features[1], strict=True)
                of_each = [layer(drawn, real, square.judged) for layer, drawn, real in layers]
                found["moments"] = loss.moments, torch.stack(of_each).mean()
        if not adversarial:
            return None, found
        linear = loss.discriminator_sees == "linear"
        clip_level = losses.pictures(torch.ones_like(shown.ev), shown.ev, linear)
        if self.on_features:
            assert features is not None
            seen = Seen(features[1], features[0], square.judged, clip_level)
        else:
            fake, real = (losses.pictures(light, shown.ev, linear) for light in (shown.radiance, shown.truth))
            seen = Seen(real, fake, shown.judged, clip_level)
        self.discriminator.requires_grad_(False)
        with self.fabric.autocast():
            scores, fakes = self._judge(self.discriminator, seen.fake, seen)
            reals = self._judge(self.discriminator, seen.real, seen)[1] if loss.feature_matching else []
        self.discriminator.requires_grad_(True)
        told = [losses.hinge_generator(s.float(), patch_weights(seen.judged, s)) for s in scores]
        found["adversarial"] = loss.adversarial, torch.stack(told).mean()
        if loss.feature_matching:
            found["feature matching"] = loss.feature_matching, losses.feature_matching(reals, fakes)
        detached = [one.detach() for one in seen.fake] if self.on_features else seen.fake.detach()
        return Seen(seen.real, detached, seen.judged, clip_level), found

    def discriminate(self, discriminator: Any, seen: Seen) -> tuple[Tensor, Tensor]:
        """The discriminator's loss, and the share of patches on which it is right."""
        if self.on_features:
            both: Any = [torch.cat(pair) for pair in zip(seen.real, seen.fake, strict=True)]
        else:
            both = torch.cat([seen.real, seen.fake])
        twice = Seen(None, None, seen.judged.repeat(2, 1, 1, 1), seen.clip_level.repeat(2, 1, 1, 1))
        pairs = [score.float().chunk(2) for score in self._judge(discriminator, both, twice)[0]]
        weighted = [(real, fake, patch_weights(seen.judged, real)) for real, fake in pairs]
        hinges = [losses.hinge_discriminator(real, fake, weights) for real, fake, weights in weighted]
        right = [losses.right(real, fake, weights) for real, fake, weights in weighted]
        return torch.stack(hinges).mean(), torch.stack(right).mean().detach()

    def _judge(self, discriminator: Any, picture: Any, seen: Seen) -> tuple[list[Tensor], list[Tensor]]:
        """Maps of scores, and features for feature matching."""
        if self.on_features:
            return discriminator(picture, seen.judged, seen.clip_level), picture
        scores, features = discriminator(picture, seen.judged, seen.clip_level)
        return [scores], features

    def _features(self, square: Shown) -> tuple[list[Tensor], list[Tensor]]:
        """VGG19's features of reconstructed and true pictures: the last layer's, before it those for the heads."""
        assert self.vgg19 is not None
        loss = self.recipe.losses
        also = Heads.LAYERS if self.on_features or loss.style or loss.moments else ()
        with self.fabric.autocast():
            with torch.no_grad():
                real = self.vgg19.features(losses.pictures(square.truth, square.ev), also)
            fake = self.vgg19.features(losses.pictures(square.radiance, square.ev), also)
        return [one.float() for one in fake], [one.float() for one in real]
