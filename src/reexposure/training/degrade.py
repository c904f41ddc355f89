"""From light to an ordinary photo: exposure, sensor noise, a random camera curve, 8 bits, JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from PIL import Image

from reexposure.light import camera


@dataclass(frozen=True)
class Exposures:
    """How photos are exposed: mostly by the share of pixels that clip, else by a plain shift.

    Photos clip mildly far more often than severely, hence the log-uniform share. The plain shift
    is the source's ``ev`` of -3 to 3 on views of which 95 % lie in [0, 1].
    """

    clipped_share: tuple[float, float] = (0.005, 0.45)
    shift_ev: tuple[float, float] = (-3.0, 3.0)
    shift_probability: float = 0.2

    def sample(self, view: Float32[np.ndarray, "h w 3"], rng: np.random.Generator) -> float:
        """An exposure in stops for ``view``."""
        if rng.random() < self.shift_probability:
            return float(rng.uniform(*self.shift_ev))
        share = _log_uniform(rng, *self.clipped_share)
        white = np.percentile(view.max(-1), 100 * (1 - share))
        return float(-np.log2(max(white, 1e-4)))


def random_response(rng: np.random.Generator) -> camera.Response:
    """The square-root camera, sRGB, a plain gamma or a curve out of the camera family."""
    kind = rng.random()
    if kind < 0.25:
        return camera.RESPONSES["sqrt"]
    if kind < 0.4:
        return camera.RESPONSES["srgb"]
    if kind < 0.5:
        return camera.PowerResponse(float(rng.uniform(1.8, 2.4)))
    return camera.SigmoidResponse(
        n=float(np.clip(rng.normal(0.9, 0.1), 0.6, 1.2)), s=float(np.clip(rng.normal(0.6, 0.15), 0.2, 1.2))
    )


def jittered(view: Float32[np.ndarray, "h w 3"], rng: np.random.Generator) -> Float32[np.ndarray, "h w 3"]:
    """The view under another white balance and with another saturation; light stays >= 0."""
    balance = np.exp(rng.normal(0, 0.12, 3)).astype(np.float32)
    grey = view.mean(-1, keepdims=True)
    saturation = np.float32(rng.uniform(0.6, 1.3))
    return ((grey + saturation * (view - grey)) * balance).clip(0, None)


def with_glare(light: Float32[np.ndarray, "h w 3"], rng: np.random.Generator) -> Float32[np.ndarray, "h w 3"]:
    """What reaches the sensor when lens and air scatter a little of the light, widely.

    In a photo a sun is no dot but a broad burnt-out glow: scattering spreads a share of 0.3 to 10
    per cent over three Gaussians, each wider and weaker than the one before, which together fall
    off about as a real lens does. Panoramas, merged from exposures of seconds, show none of it.
    The truth to reconstruct includes the glow, since that is the light that clipped.
    """
    height, width = light.shape[:2]
    padded = (height * 3 // 2, width * 3 // 2)  # zeros, so that glare does not wrap around
    share, sigma_px = _log_uniform(rng, 0.003, 0.1), _log_uniform(rng, 0.005, 0.03) * width
    fy, fx = np.fft.fftfreq(padded[0])[:, None], np.fft.rfftfreq(padded[1])[None]
    squared = (2 * np.pi**2 * (fy**2 + fx**2)).astype(np.float32)
    transfer = (1 - share) + share * sum(
        weight * np.exp(-squared * np.float32(sigma_px * scale) ** 2)
        for weight, scale in ((0.6, 1.0), (0.3, 3.0), (0.1, 9.0))
    )
    spectrum = np.fft.rfft2(light, padded, axes=(0, 1)) * transfer[..., None].astype(np.float32)
    return np.fft.irfft2(spectrum, padded, axes=(0, 1))[:height, :width].astype(np.float32).clip(0, None)


def take_photo(
    light: Float32[np.ndarray, "h w 3"], rng: np.random.Generator
) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w 3"]]:
    """An 8-bit JPEG of ``light`` (1.0 clips), or a large one reduced, and the radiance map that belongs to it.

    Returns ``(photo, radiance)``: the photo encoded in [0, 1]; the radiance linear as the
    square-root camera sees it. Below the clip level the radiance is the photo without its noise,
    quantisation and compression, decoded by the square root: whatever curve the real camera had,
    that is the scale in which the photo's own pixels enter the radiance map. Above the clip level
    it is the light itself.
    """
    response = random_response(rng)
    noise = rng.standard_normal(light.shape, dtype=np.float32)
    if rng.random() < 0.5:
        # A sensor's noise as it is: variance of photon noise for each unit of light, and of read-out noise.
        shot, read = np.float32(_log_uniform(rng, 1e-5, 2e-3)), np.float32(_log_uniform(rng, 1e-4, 4e-3))
        encoded = response.encode(camera.clip(light + noise * np.sqrt(shot * light.clip(0, 1) + read**2)))
    else:
        # What cameras leave of it: they smooth until about the same few levels of 8 bits remain everywhere.
        left = np.float32(_log_uniform(rng, 0.1, 3) / 255)
        encoded = (response.encode(camera.clip(light)) + noise * left).clip(0, 1)
    if rng.random() < 0.25:
        photo = encoded  # a large photo reduced, as the network will see it: rounding and blocks have averaged out
    else:
        photo = jpeg(camera.quantise(encoded), quality=int(rng.integers(70, 99)), subsampled=rng.random() < 0.6)
    known = camera.RESPONSES["sqrt"].decode(response.encode(camera.clip(light)))
    return photo, np.where(light >= 1, light, known).astype(np.float32)


def jpeg(encoded: Float32[np.ndarray, "h w 3"], quality: int, subsampled: bool) -> Float32[np.ndarray, "h w 3"]:
    """``encoded`` in [0, 1] after a trip through a JPEG file."""
    buffer = io.BytesIO()
    picture = Image.fromarray((encoded * 255 + 0.5).astype(np.uint8))
    picture.save(buffer, "JPEG", quality=quality, subsampling=2 if subsampled else 0)
    return np.asarray(Image.open(buffer), np.float32) / 255


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
