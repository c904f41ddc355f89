"""Highlights: what the network, looking at the reduced photo, says of light that clipped."""

from __future__ import annotations

import contextlib

import numpy as np
from PIL import Image

from reexposure.arrays import Bool, Float32
from reexposure.light import bands, blend, camera, colour, littlecms
from reexposure.light.numbers import NUMBERS
from reexposure.light.resampling import Enlarged, reduced
from reexposure.photo.photo import Photo
from reexposure.reconstruction.network import Network

LOOK_PX, STRIDE_PX = NUMBERS["look_px"], NUMBERS["stride_px"]
"""The network looks at the photo reduced to at most this many pixels. Where light is lost there is
no detail to see, its gain is enlarged under masks of full resolution, and it sees more of the scene
at once, at the scale it was trained at. On enlarged validation cases nothing is gained above this."""


def reconstruct(linear: Float32[np.ndarray, "h w 3"], photo: Photo, network: Network) -> None:
    """Put the light that clipped into ``linear``, the photo's own."""
    pixels, levels = photo.pixels, np.float32(photo.levels)
    brightest = pixels.dtype.type(round(camera.OVER_FROM * photo.levels))
    if pixels.max() <= brightest:
        return
    gain = Enlarged(_gain(photo, network), *pixels.shape[:2])

    def relight(rows: slice) -> None:
        clipped = pixels[rows] > brightest
        columns = _span(clipped)
        if columns.stop:
            known, over = linear[rows, columns], camera.over_exposure(pixels[rows, columns] / levels)
            restored = blend.over_exposed_light(known, over, gain.cut(rows, columns))
            np.copyto(known, restored, where=clipped[:, columns])

    bands.over_rows(relight, *pixels.shape[:2])


def _span(lost: Bool[np.ndarray, "h w 3"]) -> slice:
    """The columns between which something is lost; empty at 0 if nothing is."""
    touched = np.flatnonzero(lost.reshape(len(lost), -1).any(0)) // 3
    return slice(int(touched[0]), int(touched[-1]) + 1) if touched.size else slice(0, 0)


def _gain(photo: Photo, network: Network) -> Float32[np.ndarray, "h w 3"]:
    """The gain of the reduced photo in stops, ready to be enlarged."""
    height, width = photo.pixels.shape[:2]
    # A photo narrower than the network's stride is padded to it: of that, too, it sees so much and no more.
    shrink = min(1.0, (LOOK_PX / (height * width)) ** 0.5, LOOK_PX / (STRIDE_PX * max(height, width)))
    rows, columns = (max(1, round(size * shrink)) for size in (height, width))
    own = reduced(photo.pixels, rows, columns) / np.float32(photo.levels)
    space = colour.ColourSpace() if photo.grey else photo.colour_space
    matrix = np.eye(3) if space.is_srgb else colour.conversion(colour.ColourSpace(), space)
    return network.gain(_in_srgb(own, photo), matrix.astype(np.float32))


def _in_srgb(own: Float32[np.ndarray, "h w 3"], photo: Photo) -> Float32[np.ndarray, "h w 3"]:
    """Encoded values of the photo's colour space as sRGB: the network learnt what things look like there."""
    if photo.grey or photo.colour_space.is_srgb:
        return own
    # The converter knows 8 bits only; what rounding takes is given back, as a shade is a shade in any space.
    rounded = camera.quantise(own)
    eye = Image.fromarray(np.rint(rounded * 255).astype(np.uint8))
    with contextlib.suppress(ValueError):
        converted = np.asarray(littlecms.to_srgb(eye, photo.metadata.profile), np.float32) / 255
        return (converted + own - rounded).clip(0, 1)
    return own
