"""The detail network: draws texture over faithful light, which is fog, without changing how much light there is.

Sources: Yu et al. 2019, "Free-form image inpainting with gated convolution" (coarse to fine); Karras et al. 2019,
"A style-based generator architecture" (noise at every scale).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from reexposure.light import blend, camera
from reexposure.training.generator import RESIDUAL, GatedConv, Silent

MAX_EV = 1.5
"""Detail moves no light by more, before its mean is taken off."""

MAX_HUE_EV = 0.075
"""Nor one channel against the others."""

MAX_TEXTURE_EV, TEXTURE_PX = 0.09, 16
"""Root mean square of what is drawn over squares of so many pixels, at most: in bright windows more of it sparkles."""

CELL_PX = 32
"""How much light there is is the faithful network's word over squares of this size."""

UNEVEN_EV = (1.2, 2.2)
"""Where light differs by so much within NEAR_PX it rises towards a sun or a lamp, whose glow is smooth: from the first
on less is drawn, from the second nothing."""

LAMP_EV = (2.6, 3.4)
"""Light so far over the clip level is a sun's or a lamp's, however even: the same."""

NEAR_PX = 8
"""Near is within three to four squares of this size."""

GAIN_EV = 4.0
"""Faithful gain is divided by this, so that it enters in the size of the other inputs."""


@dataclass(frozen=True)
class DetailArchitecture:
    """Channels at 1/2, 1/4, ... of the size at which detail is drawn; none: no detail network is trained."""

    widths: tuple[int, ...] = ()
    """Channels at each of those sizes."""


class DetailNetwork(nn.Module):
    """Photo, faithful gain and noise -> stops to be added to that gain where all channels clipped.

    A small U-Net of gated convolutions, which sees a noise of its own at every scale. Its answer has no mean over
    squares of CELL_PX pixels, and starts at zero: the untrained network leaves faithful light as it is.
    """

    def __init__(self, architecture: DetailArchitecture) -> None:
        super().__init__()
        widths = architecture.widths
        self.stem = GatedConv(4 * 10, widths[0])
        self.down = nn.ModuleList(GatedConv(a, b, stride=2) for a, b in itertools.pairwise(widths))
        self.encode = nn.ModuleList(GatedConv(w + 1, w, size=RESIDUAL) for w in widths[1:])
        self.centre = GatedConv(widths[-1], widths[-1], size=RESIDUAL)
        self.up = nn.ModuleList(GatedConv(a + b, b) for a, b in itertools.pairwise(widths[::-1]))
        self.shuffled = nn.Conv2d(widths[0], 4 * 8, 3, padding=1)
        # At full size once more, or what a pixel shuffle leaves behind would show as a grid.
        self.head = Silent(8 + 1, 4)

    def forward(
        self,
        photo: Float[Tensor, "b 3 h w"],
        gain: Float[Tensor, "b 3 h w"],
        noise: Float[Tensor, "b 1 h w"],
    ) -> Float[Tensor, "b 3 h w"]:
        """``photo`` is encoded, ``gain`` in stops, ``noise`` of mean 0 and deviation 1; sides are multiples of 32."""
        over = camera.over_exposure(photo)
        x = self.stem(F.pixel_unshuffle(torch.cat([2 * photo - 1, over, over * gain / GAIN_EV, noise], dim=1), 2))
        maps = []
        for level, (down, encode) in enumerate(zip(self.down, self.encode, strict=True)):
            maps.append(x)
            x = down(x)
            x = x + encode(torch.cat([x, _sparse(noise, 4 << level)], dim=1))
        x = x + self.centre(x)
        for up in self.up:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = up(torch.cat([x, maps.pop()], dim=1))
        fine = F.leaky_relu(F.pixel_shuffle(self.shuffled(x), 2), 0.2)
        told = torch.tanh(self.head(torch.cat([fine, noise], dim=1)))
        light, hue = told[:, :1], told[:, 1:]
        where = drawn_on(photo, gain)
        return _moderate(_detail(MAX_EV * light + MAX_HUE_EV * (hue - hue.mean(1, keepdim=True)), where), where)


