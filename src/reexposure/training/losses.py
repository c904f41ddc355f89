"""What the generator is told: log-domain error, perceptual distance, and the discriminator's word."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from reexposure.light import camera
from reexposure.training import moments

DARK = 1e-3
"""Added to light before its logarithm: black has none, and below 8/255 encoded it is all dark."""

MID_GREY_EV = -2.3
"""Stops below the clip level at which light is mid grey: 0.2, encoded 0.45."""


OCTAVES_PX = (1, 2, 4, 8)
"""Texture is compared in means over squares of these."""

FAINT = 0.7 / 255
"""A slope of encoded pictures for each pixel that nobody sees: no smaller one has to be right."""

EXCESS = 4.0
"""Too much texture weighs so much more than too little: a woollen sky is seen sooner than smooth cloth."""

MANY_PIXELS = 2000
"""A picture with so many pixels to compare counts whole, one with fewer by its share of them."""


def log_error(
    radiance: Float[Tensor, "b 3 h w"], truth: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"], px: int = 1
) -> Float[Tensor, ""]:
    """Mean squared error in stops under ``mask``, each picture counting the same.

    A picture with less than half a percent under the mask counts by what it has. The errors squared are means over
    squares of ``px`` pixels: above 1 they say how much light there is, and leave it open how it is textured.
    """
    return squared_error(_stops(radiance, truth), mask, px)


def squared_error(stops: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"], px: int = 1) -> Float[Tensor, ""]:
    """Mean of ``stops`` squared under ``mask``; ``px`` as in `log_error`."""
    error, mask = _means(stops, mask, px)
    return _masked_mean(error**2, mask)


def log_rms_error(
    radiance: Float[Tensor, "b 3 h w"], truth: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"], px: int = 1
) -> Float[Tensor, ""]:
    """Root mean square error in stops under ``mask`` of each picture, averaged; ``px`` as in `log_error`.

    Squared, the few pictures with a sun in them outweigh all that clipped mildly.
    """
    error, mask = _means(_stops(radiance, truth), mask, px)
    return torch.sqrt(_each(error**2, mask) + 1e-3).mean()


def reached(
    truth: Float[Tensor, "b 3 h w"], radiance: Float[Tensor, "b 3 h w"], bounds: Float[Tensor, "b 3 h w"]
) -> Float[Tensor, "b 3 h w"]:
    """``truth``, but where it is a lower bound (``bounds`` is 1) that ``radiance`` has reached, ``radiance`` itself.

    Of a bound only what is missing to it is an error, in whatever way errors are measured.
    """
    return torch.where((bounds > 0) & (radiance > truth), radiance.detach(), truth)


def attention(
    over: Float[Tensor, "b 3 h w"], truth: Float[Tensor, "b 3 h w"], bright: float
) -> Float[Tensor, "b 3 h w"]:
    """``over`` times 1 up to 2 stops over the clip level, rising to 1 + ``bright`` from 4 stops on.

    Suns and lamps are a tenth of what clipped, hold most of the error in stops, and come out too dim.
    """
    stops = torch.log2(truth.detach().clip(1))
    return over * (1 + bright * ((stops - 2) / 2).clip(0, 1))


def chroma_error(
    radiance: Float[Tensor, "b 3 h w"], truth: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"]
) -> Float[Tensor, ""]:
    """Mean squared error in stops of each channel against the mean of the three: of hue, not of light."""
    stops = _stops(radiance, truth)
    return _masked_mean((stops - stops.mean(1, keepdim=True)) ** 2, mask)


def relative_error(
    picture: Float[Tensor, "b 3 h w"],
    naive: Float[Tensor, "b 3 h w"],
    truth: Float[Tensor, "b 3 h w"],
    mask: Float[Tensor, "b 3 h w"],
    floor: float = 3e-4,
) -> Float[Tensor, ""]:
    """Squared error of each picture as a share of the plain brightness change's, averaged.

    Above 1 the reconstruction did harm. An error of the plain brightness change that nobody sees is
    no yardstick: ``floor`` (35 dB) is added to it.
    """
    return (_each((picture - truth) ** 2, mask) / (_each((naive - truth) ** 2, mask) + floor)).mean()


def picture_error(
    picture: Float[Tensor, "b 3 h w"], truth: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"], px: int = 1
) -> Float[Tensor, ""]:
    """Mean squared error of encoded pictures under ``mask``: what a viewer sees; ``px`` as in `log_error`."""
    error, mask = _means(picture - truth, mask, px)
    return _masked_mean(error**2, mask)


def mid_grey_ev(
    truth: Float[Tensor, "b 3 h w"], over: Float[Tensor, "b 3 h w"], otherwise: Float[Tensor, "b 1 1 1"]
) -> Float[Tensor, "b 1 1 1"]:
    """The exposure at which the median of what clipped comes out mid grey; ``otherwise`` where next to nothing did.

    At most others it is black or burnt, and there is nothing to tell real from reconstructed by.
    """
    clipped = over.amax(1).flatten(1) > 0.5
    count = clipped.sum(1, keepdim=True)
    # Without a loop over pictures: on a GPU each of its turns would wait for the one before.
    sorted_light = torch.where(clipped, truth.mean(1).flatten(1), torch.inf).sort(1).values
    median = sorted_light.gather(1, (count - 1).clip(0) // 2)
    found = torch.where(count >= 16, MID_GREY_EV - torch.log2(median), otherwise.flatten(1))
    return found[:, :, None, None]


def pictures(
    radiance: Float[Tensor, "b c h w"], ev: Float[Tensor, "#b 1 1 1"], linear: bool = False
) -> Float[Tensor, "b c h w"]:
    """The radiance map exposed by ``ev``, clipped and square-root encoded, differentiably.

    ``linear`` leaves out the square root: the source's second ablation.
    """
    # The root's slope is infinite at zero; below half a step of 8 bits nobody sees the difference.
    clipped = camera.expose(radiance, ev).clip(0.002**2, 1)
    return clipped if linear else camera.RESPONSES["sqrt"].encode(clipped)


def pushed_error(
    radiance: Float[Tensor, "b 3 h w"],
    naive: Float[Tensor, "b 3 h w"],
    truth: Float[Tensor, "b 3 h w"],
    ev: Float[Tensor, "#b 1 1 1"],
    mask: Float[Tensor, "b 3 h w"],
) -> Float[Tensor, ""]:
    """`relative_error` of pictures that brighten all three by ``ev`` stops, where shadows show their noise."""
    picture, plain, right = (pictures(light, ev) for light in (radiance, naive, truth))
    return relative_error(picture, plain, right, mask, floor=3e-5)


def octave_error(
    drawn: Float[Tensor, "b 3 h w"], real: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"]
) -> Float[Tensor, ""]:
    """Squared logarithm of how much more, or less, texture drawn pictures have than real ones under ``mask``.

    Texture is the mean slope of brightness, of means over squares of each of `OCTAVES_PX`. Only how much of it there is
    counts, so that a network may answer for each picture without knowing where: it is neither fog nor grain.
    """
    total, weights = drawn.new_zeros(()), drawn.new_zeros(())
    size = (mask.shape[-2], mask.shape[-1])
    inside = torch.unflatten(moments.inside_of(mask, size), 2, size)
    for px in OCTAVES_PX:
        whole = -F.max_pool2d(-inside, px)
        # A slope is known where the pixel, the next and the one below are.
        known = (whole[..., :-1, :-1] * whole[..., 1:, :-1] * whole[..., :-1, 1:]).flatten(1)
        count = known.sum(1)
        told, true = ((_slopes(F.avg_pool2d(p.mean(1, keepdim=True), px)) * known).sum(1) for p in (drawn, real))
        faint = FAINT * count.clip(1)
        error = torch.log((told + faint) / (true + faint))
        error = error**2 * torch.where(error > 0, EXCESS, 1.0)
        weight = (count * px * px / MANY_PIXELS).clip(0, 1)
        total, weights = total + (error * weight).sum(), weights + weight.sum()
    return total / weights.clip(1e-6)


def _slopes(picture: Float[Tensor, "b 1 h w"]) -> Float[Tensor, "b n"]:
    """How steep ``picture`` is at each pixel but the last ones."""
    across = picture[..., :-1, 1:] - picture[..., :-1, :-1]
    down = picture[..., 1:, :-1] - picture[..., :-1, :-1]
    return (across**2 + down**2 + 1e-8).sqrt().flatten(1)


def hinge_discriminator(
    real: Float[Tensor, "b c h w"], fake: Float[Tensor, "b c h w"], weights: Float[Tensor, "b 1 h w"]
) -> Float[Tensor, ""]:
    """Hinge loss of the discriminator; 2 means that it tells nothing apart."""
    return _weighted(F.relu(1 - real) + F.relu(1 + fake), weights)


def hinge_generator(fake: Float[Tensor, "b c h w"], weights: Float[Tensor, "b 1 h w"]) -> Float[Tensor, ""]:
    """Hinge loss of the generator."""
    return -_weighted(fake, weights)


def feature_matching(real: list[Tensor], fake: list[Tensor]) -> Float[Tensor, ""]:
    """Mean distance of the discriminator's features: what stands in where no VGG19 weights are."""
    return torch.stack([F.l1_loss(f, r.detach()) for r, f in zip(real, fake, strict=True)]).mean()


