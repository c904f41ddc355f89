"""Light made other light, before any camera takes it: colours, how bright its lamps are, glare, suns, blur.

Every function changes a batch, each picture by draws of its own, on the device where it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, Int32
from scipy import ndimage
from torch import Tensor

from reexposure.training.chance import Dice, each, surely

SCATTERED_UP_TO = 60000.0
"""Light over that is glared as that: a transform in single precision would lose the shadows beside it."""

PART_FROM_EV = 0.5
"""A part is what is connected and so many stops over 1.0."""

QUANTILE_PX = 8192
"""Of about so many pixels quantiles are taken: sorting all of them takes longer than the network."""

CELL_PX = 8
"""Places for a sun are looked for in cells of so many pixels a side."""

SUN_TRIES = 4
"""Places that are tried for a sun before there is none."""


def where(
    chosen: Bool[Tensor, " b"], change: Callable[[Float[Tensor, "b 3 h w"]], Float[Tensor, "b 3 h w"]],
    light: Float[Tensor, "b 3 h w"],
) -> Float[Tensor, "b 3 h w"]:  # fmt: skip
    """The light, changed in the pictures that were chosen."""
    if surely(~chosen):
        return light
    return torch.where(each(chosen), change(light), light)


def colours(dice: Dice) -> Float[Tensor, "b 3 3"]:
    """Matrices for linear light that change saturation, then white balance; no channel of white gets darker."""
    balance = dice.normal(0, 0.12, 3).exp()
    saturation = dice.uniform(0.6, 1.3)[:, None, None]
    mixed = saturation * torch.eye(3, device=saturation.device) + (1 - saturation) / 3
    return (balance / balance.amin(1, keepdim=True))[:, :, None] * mixed


def jittered(light: Float[Tensor, "b 3 h w"], matrix: Float[Tensor, "b 3 3"]) -> Float[Tensor, "b 3 h w"]:
    """The light under another white balance and with another saturation (see `colours`); it stays >= 0."""
    return torch.einsum("bij,bjhw->bihw", matrix, light).clip(0)


def with_glare(light: Float[Tensor, "b 3 h w"], dice: Dice) -> Float[Tensor, "b 3 h w"]:
    """What reaches the sensor when lens and air scatter a little of the light, widely.

    In a photo a sun is no dot but a broad burnt-out glow: scattering spreads a share of 0.3 to 10
    per cent over three Gaussians, each wider and weaker than the one before, which together fall
    off about as a real lens does. Panoramas, merged from exposures of seconds, show none of it.
    The truth to reconstruct includes the glow, since that is the light that clipped.
    """
    height, width = light.shape[-2:]
    padded = (height * 3 // 2, width * 3 // 2)  # zeros, so that glare does not wrap around
    share, sigma_px = dice.log_uniform(0.003, 0.1)[:, None, None], dice.log_uniform(0.005, 0.03)[:, None, None] * width
    fy = torch.fft.fftfreq(padded[0], device=light.device)[:, None]
    fx = torch.fft.rfftfreq(padded[1], device=light.device)
    squared = 2 * math.pi**2 * (fy**2 + fx**2)
    scattered = torch.zeros_like(squared)
    for weight, scale in ((0.6, 1.0), (0.3, 3.0), (0.1, 9.0)):
        scattered = scattered + weight * torch.exp(-squared * (sigma_px * scale) ** 2)
    transfer = (1 - share) + share * scattered
    spectrum = torch.fft.rfft2(light.clip(max=SCATTERED_UP_TO), s=padded) * transfer[:, None]
    return torch.fft.irfft2(spectrum, s=padded)[..., :height, :width].clip(0)


def with_spread(light: Float[Tensor, "b 3 h w"], times: Float[Tensor, " b"]) -> Float[Tensor, "b 3 h w"]:
    """Light over 1.0 with its stops over it multiplied by ``times``: 2 stops become 3 at 1.5. Hues stay.

    How much brighter than white the lamps of the panoramas are is a habit of theirs, which photographs need not share.
    """
    return light * light.amax(1, keepdim=True).clip(1) ** (each(times) - 1)


def parts_of(brightest: Float[np.ndarray, "h w"]) -> Int32[np.ndarray, "h w"]:
    """The number of the connected part over 1.0 that each pixel belongs to, from 1; 0 where there is none.

    ``brightest`` is the light of each pixel's brightest channel.
    """
    numbers: Int32[np.ndarray, "h w"] = ndimage.label(brightest > 2**PART_FROM_EV)[0]
    return numbers.astype(np.int32)


def with_shifted_parts(
    light: Float[Tensor, "b 3 h w"], parts: Int[Tensor, "b h w"], dice: Dice,
    begin_ev: Float[Tensor, " b"], *, count: int, over_ev: float = 3.0, shift_ev: float = 2.0,
) -> Float[Tensor, "b 3 h w"]:  # fmt: skip
    """Each connected part more than ``over_ev`` stops over 1.0 is made up to ``shift_ev`` stops darker or brighter.

    Then only the glare around a lamp, and not what kind of lamp it is, tells how bright it is. Parts meet their
    surroundings as before: the shift fades with the light down to ``begin_ev`` stops over 1.0, about where parts begin.
    ``parts`` holds numbers up to ``count``, as `parts_of` gives them.
    """
    stops = light.amax(1).clip(1).log2().flatten(1)
    numbers = parts.flatten(1).long()
    none = torch.zeros(len(light), count + 1, device=light.device)
    peaks = none.scatter_reduce(1, numbers, stops, "amax")
    shifts = torch.where(peaks > over_ev, dice.uniform(-shift_ev, shift_ev, count + 1), none)
    shifts[:, 0] = 0
    peak, shift, begin = peaks.gather(1, numbers), shifts.gather(1, numbers), begin_ev[:, None]
    # By a share of the stops, so that the rim of a part does not jump.
    ev = shift * ((stops - begin) / (peak - begin).clip(1)).clip(0, 1)
    return light * ev.exp2().view(len(light), 1, *light.shape[-2:])


def with_sun(light: Float[Tensor, "b 3 h w"], dice: Dice) -> Float[Tensor, "b 3 h w"]:
    """A sun in the brightest part of the upper two thirds, and what lens and air make of it; at 1.0 a photo clips.

    A sun of half a degree is thousands of times as bright as the sky, so that photos show a burnt blob instead: the
    glow around it, which falls with a power of the distance, clips out to 3 pixels or to a fifth of the picture.
    Panoramas hold few such suns, most of them cut off, and photographs none, so that a network takes the blob for pale
    sky. Where the glow could not be seen because what is around burns already, no sun is put: a network would learn to
    see suns in any white sky.
    """
    row, column = (torch.arange(float(side), device=light.device) for side in light.shape[-2:])
    row = row[:, None]
    bright, burns = _brightest_cells(light), light.amin(1) >= 1
    burnt_px, y, x = (torch.ones(len(light), device=light.device) for _ in range(3))
    placed = torch.zeros(len(light), dtype=torch.bool, device=light.device)
    for _ in range(SUN_TRIES):
        cell = (dice.uniform(0, 1, *bright.shape[1:]) * bright).flatten(1).argmax(1)
        tried_y = (cell // bright.shape[2] * CELL_PX + dice.whole(0, CELL_PX)).float()
        tried_x = (cell % bright.shape[2] * CELL_PX + dice.whole(0, CELL_PX)).float()
        reach_px = dice.log_uniform(3, light.shape[-1] / 5)
        near = torch.hypot(row - tried_y[:, None, None], column - tried_x[:, None, None]) < 2 * reach_px[:, None, None]
        seen = ~placed & ((burns & near).sum((1, 2)) < 0.25 * near.sum((1, 2)))
        burnt_px, y, x = (
            torch.where(seen, new, old) for new, old in ((reach_px, burnt_px), (tried_y, y), (tried_x, x))
        )
        placed = placed | seen
        if surely(placed):
            break
    down, right = row - y[:, None, None], column - x[:, None, None]
    return torch.where(each(placed), light + _sun(down[:, None], right[:, None], burnt_px, dice), light)


def _brightest_cells(light: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b rows columns"]:
    """1 in the brightest fifth of the upper two thirds, by the means of cells and what is around them, else 0."""
    sigma_px = light.shape[-1] / 32 / CELL_PX
    sigma = torch.full((len(light),), sigma_px, device=light.device)
    bright = blurred(F.avg_pool2d(light, CELL_PX), sigma, reach_px=math.ceil(3 * sigma_px)).amin(1)
    upper = bright[:, : max(1, 2 * bright.shape[1] // 3)]
    return (upper >= quantile(upper, torch.full_like(sigma, 0.8))[:, None, None]).float()


def _sun(
    down: Float[Tensor, "b 1 h 1"], right: Float[Tensor, "b 1 1 w"], burnt_px: Float[Tensor, " b"], dice: Dice
) -> Float[Tensor, "b 3 h w"]:
    """The light of suns and their glow, that clip out to ``burnt_px``, by the distance in pixels from their centres."""
    distance_px, angle = torch.hypot(down, right), torch.atan2(down, right)
    slope, warmth = each(dice.uniform(1.8, 3.2)), dice.uniform(0, 0.2)
    waves, phase, depth = (each(v) for v in (dice.whole(4, 17), dice.uniform(0, 6.3), dice.uniform(0, 0.3)))
    rays = 1 + depth * torch.cos(waves * angle + phase) ** 3
    hue = torch.stack([1 + warmth, torch.ones_like(warmth), 1 - warmth], dim=1)[:, :, None, None]
    disc_px = each((burnt_px * dice.log_uniform(0.1, 0.4)).clip(1))
    glow = (each(burnt_px) * rays * hue / distance_px.maximum(disc_px)) ** slope
    return glow + (disc_px - distance_px + 0.5).clip(0, 1) * each(dice.uniform(4, 9).exp2())


def blurred(
    picture: Float[Tensor, "b c h w"], sigma_px: Float[Tensor, " b"], reach_px: int
) -> Float[Tensor, "b c h w"]:
    """Each picture after a Gaussian of its ``sigma_px`` pixels; its edges are continued by their last value.

    The Gaussian is cut off ``reach_px`` pixels from its centre: three times the largest sigma is enough.
    """
    distance = torch.arange(-reach_px, reach_px + 1, device=picture.device) / sigma_px[:, None]
    weights = torch.exp(-0.5 * distance**2)
    weights = weights / weights.sum(1, keepdim=True)
    tall, wide = (0, 0, reach_px, reach_px), (reach_px, reach_px, 0, 0)
    for axis, edges in ((2, tall), (3, wide)):
        side, padded = picture.shape[axis], F.pad(picture, edges, mode="replicate")
        picture = torch.zeros_like(picture)
        for place, weight in enumerate(weights.unbind(1)):  # in a fifth of the time of a convolution of groups on CPUs
            picture.addcmul_(padded.narrow(axis, place, side), each(weight))
    return picture


def quantile(values: Float[Tensor, "b h w"], share: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    """Below which ``share`` of each picture's values lie, 0 to 1; of large pictures, of evenly spaced pixels."""
    flat = values.flatten(1)
    ordered = flat[:, :: max(1, flat.shape[1] // QUANTILE_PX)].sort(dim=1).values
    place = (share * (ordered.shape[1] - 1)).round().long()
    return ordered.gather(1, place[:, None])[:, 0]
