"""From light to ordinary photos: exposure, sensor noise, a random camera curve, sharpening, 8 bits, JPEG.

Every function works on a batch, each picture by draws of its own, on the device where it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from reexposure.light import camera
from reexposure.training import alter, jpeg
from reexposure.training.chance import Dice, each


@dataclass(frozen=True)
class Exposures:
    """How photos are exposed: mostly by the share of pixels that clip, else by a plain shift.

    Photos clip mildly far more often than severely, hence the log-uniform share. The plain shift
    is the source's ``ev`` of -3 to 3 on views of which 95 % lie in [0, 1].
    """

    clipped_share: tuple[float, float] = (0.005, 0.45)
    """Share of pixels that clip, from and to, 0 to 1."""
    shift_ev: tuple[float, float] = (-3.0, 3.0)
    """The plain shift in stops, from and to."""
    shift_probability: float = 0.2
    """Share of views that are shifted, 0 to 1."""

    def sample(self, light: Float[Tensor, "b 3 h w"], dice: Dice) -> Float[Tensor, " b"]:
        """An exposure in stops for each picture."""
        by_share = until_clipped(light, dice.log_uniform(*self.clipped_share))
        return torch.where(dice.happens(self.shift_probability), dice.uniform(*self.shift_ev), by_share)


@dataclass(frozen=True)
class PhotographExposures:
    """How ordinary photographs are over-exposed to make pairs of them: strongly, so that whole surfaces burn.

    What clips a little in an ordinary photograph that hardly clipped is barely above white, by construction; what clips
    a little in the photos of life are lamps, suns and glints. A network shown many of the former puts out the latter.
    """

    clipped_share: tuple[float, float] = (0.1, 0.6)
    """Share of pixels that clip, from and to, 0 to 1."""
    stops: tuple[float, float] = (1.0, 4.0)
    """But they are brightened by so many stops at least and at most."""
    lamps_ev: tuple[float, float] = (0.0, 0.7)
    """Those in which lamps burnt are shown about as they were taken, by this many stops brighter."""
    lamps_times: float = 1.0
    """By how much their lamps' stops over white, as the released network sees them, are multiplied: it is timid."""

    def sample(self, light: Float[Tensor, "b 3 h w"], dice: Dice) -> Float[Tensor, " b"]:
        """An exposure in stops for each picture."""
        return until_clipped(light, dice.uniform(*self.clipped_share)).clip(*self.stops)


def until_clipped(light: Float[Tensor, "b 3 h w"], share: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    """The stops that let ``share`` of each picture's pixels clip."""
    return -alter.quantile(light.amax(1), 1 - share).clip(1e-4).log2()


@dataclass(frozen=True)
class RandomResponse:
    """The curve of a random camera for each picture of a batch.

    The square-root camera, sRGB, a plain gamma or, mostly, a curve out of the camera family. Its S shape is where a
    network errs most: the shoulder squeezes a stop of light into the last 15 levels of 8 bits.
    """

    curves: tuple[tuple[Bool[Tensor, " b"], camera.Response], ...]
    """Which pictures each curve belongs to, one to every picture."""

    @classmethod
    def drawn(cls, dice: Dice) -> RandomResponse:
        """One that ``dice`` choose."""
        kind, gamma = dice.uniform(0, 1), each(dice.uniform(1.8, 2.4))
        n, s = each(dice.normal(0.9, 0.15).clip(0.6, 1.4)), each(dice.normal(0.6, 0.2).clip(0.2, 1.4))
        curves: tuple[tuple[float, camera.Response], ...] = (
            (0.2, camera.RESPONSES["sqrt"]),
            (0.35, camera.RESPONSES["srgb"]),
            (0.42, camera.PowerResponse(gamma)),
            (1.0, camera.SigmoidResponse(n, s)),
        )
        begins = (0.0, *(end for end, _ in curves))
        return cls(tuple(((a <= kind) & (kind < b), curve) for a, (b, curve) in zip(begins, curves, strict=False)))

    def encode(self, linear: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
        """Light in [0, 1], encoded."""
        for chosen, response in self.curves:
            linear = alter.where(chosen, response.encode, linear)
        return linear


def take_photo(
    light: Float[Tensor, "b 3 h w"], dice: Dice
) -> tuple[Float[Tensor, "b 3 h w"], Float[Tensor, "b 3 h w"]]:
    """8-bit JPEGs of ``light`` (1.0 clips), or large ones reduced, and the radiance maps that belong to them.

    Returns ``(photo, radiance)``: the photo encoded in [0, 1]; the radiance linear as the
    square-root camera sees it. Below the clip level the radiance is the photo without its noise,
    quantisation and compression, decoded by the square root: whatever curve the real camera had,
    that is the scale in which the photo's own pixels enter the radiance map. Above the clip level
    it is the light itself. Half of the cameras sharpen, as most do.
    """
    response = RandomResponse.drawn(dice)
    kept = camera.clip(light)
    ideal = response.encode(kept)
    noise = dice.normal(0, 1, *light.shape[1:])
    # A sensor's noise as it is: variance of photon noise for each unit of light, and of read-out noise.
    shot, read = each(dice.log_uniform(1e-5, 2e-3)), each(dice.log_uniform(1e-4, 4e-3))
    # What cameras leave of it: they smooth until about the same few levels of 8 bits remain everywhere.
    left = each(dice.log_uniform(0.1, 3) / 255)
    encoded = alter.where(
        dice.happens(0.5),
        lambda _: response.encode(camera.clip(light + noise * (shot * kept + read**2).sqrt())),
        (ideal + noise * left).clip(0, 1),
    )
    amount, sigma_px = dice.uniform(0.2, 1.0), dice.uniform(*SHARPENED_PX)
    encoded = alter.where(dice.happens(0.5), lambda soft: sharpened(soft, amount, sigma_px), encoded)
    quality, subsampled = dice.whole(70, 99).float(), dice.happens(0.6)
    # One in four is a large photo reduced, as the network will see it: rounding and blocks have averaged out.
    photo = alter.where(dice.happens(0.75), lambda fine: jpeg.compressed(fine, quality, subsampled), encoded)
    return photo, torch.where(light >= 1, light, camera.RESPONSES["sqrt"].decode(ideal))


SHARPENED_PX = (0.5, 1.2)
"""Sigma of the Gaussian of cameras that sharpen, from and to."""


def sharpened(
    encoded: Float[Tensor, "b 3 h w"], amount: Float[Tensor, " b"], sigma_px: Float[Tensor, " b"]
) -> Float[Tensor, "b 3 h w"]:
    """``encoded`` in [0, 1] after unsharp masking: ``amount`` times what a Gaussian of ``sigma_px`` takes is added."""
    soft = alter.blurred(encoded, sigma_px, reach_px=math.ceil(3 * SHARPENED_PX[1]))
    return (encoded + each(amount) * (encoded - soft)).clip(0, 1)