def style_error(
    fake: Float[Tensor, "b c h2 w2"], real: Float[Tensor, "b c h2 w2"], mask: Float[Tensor, "b 3 h w"]
) -> Float[Tensor, ""]:
    """Distance of the correlations of features well inside ``mask``, as a share of the real ones' size.

    Texture is told by which features come together, wherever they do. Features are taken without their means, which
    say how bright a picture is, and in units of the real one's deviation: most of a texture lies in weak ones.
    Source: Gatys et al. 2015, arXiv:1508.06576.
    """
    weights = moments.inside_of(mask, (fake.shape[-2], fake.shape[-1]))
    told, true = (_covariance(features.flatten(2), weights) for features in (fake, real))
    variance = true.detach().diagonal(dim1=1, dim2=2).clip(1e-4)
    size = (variance[:, :, None] * variance[:, None]).sqrt()
    errors = (((told - true) / size) ** 2).mean((1, 2)), ((true / size) ** 2).mean((1, 2))
    enough = (weights.sum((1, 2)) > 16).float()
    # Some pictures have many times the texture that another leaves out: none is to outweigh the batch.
    return (enough * torch.log1p(errors[0] / errors[1].clip(1e-2))).sum() / enough.sum().clip(1)


def _covariance(features: Float[Tensor, "b c n"], weights: Float[Tensor, "b 1 n"]) -> Float[Tensor, "b c c"]:
    """Of each picture by itself."""
    count = weights.sum(2, keepdim=True).clip(1)
    mean = (features * weights).sum(2, keepdim=True) / count
    apart = (features - mean) * weights.sqrt()
    return apart @ apart.transpose(1, 2) / count


