"""How far drawn texture is from real texture as a whole: the distance of two Gaussians of VGG19's features.

Sources: Heusel et al. 2017, arXiv:1706.08500 (the Frechet distance of features); Mathiasen and Hvilshoj 2020,
arXiv:2009.14075 (descending it).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

KEPT = 0.97
"""What is known of a distribution is kept from step to step by this share: no batch holds enough pictures."""

MIN_PLACES = 64
"""Of fewer places no covariance is worth anything."""

EPSILON = 1e-6
"""Added to squared variances: a root's slope has no end at zero."""


class Moments(nn.Module):
    """Means and products of features inside masks, of the drawn pictures and the real ones of the last steps.

    A picture can have the texture that another lacks. `losses.style_error` forbids that, and where a network cannot
    know what texture there was, that leads to none at all.
    """

    means: Tensor
    products: Tensor
    steps: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("means", torch.zeros(2, channels))
        self.register_buffer("products", torch.zeros(2, channels, channels))
        self.register_buffer("steps", torch.zeros(()))

    def forward(
        self, drawn: Float[Tensor, "b c h w"], real: Float[Tensor, "b c h w"], mask: Float[Tensor, "b 3 h2 w2"]
    ) -> Float[Tensor, ""]:
        """The distance as a share of the real features' variance, each feature in units of its deviation: 0 is right.

        Its gradient is the batch's as if there were nothing else, its value that of all that is kept.
        """
        inside = inside_of(mask, (drawn.shape[-2], drawn.shape[-1]))
        if not inside.sum() > MIN_PLACES:
            return 0.0 * drawn.sum()
        share = 1 - min(KEPT, float(self.steps) / (1 + float(self.steps)))
        self.steps += 1
        pooled = zip(*(_pooled(each, inside) for each in (drawn, real.detach())), strict=True)
        found = []
        for kept, (told, true) in zip((self.means, self.products), pooled, strict=True):
            kept.lerp_(torch.stack([told, true]).detach(), share)
            found.append((kept[0] + told - told.detach(), kept[1]))
        (mean, right_mean), (product, right_product) = found
        right = right_product - torch.outer(right_mean, right_mean)
        deviation = right.diagonal().clip(1e-6).sqrt()
        size = torch.outer(deviation, deviation)
        moved = ((mean - right_mean) / deviation).square().sum()
        return (moved + distance((product - torch.outer(mean, mean)) / size, right / size)) / len(deviation)


def inside_of(mask: Float[Tensor, "b 3 h w"], size: tuple[int, int]) -> Float[Tensor, "b 1 n"]:
    """1 well inside ``mask``, in maps of features of ``size``: the mask's own edge is nobody's texture."""
    share = F.adaptive_avg_pool2d(mask.amax(1, keepdim=True), size)
    return (-F.max_pool2d(-share, 5, 1, 2)).clip(0).flatten(2)


def _pooled(
    features: Float[Tensor, "b c h w"], weights: Float[Tensor, "b 1 n"]
) -> tuple[Float[Tensor, " c"], Float[Tensor, "c c"]]:
    """The mean of all pictures' features, and the mean of their products in pairs."""
    places = (features.flatten(2) * weights.sqrt()).transpose(0, 1).flatten(1)
    total = weights.sum()
    return (features.flatten(2) * weights).sum((0, 2)) / total, places @ places.T / total


def distance(a: Float[Tensor, "c c"], b: Float[Tensor, "c c"]) -> Float[Tensor, ""]:
    """Squared Frechet distance of two Gaussians of the same mean, of covariances ``a`` and ``b``."""
    values, vectors = torch.linalg.eigh(b.detach())
    root = (vectors * values.clip(0).sqrt()) @ vectors.T
    both = root @ a @ root
    shared = (torch.linalg.eigvalsh((both + both.T) / 2).clip(0) + EPSILON).sqrt()
    return a.diagonal().sum() + b.diagonal().sum() - 2 * shared.sum()
