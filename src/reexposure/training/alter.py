"""One scene's light made many, before any camera takes it: colours, how bright its lamps are, glare, blur."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float32
from scipy import ndimage


def colours(rng: np.random.Generator) -> Float32[np.ndarray, "3 3"]:
    """A matrix for linear light that changes saturation, then white balance; no channel of white gets darker."""
    balance = np.exp(rng.normal(0, 0.12, 3))
    saturation = rng.uniform(0.6, 1.3)
    mixed = saturation * np.eye(3) + (1 - saturation) / 3
    return (balance[:, None] / balance.min() * mixed).astype(np.float32)


def jittered(light: Float32[np.ndarray, "h w 3"], matrix: Float32[np.ndarray, "3 3"]) -> Float32[np.ndarray, "h w 3"]:
    """The light under another white balance and with another saturation (see `colours`); it stays >= 0."""
    return (light @ matrix.T).clip(0, None)


def with_glare(light: Float32[np.ndarray, "h w 3"], rng: np.random.Generator) -> Float32[np.ndarray, "h w 3"]:
    """What reaches the sensor when lens and air scatter a little of the light, widely.

    In a photo a sun is no dot but a broad burnt-out glow: scattering spreads a share of 0.3 to 10
    per cent over three Gaussians, each wider and weaker than the one before, which together fall
    off about as a real lens does. Panoramas, merged from exposures of seconds, show none of it.
    The truth to reconstruct includes the glow, since that is the light that clipped.
    """
    height, width = light.shape[:2]
    padded = (height * 3 // 2, width * 3 // 2)  # zeros, so that glare does not wrap around
    share, sigma_px = log_uniform(rng, 0.003, 0.1), log_uniform(rng, 0.005, 0.03) * width
    fy, fx = np.fft.fftfreq(padded[0])[:, None], np.fft.rfftfreq(padded[1])[None]
    squared = (2 * np.pi**2 * (fy**2 + fx**2)).astype(np.float32)
    transfer = (1 - share) + share * sum(
        weight * np.exp(-squared * np.float32(sigma_px * scale) ** 2)
        for weight, scale in ((0.6, 1.0), (0.3, 3.0), (0.1, 9.0))
    )
    spectrum = np.fft.rfft2(light, padded, axes=(0, 1)) * transfer[..., None].astype(np.float32)
    return np.fft.irfft2(spectrum, padded, axes=(0, 1))[:height, :width].astype(np.float32).clip(0, None)


def with_spread(light: Float32[np.ndarray, "h w 3"], times: float) -> Float32[np.ndarray, "h w 3"]:
    """Light over 1.0 with its stops over it multiplied by ``times``: 2 stops become 3 at 1.5. Hues stay.

    How much brighter than white the lamps of the panoramas are is a habit of theirs, which photographs need not share.
    """
    brightest = light.max(-1, keepdims=True)
    return light * np.where(brightest > 1, brightest.clip(1, None) ** np.float32(times - 1), 1).astype(np.float32)


def with_shifted_parts(
    light: Float32[np.ndarray, "h w 3"], rng: np.random.Generator, over_ev: float = 3.0, shift_ev: float = 2.0
) -> Float32[np.ndarray, "h w 3"]:
    """Each connected part more than ``over_ev`` stops over 1.0 is made up to ``shift_ev`` stops darker or brighter.

    Then only the glare around a lamp, and not what kind of lamp it is, tells how bright it is. Parts stay over
    white, and meet their surroundings as before: the shift fades with the light down to 1.0.
    """
    stops = np.log2(light.max(-1).clip(1, None))
    parts, count = ndimage.label(stops > 0.5)
    peaks = ndimage.maximum(stops, parts, np.arange(count + 1))
    shifts = np.where(peaks > over_ev, rng.uniform(-shift_ev, shift_ev, count + 1), 0)
    shifts[0] = 0
    # By a factor, so that the rim of a part, at the level where parts begin, does not jump.
    times = 1 + shifts / peaks.clip(1, None)
    return light * np.exp2(stops * (times[parts] - 1)).astype(np.float32)[..., None]


def with_sun(light: Float32[np.ndarray, "h w 3"], rng: np.random.Generator) -> Float32[np.ndarray, "h w 3"]:
    """A sun in the brightest part of the upper two thirds, and what lens and air make of it; at 1.0 a photo clips.

    A sun of half a degree is thousands of times as bright as the sky, so that photos show a burnt blob instead: the
    glow around it, which falls with a power of the distance, clips out to 3 pixels or to a fifth of the picture.
    Panoramas hold few such suns, most of them cut off, and photographs none, so that a network takes the blob for pale
    sky. Where the glow could not be seen because what is around burns already, no sun is put: a network would learn to
    see suns in any white sky.
    """
    height, width = light.shape[:2]
    bright = blurred(light, width / 32).min(-1)[: 2 * height // 3]
    places = np.argwhere(bright >= np.percentile(bright, 80))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for row, column in rng.permutation(places)[:8]:
        distance_px = np.hypot(y - row, x - column)[..., None]
        burnt_px = log_uniform(rng, 3, width / 5)
        if (light.min(-1) >= 1)[distance_px[..., 0] < 2 * burnt_px].mean() < 0.25:
            break
    else:
        return light
    angle, slope, warmth = np.arctan2(y - row, x - column)[..., None], rng.uniform(1.8, 3.2), rng.uniform(0, 0.2)
    rays = 1 + rng.uniform(0, 0.3) * np.cos(rng.integers(4, 17) * angle + rng.uniform(0, 6.3)) ** 3
    reach_px = burnt_px * rays * np.array([1 + warmth, 1, 1 - warmth])
    disc_px = max(1.0, burnt_px * log_uniform(rng, 0.1, 0.4))
    glow = (reach_px / distance_px.clip(disc_px, None)) ** slope
    disc = (disc_px - distance_px + 0.5).clip(0, 1) * 2.0 ** rng.uniform(4, 9)
    return (light + glow + disc).astype(np.float32)


def blurred(picture: Float32[np.ndarray, "h w 3"], sigma_px: float) -> Float32[np.ndarray, "h w 3"]:
    """The picture after a Gaussian of ``sigma_px`` pixels; its edges are continued by their last value."""
    reach = max(1, round(3 * sigma_px))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_px) ** 2)
    kernel = torch.from_numpy((weights / weights.sum()).astype(np.float32))
    planes = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[:, None]
    tall = F.conv2d(F.pad(planes, (0, 0, reach, reach), mode="replicate"), kernel[None, None, :, None])
    wide = F.conv2d(F.pad(tall, (reach, reach, 0, 0), mode="replicate"), kernel[None, None, None, :])
    return wide[:, 0].permute(1, 2, 0).numpy()


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A random number whose logarithm is uniform between those of ``low`` and ``high``."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