def _sparse(noise: Float[Tensor, "b 1 h w"], step: int) -> Float[Tensor, "b 1 h2 w2"]:
    """Every so manieth value of ``noise``, none of them one that another step takes."""
    return noise[:, :, step // 2 - 1 :: step, step // 2 - 1 :: step]


def lost_of(photo: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1 h w"]:
    """How far all channels clipped: where one is left, it says itself what texture there was."""
    return camera.over_exposure(photo).amin(1, keepdim=True)


def drawn_on(photo: Float[Tensor, "b 3 h w"], gain: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1 h w"]:
    """How far detail is drawn, 0 to 1: where all channels clipped, and light is even, so on no lamp nor near one."""
    lost = lost_of(photo)
    light = lost * gain.mean(1, keepdim=True)
    share = F.avg_pool2d(lost, NEAR_PX)
    # A square of which some did not clip has a rim's light, which is less in any case.
    whole = (share > 0.9).float()
    mean = whole * F.avg_pool2d(light, NEAR_PX) / (share + 1e-3)
    least = GAIN_EV * _highest_near(whole) - _highest_near(whole * (GAIN_EV - mean))
    most = F.max_pool2d(light, NEAR_PX)
    even = _falling(_highest_near(most) - least, UNEVEN_EV)
    no_lamp = _falling(F.max_pool2d(most, 3, 1, 1), LAMP_EV)
    return lost * F.interpolate(even * no_lamp, scale_factor=float(NEAR_PX), mode="bilinear")


def _highest_near(squares: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 1 h w"]:
    """The highest value within three squares of each."""
    return F.max_pool2d(squares, 7, 1, 3)


def _falling(stops: Float[Tensor, "b 1 h w"], between: tuple[float, float]) -> Float[Tensor, "b 1 h w"]:
    """1 up to the first of ``between``, 0 from the second on."""
    first, last = between
    return ((last - stops) / (last - first)).clip(0, 1)


def wanted(
    photo: Float[Tensor, "b 3 h w"], gain: Float[Tensor, "b 3 h w"], truth: Float[Tensor, "b 3 h w"]
) -> Float[Tensor, "b 3 h w"]:
    """The best answer of a detail network: what the truth has over faithful ``gain``, its mean taken off.

    Real and drawn pictures then hold the same light over squares of CELL_PX pixels, and nothing but texture is left
    for a discriminator to tell them apart by.
    """
    return _detail(torch.log2(truth.clip(1)) - gain, drawn_on(photo, gain)).clip(-MAX_EV, MAX_EV)


def _detail(stops: Float[Tensor, "b 3 h w"], where: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 3 h w"]:
    """``stops`` as far as ``where`` says, their mean taken off."""
    mean = F.avg_pool2d(where * where * stops, CELL_PX) / (F.avg_pool2d(where, CELL_PX) + 1e-4)
    return where * (where * stops - F.interpolate(mean, scale_factor=float(CELL_PX), mode="bilinear"))


def _moderate(drawn: Float[Tensor, "b 3 h w"], where: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b 3 h w"]:
    """``drawn``, weaker where its root mean square as far as ``where`` says would be over MAX_TEXTURE_EV."""
    squared = F.avg_pool2d(drawn.mean(1, keepdim=True) ** 2, TEXTURE_PX) / (F.avg_pool2d(where, TEXTURE_PX) + 0.05)
    share = MAX_TEXTURE_EV / torch.sqrt(squared + 1e-8).clip(MAX_TEXTURE_EV)
    return drawn * F.interpolate(share, scale_factor=float(TEXTURE_PX), mode="bilinear")


def light_with(photo: Float[Tensor, "b 3 h w"], gain: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
    """The light of encoded photos whose over-exposed values get ``gain`` stops, or none where that is below zero."""
    linear, over = camera.RESPONSES["sqrt"].decode(photo), camera.over_exposure(photo)
    return torch.where(over > 0, blend.over_exposed_light(linear, over, gain.clip(0)), linear)
