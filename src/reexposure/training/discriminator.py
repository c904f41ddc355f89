"""Discriminators: SN-PatchGAN on pictures, and small heads with spectral norm on frozen features.

Sources: Yu et al. 2019, "Free-form image inpainting with gated convolution"; Sauer et al. 2021, "Projected GANs
converge faster", arXiv:2111.01007.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class Discriminator(nn.Module):
    """Picture, over-exposure mask and clip level -> scores, at 1/16 of the picture's size.

    Pictures are shown at random exposures. Unless it is told how bright the clip level comes out
    in each, the discriminator cannot know a flat burnt-out patch from a grey wall, and learns
    nothing (the hinge loss stays at 2). So it sees what reaches beyond that level, too.

    Spectral norm divides each layer by its largest gain, so typical signals shrink at every layer;
    ``GAIN`` gives each back what it loses on average.
    """

    GAIN = 1.8

    def __init__(self, widths: tuple[int, ...] = (32, 64, 96, 128)) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv2d(a, b, 5, stride=2, padding=2)) for a, b in itertools.pairwise((10, *widths))
        )

    def forward(
        self, picture: Float[Tensor, "b 3 h w"], over: Float[Tensor, "b 3 h w"], clip_level: Float[Tensor, "b 1 1 1"]
    ) -> tuple[Float[Tensor, "b c h16 w16"], list[Tensor]]:
        """``picture`` in [0, 1] -> the scores, and every layer's features for feature matching.

        ``clip_level`` is the value in ``picture`` of light at the photo's clip level.
        """
        beyond = over * (picture - clip_level) / (1 - clip_level).clip(1e-3)
        level = (2 * clip_level - 1).expand(-1, 1, *picture.shape[-2:])
        x = torch.cat([beyond, 2 * picture - 1, over, level], dim=1)
        features = []
        for layer in self.layers[:-1]:
            x = F.leaky_relu(self.GAIN * layer(x), 0.2)
            features.append(x)
        return self.GAIN * self.layers[-1](x), features


class Heads(nn.Module):
    """Features of VGG19 -> a map of scores for each layer, the mask and the clip level beside them.

    On pixels a discriminator spends its time learning to see. The perceptual loss has these features anyway.
    """

    LAYERS = ("conv1_2", "conv2_2", "conv3_4")
    CHANNELS = (64, 128, 256)
    WIDTH = 32

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList(_head(channels + 2, self.WIDTH) for channels in self.CHANNELS)

    def forward(
        self, features: Sequence[Tensor], over: Float[Tensor, "b 3 h w"], clip_level: Float[Tensor, "b 1 1 1"]
    ) -> list[Tensor]:
        """``features`` of `LAYERS` of pictures in which light at the photo's clip level comes out as ``clip_level``."""
        scores = []
        for head, found in zip(self.heads, features, strict=True):
            size = (found.shape[-2], found.shape[-1])
            mask = F.adaptive_avg_pool2d(over.amax(1, keepdim=True), size)
            level = (2 * clip_level - 1).expand(-1, 1, *size)
            scores.append(head(torch.cat([found, mask, level], dim=1)))
        return scores


def _head(inputs: int, width: int) -> nn.Sequential:
    sizes = ((inputs, width, 1), (width, width, 3), (width, width, 3), (width, 1, 1))
    layers: list[nn.Module] = []
    for a, b, size in sizes:
        layers += [spectral_norm(nn.Conv2d(a, b, size, padding=size // 2)), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1])


def patch_weights(over: Float[Tensor, "b 3 h w"], scores: Float[Tensor, "b c h16 w16"]) -> Float[Tensor, "b 1 h16 w16"]:
    """How much each patch's score counts: from 0 at a quarter over-exposed to 1 at three quarters.

    Where little was reconstructed, real and fake are the same picture and no score can be right:
    such patches drown what there is to learn.
    """
    touched = F.adaptive_avg_pool2d(over.amax(1, keepdim=True), (scores.shape[-2], scores.shape[-1]))
    return (2 * touched - 0.5).clip(0, 1)
