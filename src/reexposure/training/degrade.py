"""From light to an ordinary photo: exposure, sensor noise, a random camera curve, sharpening, 8 bits, JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from PIL import Image

from reexposure.light import camera
from reexposure.training import alter


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

    def sample(self, view: Float32[np.ndarray, "h w 3"], rng: np.random.Generator) -> float:
        """An exposure in stops for ``view``."""
        if rng.random() < self.shift_probability:
            return float(rng.uniform(*self.shift_ev))
        share = alter.log_uniform(rng, *self.clipped_share)
        white = np.percentile(view.max(-1), 100 * (1 - share))
        return float(-np.log2(max(white, 1e-4)))


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

    def sample(self, view: Float32[np.ndarray, "h w 3"], rng: np.random.Generator) -> float:
        """An exposure in stops for ``view``."""
        white = np.percentile(view.max(-1), 100 * (1 - rng.uniform(*self.clipped_share)))
        return float(np.clip(-np.log2(max(white, 1e-4)), *self.stops))


def random_response(rng: np.random.Generator) -> camera.Response:
    """The square-root camera, sRGB, a plain gamma or, mostly, a curve out of the camera family.

    Its S shape is where a network errs most: the shoulder squeezes a stop of light into the last 15 levels of 8 bits.
    """
    kind = rng.random()
    if kind < 0.2:
        return camera.RESPONSES["sqrt"]
    if kind < 0.35:
        return camera.RESPONSES["srgb"]
    if kind < 0.42:
        return camera.PowerResponse(float(rng.uniform(1.8, 2.4)))
    return camera.SigmoidResponse(
        n=float(np.clip(rng.normal(0.9, 0.15), 0.6, 1.4)), s=float(np.clip(rng.normal(0.6, 0.2), 0.2, 1.4))
    )


def take_photo(
    light: Float32[np.ndarray, "h w 3"], rng: np.random.Generator
) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w 3"]]:
    """An 8-bit JPEG of ``light`` (1.0 clips), or a large one reduced, and the radiance map that belongs to it.

    Returns ``(photo, radiance)``: the photo encoded in [0, 1]; the radiance linear as the
    square-root camera sees it. Below the clip level the radiance is the photo without its noise,
    quantisation and compression, decoded by the square root: whatever curve the real camera had,
    that is the scale in which the photo's own pixels enter the radiance map. Above the clip level
    it is the light itself. Half of the cameras sharpen, as most do.
    """
    response = random_response(rng)
    noise = rng.standard_normal(light.shape, dtype=np.float32)
    if rng.random() < 0.5:
        # A sensor's noise as it is: variance of photon noise for each unit of light, and of read-out noise.
        shot, read = np.float32(alter.log_uniform(rng, 1e-5, 2e-3)), np.float32(alter.log_uniform(rng, 1e-4, 4e-3))
        encoded = response.encode(camera.clip(light + noise * np.sqrt(shot * light.clip(0, 1) + read**2)))
    else:
        # What cameras leave of it: they smooth until about the same few levels of 8 bits remain everywhere.
        left = np.float32(alter.log_uniform(rng, 0.1, 3) / 255)
        encoded = (response.encode(camera.clip(light)) + noise * left).clip(0, 1)
    if rng.random() < 0.5:
        encoded = sharpened(encoded, amount=float(rng.uniform(0.2, 1.0)), sigma_px=float(rng.uniform(0.5, 1.2)))
    if rng.random() < 0.25:
        photo = encoded  # a large photo reduced, as the network will see it: rounding and blocks have averaged out
    else:
        photo = jpeg(camera.quantise(encoded), quality=int(rng.integers(70, 99)), subsampled=rng.random() < 0.6)
    known = camera.RESPONSES["sqrt"].decode(response.encode(camera.clip(light)))
    return photo, np.where(light >= 1, light, known).astype(np.float32)


def sharpened(encoded: Float32[np.ndarray, "h w 3"], amount: float, sigma_px: float) -> Float32[np.ndarray, "h w 3"]:
    """``encoded`` in [0, 1] after unsharp masking: ``amount`` times what a Gaussian of ``sigma_px`` takes is added."""
    return (encoded + amount * (encoded - alter.blurred(encoded, sigma_px))).clip(0, 1)


def jpeg(encoded: Float32[np.ndarray, "h w 3"], quality: int, subsampled: bool) -> Float32[np.ndarray, "h w 3"]:
    """``encoded`` in [0, 1] after a trip through a JPEG file."""
    buffer = io.BytesIO()
    picture = Image.fromarray((encoded * 255 + 0.5).astype(np.uint8))
    picture.save(buffer, "JPEG", quality=quality, subsampling=2 if subsampled else 0)
    return np.asarray(Image.open(buffer), np.float32) / 255
