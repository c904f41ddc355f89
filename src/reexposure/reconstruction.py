"""Photo -> radiance map: masks, network, blending."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
from PIL import Image

from reexposure import bands, blend, camera, colour, network, radiance
from reexposure.arrays import Bool, Float32, Shaped
from reexposure.photo import Photo
from reexposure.radiance import RadianceMap

LOOK_PX = 250_000
"""The network looks at the photo reduced to at most this many pixels. Where light is lost there is
no detail to see, its gain is enlarged under masks of full resolution, and it sees more of the scene
at once, at the scale it was trained at. On enlarged validation cases nothing is gained above this."""

HUE_KEPT = 0.5
"""The share of the predicted hue that is kept where all channels clipped."""


def reconstruct(photo: Photo | str | Path, response: str = "sqrt", *, ignore_gain_map: bool = False) -> RadianceMap:
    """The radiance map of a photo: its own light where it is well exposed, the network's elsewhere.

    ``response`` names the curve that decodes the photo: the method's ``sqrt``, or ``srgb`` for the
    curve of the photo's colour space. A photo with nothing ill-exposed never runs the network; nor
    does a file that holds radiance already, as a gain map (unless ``ignore_gain_map``) or as a
    radiance map: its own is returned. Raises PhotoError naming the file if it cannot be read,
    ValueError for an unknown response.
    """
    if response not in camera.RESPONSES:
        raise ValueError(f"{response}: unknown response; there are {', '.join(camera.RESPONSES)}")
    if not isinstance(photo, Photo):
        found = radiance.opened(photo)
        if isinstance(found, RadianceMap):
            return found
        photo = found
    known = None if ignore_gain_map else radiance.from_gain_map(photo)
    if known is not None:
        return known
    pixels, levels = photo.pixels, np.float32(photo.levels)
    brightest, darkest = camera.OVER_FROM * levels, camera.UNDER_FROM * levels
    decode = radiance.curve_of(photo, response).decode
    gains = _gains(photo) if pixels.max() > brightest or pixels.min() < darkest else None
    linear = np.empty(pixels.shape, np.float32)

    def relight(rows: slice) -> None:
        band, light = pixels[rows], linear[rows]
        light[:] = decode(band / levels)
        if gains is None:
            return
        for lost, mask_of, restored, gain in (
            (band > brightest, camera.over_exposure, blend.over_exposed_light, gains[0]),
            (band < darkest, camera.under_exposure, blend.under_exposed_light, gains[1]),
        ):
            columns = _span(lost)
            if columns.stop:
                mask, known = mask_of(band[:, columns] / levels), light[:, columns]
                np.copyto(known, restored(known, mask, gain.cut(rows, columns)), where=lost[:, columns])

    bands.over_rows(relight, *pixels.shape[:2])
    return RadianceMap(linear, photo, response)


def _span(lost: Bool[np.ndarray, "h w 3"]) -> slice:
    """The columns between which something is lost; empty at 0 if nothing is."""
    touched = np.flatnonzero(lost.reshape(len(lost), -1).any(0)) // 3
    return slice(int(touched[0]), int(touched[-1]) + 1) if touched.size else slice(0, 0)


class Enlarged:
    """A small gain map read at the size of the photo, a part at a time, by bilinear enlargement."""

    def __init__(self, gain: Float32[np.ndarray, "h w 3"], height_px: int, width_px: int) -> None:
        size = (width_px, len(gain))
        planes = (Image.fromarray(np.ascontiguousarray(gain[..., c])) for c in range(3))
        self.wide = np.dstack([np.asarray(plane.resize(size, Image.Resampling.BILINEAR)) for plane in planes])
        self.scale = len(gain) / height_px

    def cut(self, rows: slice, columns: slice) -> Float32[np.ndarray, "rows columns 3"]:
        """The gain of these rows and columns of the photo."""
        last = len(self.wide) - 1
        y = ((np.arange(rows.start, rows.stop) + 0.5) * self.scale - 0.5).clip(0, last)
        above = y.astype(int)
        share = (y - above).astype(np.float32)[:, None, None]
        top, bottom = self.wide[above, columns], self.wide[np.minimum(above + 1, last), columns]
        return top + share * (bottom - top)


def _gains(photo: Photo) -> tuple[Enlarged, Enlarged]:
    """The network's gains for over- and under-exposed pixels, ready to be read at full size."""
    height, width = photo.pixels.shape[:2]
    eye = Image.fromarray(photo.pixels if photo.levels == 255 else (photo.pixels >> 8).astype(np.uint8))
    shrink = min(1.0, (LOOK_PX / (height * width)) ** 0.5)
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    eye = eye if size == eye.size else eye.resize(size, Image.Resampling.BOX)
    # It learnt what things look like in sRGB; the same scene is to look the same in any colour space.
    with contextlib.suppress(ValueError):
        eye = eye if photo.grey else colour.to_srgb(eye, photo.metadata.profile)
    seen = np.asarray(eye, np.float32) / 255
    over, under = camera.over_exposure(seen), camera.under_exposure(seen)
    gain_over, gain_under = network.predict_gain(seen, over, under)
    if photo.grey:
        gain_over, gain_under = (np.repeat(g.mean(-1, keepdims=True), 3, -1) for g in (gain_over, gain_under))
    calmed = _in_space_of(photo, _calmed(gain_over, over), over)
    return (
        Enlarged(_spread(calmed, over), height, width),
        Enlarged(_spread(gain_under, under), height, width),
    )


