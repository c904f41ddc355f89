"""The generator: a U-Net of gated convolutions that predicts the light of ill-exposed pixels.

Sources: Yu et al. 2019, "Free-form image inpainting with gated convolution" (gated convolution,
dilated centre); Ronneberger et al. 2015 (U-Net, skip connections).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from reexposure.light import blend, camera
from reexposure.training import efficientnet, shadows


@dataclass(frozen=True)
class Architecture:
    """Channels at 1/2, 1/4, ... of the photo's size; ``skips`` off is the source's first ablation."""

    widths: tuple[int, ...] = (24, 64, 96, 160, 160)
    """Channels at each of those sizes."""
    dilations: tuple[int, ...] = (1, 2, 4)
    """Of the convolutions at the smallest size, in pixels of it: how far they see."""
    skips: bool = True
    """Whether each size is joined to its like on the way back: an ablation."""
    attention: int = 0
    """Blocks of self-attention at the smallest size, over all of a picture at once."""
    encoder: Literal["none", "efficientnet-lite0"] = "none"
    """The frozen network whose features join the U-Net's of five widths, and tell a lamp from a sheet of paper."""
    only_shadows: bool = False
    """Whether there is no U-Net: a run that teaches shadows alone has nothing to pay for it."""

    @property
    def stride(self) -> int:
        """Heights and widths must be multiples of this."""
        return max(shadows.CELL_PX, int(2 ** len(self.widths)), 1 if self.encoder == "none" else max(efficientnet.READ))


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


