"""The generator: a U-Net of gated convolutions that predicts the light of ill-exposed pixels.

Sources: Yu et al. 2019, "Free-form image inpainting with gated convolution" (gated convolution,
dilated centre); Ronneberger et al. 2015 (U-Net, skip connections).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from reexposure import blend, camera


@dataclass(frozen=True)
class Architecture:
    """Channels at 1/2, 1/4, ... of the photo's size; ``skips`` off is the source's first ablation."""

    widths: tuple[int, ...] = (24, 64, 96, 160, 160)
    dilations: tuple[int, ...] = (1, 2, 4)
    skips: bool = True

    @property
    def stride(self) -> int:
        """Heights and widths must be multiples of this."""
        return int(2 ** len(self.widths))


class GatedConv(nn.Module):
    """``leaky_relu(features) * sigmoid(gate)``: a convolution that learns which pixels to believe."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, dilation: int = 1, size: float = 1.0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, 2 * outputs, 3, stride, padding=dilation, dilation=dilation)
        # He initialisation, with what the gates take away on average given back to the features,
        # so that without any normalisation signals keep their size from the first layer to the last.
        nn.init.kaiming_normal_(self.conv.weight, a=0.2)
        with torch.no_grad():
            self.conv.weight[:outputs] *= 1.77 * size
        nn.init.zeros_(self.conv.bias)  # type: ignore[arg-type]

    def forward(self, x: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o h2 w2"]:
        features, gate = self.conv(x).chunk(2, dim=1)
        return F.leaky_relu(features, 0.2) * torch.sigmoid(gate)


MAX_GAIN_EV = 14.0
"""No prediction is further from the photo's own value, whatever the network is shown."""

RESIDUAL = 0.2
"""Initial size of what a residual block adds: a sum of two signals would otherwise grow at each."""


class Generator(nn.Module):
    """Encoded photo and masks -> log2 gain of over- and under-exposed pixels.

    The picture enters and leaves by a pixel shuffle, so that the widest maps are at a quarter of
    its size. All gains start at zero: the untrained network is the plain brightness change.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        widths = architecture.widths
        self.skips = architecture.skips
        self.stem = GatedConv(4 * 9, widths[0])
        self.down = nn.ModuleList(GatedConv(a, b, stride=2) for a, b in itertools.pairwise(widths))
        self.encode = nn.ModuleList(GatedConv(w, w, size=RESIDUAL) for w in widths[1:])
        self.centre = nn.ModuleList(
            GatedConv(widths[-1], widths[-1], dilation=d, size=RESIDUAL) for d in architecture.dilations
        )
        shared = widths[:-1] if architecture.skips else [0] * (len(widths) - 1)
        self.up = nn.ModuleList(
            GatedConv(below + skip, here)
            for below, skip, here in zip(widths[:0:-1], shared[::-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], 4 * 6, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, photo: Float[Tensor, "b 3 h w"], masks: Float[Tensor, "b 6 h w"]) -> Float[Tensor, "b 6 h w"]:
        """Log2 gain, three channels each for over- (>= 0) and under-exposed pixels (any sign).

        ``photo`` is linear, ``masks`` are its over- and under-exposure (see `masks_of`).
        """
        # Linear light hides the shadows from the first layer, so the network reads it square-rooted.
        x = torch.cat([torch.sqrt(photo), masks], dim=1)
        x = self.stem(F.pixel_unshuffle(x, 2))
        maps = []
        for down, encode in zip(self.down, self.encode, strict=True):
            maps.append(x)
            x = down(x)
            x = x + encode(x)
        for centre in self.centre:
            x = x + centre(x)
        for up in self.up:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            skip = maps.pop()
            x = up(torch.cat([x, skip], dim=1) if self.skips else x)
        over, under = _without_grid(F.pixel_shuffle(self.head(x), 2)).chunk(2, dim=1)
        # softplus(-3) is 0.05 stops: pale skies that only just clipped are the common case.
        return torch.cat([F.softplus(over - 3).clamp(max=MAX_GAIN_EV), under.clamp(-MAX_GAIN_EV, MAX_GAIN_EV)], dim=1)


def _without_grid(x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
    """Binomial smoothing over 3 x 3 pixels, which removes patterns that repeat every two pixels.

    A pixel shuffle can leave such a grid, and it shows as stripes in an enlarged sky. Two means
    over 2 x 2 pixels are that filter.
    """
    return F.avg_pool2d(F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 2, 1), 2, 1)


def masks_of(encoded: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 6 h w"]:
    """The over- and under-exposure masks of a photo, stacked."""
    return torch.cat([camera.over_exposure(encoded), camera.under_exposure(encoded)], dim=1)


def reconstruct(generator: nn.Module, encoded: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
    """Encoded photos -> radiance maps, with the gradient of ``generator``."""
    linear, masks = camera.RESPONSES["sqrt"].decode(encoded), masks_of(encoded)
    gain_over, gain_under = generator(linear, masks).float().chunk(2, dim=1)
    over, under = masks.chunk(2, dim=1)
    shadows = torch.where(under > 0, blend.under_exposed_light(linear, under, gain_under), linear)
    return torch.where(over > 0, blend.over_exposed_light(linear, over, gain_over), shadows)