def _means(
    error: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"], px: int
) -> tuple[Float[Tensor, "b 3 h2 w2"], Float[Tensor, "b 3 h2 w2"]]:
    """The mean of ``error`` under ``mask`` over squares of ``px`` pixels, and how much of the mask lies in each."""
    if px == 1:
        return error, mask
    share = F.avg_pool2d(mask, px)
    return F.avg_pool2d(error * mask, px) / share.clip(1e-4), share


def _stops(radiance: Float[Tensor, "b 3 h w"], truth: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
    return torch.log2(radiance + DARK) - torch.log2(truth + DARK)


def _masked_mean(error: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"]) -> Float[Tensor, ""]:
    return _each(error, mask).mean()


def _each(error: Float[Tensor, "b 3 h w"], mask: Float[Tensor, "b 3 h w"]) -> Float[Tensor, " b"]:
    total = (error * mask).mean((1, 2, 3))
    return total / mask.mean((1, 2, 3)).clip(0.005)


def right(
    real: Float[Tensor, "b c h w"], fake: Float[Tensor, "b c h w"], weights: Float[Tensor, "b 1 h w"]
) -> Float[Tensor, ""]:
    """The share of patches on which the discriminator is right, from 0 to 1; 0.5 is a guess."""
    return _weighted(((real > 0).float() + (fake < 0).float()) / 2, weights)


def _weighted(scores: Float[Tensor, "b c h w"], weights: Float[Tensor, "b 1 h w"]) -> Float[Tensor, ""]:
    return (scores.mean(1, keepdim=True) * weights).sum() / weights.sum().clip(1e-6)