def _calmed(gain: Float32[np.ndarray, "h w 3"], over: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    """``gain`` with little of its own hue left where all three channels clipped.

    There the photo says nothing about hue. What the network says is right a little more often than
    wrong (on validation scenes all of it is worth 0.02 dB more than half), but a wrong tint in a white
    lamp or a burnt-out sky is what people see first. Where one channel is left, the network's hue stands.
    """
    lost = over.min(-1, keepdims=True)
    neutral = gain.mean(-1, keepdims=True)
    return neutral + (gain - neutral) * (1 - (1 - HUE_KEPT) * lost)


def _in_space_of(
    photo: Photo, gain: Float32[np.ndarray, "h w 3"], over: Float32[np.ndarray, "h w 3"]
) -> Float32[np.ndarray, "h w 3"]:
    """``gain`` of sRGB channels as one of the channels of the photo's colour space.

    Where all channels clipped it says what light is there, and that is converted; where one is
    left it says how much is missing in the others, which is about the same in any space.
    """
    space = photo.colour_space
    if space.is_srgb or photo.grey:
        return gain
    matrix = colour.conversion(colour.ColourSpace(), space).astype(np.float32)
    light = np.exp2(gain) @ matrix.T
    converted = np.log2(light.clip(1, None))
    return gain + over.min(-1, keepdims=True) * (converted - gain)


def _spread(gain: Float32[np.ndarray, "h w 3"], mask: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    """``gain`` with its value at the mask's edge carried two pixels past it.

    The network is never told what to say outside its mask; enlarging would mix that in along
    every edge. Specks too small for a masked pixel in the reduced photo keep gain zero.
    """
    for _ in range(2):
        known = (mask > 0).astype(np.float32)
        total, weight = _box3(gain * known), _box3(known)
        gain = np.where(known > 0, gain, total / np.maximum(weight, 1e-6))
        mask = weight
    return gain.astype(np.float32)


def _box3(values: Shaped[np.ndarray, "h w 3"]) -> Shaped[np.ndarray, "h w 3"]:
    """Sums over 3 x 3 neighbourhoods; nothing lies outside the picture."""
    tall = np.pad(values, ((1, 1), (0, 0), (0, 0)))
    tall = tall[:-2] + tall[1:-1] + tall[2:]
    wide = np.pad(tall, ((0, 0), (1, 1), (0, 0)))
    return wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:]