class Attention(nn.Module):
    """Adds to each place what all places of a picture say: whether this is a lamp at night or paper on a desk.

    A block of Vaswani et al. 2017, "Attention is all you need", normalised before its parts (Xiong et al. 2020). It
    begins by adding nothing.
    """

    HEADS = 4

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.asked = nn.Conv2d(width, 3 * width, 1)
        self.answered = Silent(width, width, size=1)
        self.wide, self.narrow = nn.Conv2d(width, 2 * width, 1), Silent(2 * width, width, size=1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        query, key, value = (
            torch.unflatten(part.flatten(2), 1, (self.HEADS, -1))
            for part in self.asked(_along(self.before, x)).chunk(3, dim=1)
        )
        weights = torch.softmax(query.transpose(2, 3) @ key / query.shape[2] ** 0.5, dim=-1)
        told = (value @ weights.transpose(2, 3)).flatten(1, 2).reshape(x.shape)
        x = x + self.answered(told)
        return x + self.narrow(F.gelu(self.wide(_along(self.after, x))))


def _along(norm: nn.Module, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
    """``norm`` over the channels of each place."""
    return norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


MAX_GAIN_EV = 14.0
"""No prediction is further from the photo's own value, whatever the network is shown."""

RESIDUAL = 0.2
"""Initial size of what a residual block adds: a sum of two signals would otherwise grow at each."""

AROUND = 7
"""Places, of 32 pixels each, over which the encoder's features are pooled: 192-pixel crops have six."""


class Generator(nn.Module):
    """Photo and masks -> log2 gain of over-exposed values, and what noise and rounding did to under-exposed ones.

    Highlights are invented by the U-Net, which has to see the whole scene; shadows are cleaned by a few
    convolutions, which see 14 pixels to each side. The picture enters and leaves both by squares of 2 pixels,
    so that the widest maps are at a quarter of its size. All outputs start at zero: the untrained
    network is the plain brightness change.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.only_shadows = architecture.only_shadows
        if not self.only_shadows:
            self._grow(architecture)
        learns = not self.only_shadows and architecture.encoder != "none"
        self.meaning = Meaning(architecture.widths) if learns else None
        self.shadows = shadows.Shadows()

    def _grow(self, architecture: Architecture) -> None:
        widths = architecture.widths
        self.skips = architecture.skips
        self.stem = GatedConv(4 * 9, widths[0])
        self.down = nn.ModuleList(GatedConv(a, b, stride=2) for a, b in itertools.pairwise(widths))
        self.encode = nn.ModuleList(GatedConv(w, w, size=RESIDUAL) for w in widths[1:])
        self.centre = nn.ModuleList(
            GatedConv(widths[-1], widths[-1], dilation=d, size=RESIDUAL) for d in architecture.dilations
        )
        self.attention = nn.ModuleList(Attention(widths[-1]) for _ in range(architecture.attention))
        shared = widths[:-1] if architecture.skips else [0] * (len(widths) - 1)
        self.up = nn.ModuleList(
            GatedConv(below + skip, here)
            for below, skip, here in zip(widths[:0:-1], shared[::-1], widths[-2::-1], strict=True)
        )
        self.head = Silent(widths[0], 4 * 3)

    def forward(
        self, photo: Float[Tensor, "b 3 h w"], masks: Float[Tensor, "b 6 h w"]
    ) -> tuple[Float[Tensor, "b 3 h w"], Float[Tensor, "b 3 h w"]]:
        """Log2 gain (>= 0) of over-exposed values, and the correction of under-exposed ones.

        ``photo`` is linear, ``masks`` are its over- and under-exposure (see `masks_of`). Corrections
        are encoded, and small: what more a network says of a shadow is not noise.
        """
        # Linear light hides the shadows from the first layer, so the network reads it square-rooted.
        encoded = torch.sqrt(photo)
        correction = shadows.spread(self.shadows(encoded))
        if self.only_shadows:
            return torch.zeros_like(photo), correction
        # softplus(-3) is 0.05 stops: pale skies that only just clipped are the common case.
        gain = F.softplus(_without_grid(self._invented(encoded, masks)) - 3)
        return gain.clamp(max=MAX_GAIN_EV), correction

    def _invented(self, encoded: Float[Tensor, "b 3 h w"], masks: Float[Tensor, "b 6 h w"]) -> Float[Tensor, "b 3 h w"]:
        x = self.stem(F.pixel_unshuffle(torch.cat([encoded, masks], dim=1), 2))
        joined = self.meaning(encoded) if self.meaning is not None else {}
        maps = []
        for level, (down, encode) in enumerate(zip(self.down, self.encode, strict=True)):
            maps.append(x)
            x = down(x)
            x = x + encode(x)
            if level in joined:
                x = x + joined[level]
        for centre in self.centre:
            x = x + centre(x)
        for attention in self.attention:
            x = attention(x)
        for up in self.up:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            skip = maps.pop()
            x = up(torch.cat([x, skip], dim=1) if self.skips else x)
        return F.pixel_shuffle(self.head(x), 2)


class Meaning(nn.Module):
    """What a photo shows, by a frozen encoder, as what is to be added to the U-Net's maps.

    Features of a place join the map of their size; their mean and maximum over the places around join the smallest. All
    convolutions in between start at zero, so that a network given an encoder begins as it was without.

    Around is as far as training crops reach. A maximum over a whole photo, of many more places than a crop has, is
    larger than any that was learnt from: it dimmed every lamp of a photo seen whole, by up to a stop.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.encoder = efficientnet.EfficientNet()
        channels = efficientnet.CHANNELS
        self.places = nn.ModuleList(
            Silent(channels[scale], width, size=1) for scale, width in zip(channels, widths[2:], strict=True)
        )
        # Without a bias: the last place's is added to the same values, and an export merges weights that are alike.
        self.around = Silent(2 * channels[max(channels)], widths[-1], size=1, bias=False)

    def forward(self, encoded: Float[Tensor, "b 3 h w"]) -> dict[int, Float[Tensor, "b c h2 w2"]]:
        """What joins the map of each level; level 0 is a quarter of the photo's size."""
        found = self.encoder(encoded)
        last = found[max(found)]
        mean = F.avg_pool2d(last, AROUND, 1, padding=AROUND // 2, count_include_pad=False)
        around = torch.cat([mean, F.max_pool2d(last, AROUND, 1, padding=AROUND // 2)], dim=1)
        joined = [place(features) for place, features in zip(self.places, found.values(), strict=True)]
        joined[-1] = joined[-1] + self.around(around)
        return dict(enumerate(joined, start=1))


class Silent(nn.Conv2d):
    """A convolution whose outputs are zero until it has learnt something."""

    def __init__(self, inputs: int, outputs: int, size: int = 3, bias: bool = True) -> None:
        super().__init__(inputs, outputs, size, padding=size // 2, bias=bias)
        nn.init.zeros_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


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
    root = camera.RESPONSES["sqrt"]
    linear, masks = root.decode(encoded), masks_of(encoded)
    gain, correction = (found.float() for found in generator(linear, masks))
    over, under = masks.chunk(2, dim=1)
    shadows = torch.where(under > 0, root.decode(blend.cleaned(encoded, under, correction)), linear)
    return torch.where(over > 0, blend.over_exposed_light(linear, over, gain), shadows)
