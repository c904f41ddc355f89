"""Photo -> radiance map: masks, network, blending."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from reexposure.arrays import Bool, Float32, Shaped
from reexposure.light import bands, blend, camera, colour, littlecms
from reexposure.photo.photo import Photo
from reexposure.radiance import opening
from reexposure.radiance.radiance import RadianceMap, as_seen, curve_of
from reexposure.reconstruction import network

if TYPE_CHECKING:
    from reexposure.radiance.opening import Source

LOOK_PX = 250_000
"""The network looks at the photo reduced to at most this many pixels. Where light is lost there is
no detail to see, its gain is enlarged under masks of full resolution, and it sees more of the scene
at once, at the scale it was trained at. On enlarged validation cases nothing is gained above this."""

HUE_KEPT = 0.5
"""The share of the predicted hue that is kept where all channels clipped."""


def reconstruct(
    source: Source,
    response: str = "sqrt",
    *,
    ignore_gain_map: bool = False,
) -> RadianceMap:
    """The radiance map of a photo: its own light where it is well exposed, the network's elsewhere.

    ``source`` is anything that `open` takes. ``response`` names the curve that decodes the photo: the method's
    ``sqrt``, or ``srgb`` for the curve of the photo's colour space. A photo with nothing ill-exposed never runs the
    network; nor does a source that holds radiance already, as a gain map (unless ``ignore_gain_map``) or as a
    radiance map: its own is returned. Raises PhotoError naming the file if it cannot be read, ArrayError for an array
    that is no photo, ValueError for an unknown response.
    """
    if response not in camera.RESPONSES:
        raise ValueError(f"{response}: unknown response; there are {', '.join(camera.RESPONSES)}")
    photo = opening.open(source)
    if isinstance(photo, RadianceMap):
        return photo
    known = None if ignore_gain_map else opening.lit(photo)
    if known is not None:
        return known
    eye, curve = as_seen(photo), curve_of(photo, response)
    eye_curve = curve if eye is photo else camera.RESPONSES["sqrt"]
    pixels, levels = eye.pixels, np.float32(eye.levels)
    brightest, darkest = camera.OVER_FROM * levels, camera.UNDER_FROM * levels
    look = _look(eye) if pixels.max() > brightest or pixels.min() < darkest else None
    linear = np.empty(pixels.shape, np.float32)

    def relight(rows: slice) -> None:
        band, light = pixels[rows], linear[rows]
        light[:] = curve.decode(photo.pixels[rows] / np.float32(photo.levels))
        if look is None:
            return
        lost = band > brightest
        columns = _span(lost)
        if columns.stop:
            known, mask = light[:, columns], camera.over_exposure(band[:, columns] / levels)
            restored = blend.over_exposed_light(known, mask, look.gain.cut(rows, columns))
            np.copyto(known, restored, where=lost[:, columns])
        lost = band < darkest
        columns = _span(lost)
        if columns.stop:
            encoded = band[:, columns] / levels
            correction = look.correction(encoded, rows, columns, 1 / eye.levels)
            restored = blend.cleaned(encoded, camera.under_exposure(encoded), correction)
            np.copyto(light[:, columns], eye_curve.decode(restored), where=lost[:, columns])

    bands.over_rows(relight, *pixels.shape[:2])
    return RadianceMap(linear, photo, response)


def _span(lost: Bool[np.ndarray, "h w 3"]) -> slice:
    """The columns between which something is lost; empty at 0 if nothing is."""
    touched = np.flatnonzero(lost.reshape(len(lost), -1).any(0)) // 3
    return slice(int(touched[0]), int(touched[-1]) + 1) if touched.size else slice(0, 0)


class Enlarged:
    """A small map read at the size of the photo, a part at a time, by bilinear enlargement."""

    def __init__(self, small: Float32[np.ndarray, "h w 3"], height_px: int, width_px: int) -> None:
        size = (width_px, len(small))
        planes = (Image.fromarray(np.ascontiguousarray(small[..., c])) for c in range(3))
        self.wide = np.dstack([np.asarray(plane.resize(size, Image.Resampling.BILINEAR)) for plane in planes])
        self.scale = len(small) / height_px

    def cut(self, rows: slice, columns: slice) -> Float32[np.ndarray, "rows columns 3"]:
        """The map at these rows and columns of the photo."""
        last = len(self.wide) - 1
        y = ((np.arange(rows.start, rows.stop) + 0.5) * self.scale - 0.5).clip(0, last)
        above = y.astype(int)
        share = (y - above).astype(np.float32)[:, None, None]
        top, bottom = self.wide[above, columns], self.wide[np.minimum(above + 1, last), columns]
        return top + share * (bottom - top)


@dataclass(frozen=True)
class Look:
    """What the network says of a photo: the gain of its highlights, and how its shadows are to be cleaned.

    A photo that it saw in full it cleans itself: ``shadows`` is its correction. What it saw ``reduced``
    was clean already: ``shadows`` is what it saw, encoded, an example to the photo.
    """

    gain: Enlarged
    shadows: Enlarged
    reduced: bool

    def correction(
        self, encoded: Float32[np.ndarray, "h w 3"], rows: slice, columns: slice, step: float
    ) -> Float32[np.ndarray, "h w 3"]:
        """What is to be added to these encoded values, rounded to ``step``, where they are under-exposed."""
        shadows = self.shadows.cut(rows, columns)
        return blend.unrounded(encoded, shadows, step) if self.reduced else shadows


def _look(photo: Photo) -> Look:
    """What the network makes of the reduced photo, ready to be read at full size."""
    height, width = photo.pixels.shape[:2]
    # A photo narrower than the network's stride is padded to it: of that, too, it sees so much and no more.
    shrink = min(1.0, (LOOK_PX / (height * width)) ** 0.5, LOOK_PX / (network.STRIDE_PX * max(height, width)))
    rows, columns = (max(1, round(size * shrink)) for size in (height, width))
    # Not rounded: steps of 8 bits are what shadows are to lose.
    own = _box_means(_box_means(photo.pixels, rows).swapaxes(0, 1), columns).swapaxes(0, 1) / np.float32(photo.levels)
    seen = _in_srgb(own, photo)
    over, under = camera.over_exposure(seen), camera.under_exposure(seen)
    gain, correction = network.predict(seen, over, under)
    if photo.grey:
        gain, correction = (np.repeat(one.mean(-1, keepdims=True), 3, -1) for one in (gain, correction))
    calmed = _in_space_of(photo, _calmed(gain, over), over)
    reduced = shrink < 1
    return Look(
        Enlarged(_spread(calmed, over), height, width),
        Enlarged(own if reduced else correction, height, width),
        reduced,
    )


def _box_means(values: Shaped[np.ndarray, "n ..."], count: int) -> Float32[np.ndarray, "count ..."]:
    """The means of the ``count`` boxes, of equal size to half a pixel, into which the first axis is cut."""
    edges = (np.arange(count + 1) * len(values) / count + 0.5).astype(int)
    first, size = edges[:-1], np.diff(edges)
    total = values[first].astype(np.float32)
    for place in range(1, size.max()):
        larger = size > place
        if larger.all():
            total += values[first + place]
        else:
            total[larger] += values[(first + place)[larger]]
    return total / size.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))


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


def _calmed(gain: Float32[np.ndarray, "h w 3"], over: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    """``gain`` with half of its own hue left where all three channels clipped.

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
