"""Highlights: what the network, looking at the reduced photo, says of light that clipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reexposure.arrays import Bool, Float32, Shaped
from reexposure.light import around, blend, camera, colour
from reexposure.light.numbers import NUMBERS
from reexposure.light.resampling import Enlarged
from reexposure.photo.photo import Photo
from reexposure.radiance.pieces import Piece
from reexposure.radiance.radiance import as_seen
from reexposure.reconstruction import detail, looks, specks
from reexposure.reconstruction.detail import NONE, Detail
from reexposure.reconstruction.network import Network

LOOK_PX = NUMBERS["look_px"]
"""The network looks at the photo reduced to at most this many pixels. Where light is lost there is
no detail to see, its gain is enlarged under masks of full resolution, and it sees more of the scene
at once, at the scale it was trained at. On enlarged validation cases nothing is gained above this."""

BEYOND_PX = 2 * looks.STRIDE_PX
"""So far beyond its borders a panorama is shown to the network."""

ROWS_PX, CELL_PX = 64, 64
"""Pieces are so many rows high, and as wide as neighbouring cells hold something that clipped."""


def pieces(photo: Photo, curve: camera.Response, network: Network, asked: Detail = NONE) -> list[Piece]:
    """The parts of a photo that hold light that clipped; what the network says of it is asked for here.

    ``curve`` decodes the photo's own light, ``asked`` is the detail to be drawn.
    """
    seen = as_seen(photo)
    brightest = seen.pixels.dtype.type(round(camera.OVER_FROM * seen.levels))
    if seen.pixels.max() <= brightest:
        return []
    size, sphere = seen.pixels.shape[:2], photo.panorama
    small = looks.small(seen, LOOK_PX)
    gain = _gain(seen, small, network)
    drawn = detail.drawn(seen, gain, network, asked)
    texture = None if drawn is None else Enlarged(drawn, *size)
    sees_all = small.shape == seen.pixels.shape
    unknown = None if sees_all else Enlarged(specks.unknown(small, sphere), *size, sphere=sphere)
    make = _Relight(photo, seen, curve, Enlarged(gain, *size, sphere=sphere), unknown, texture).piece
    return [Piece(rows, columns, make) for rows, columns in _places(seen.pixels, brightest)]


@dataclass(frozen=True, eq=False)
class _Relight:
    """The photo and, as far as its curve is another, how the square-root camera would have encoded it; the gain, where
    the network says nothing (None: it sees all), and the detail that is drawn over it."""

    photo: Photo
    seen: Photo
    curve: camera.Response
    gain: Enlarged
    unknown: Enlarged | None
    drawn: Enlarged | None

    def piece(self, rows: slice, columns: slice) -> tuple[Float32[np.ndarray, "r c 3"], Bool[np.ndarray, "r c 3"]]:
        own = self.curve.decode(self.photo.pixels[rows, columns] / np.float32(self.photo.levels))
        over = camera.over_exposure(self.seen.pixels[rows, columns] / np.float32(self.seen.levels))
        gain = self.gain.cut(rows, columns)
        if self.unknown:
            lacking = self.unknown.cut(rows, columns)
            if ((lacking > 0) & (over > 0)).any():
                gain += lacking * specks.gain_of(self.seen, rows, columns)
        if self.drawn:
            gain = (gain + self.drawn.cut(rows, columns)).clip(0, None)
        return blend.over_exposed_light(own, over, gain), over > 0


def _places(pixels: Shaped[np.ndarray, "h w 3"], brightest: np.unsignedinteger) -> Iterator[tuple[slice, slice]]:
    """Where values above ``brightest`` are."""
    height, width = pixels.shape[:2]
    for top in range(0, height, ROWS_PX):
        rows = slice(top, min(top + ROWS_PX, height))
        clipped = np.logical_or.reduceat((pixels[rows].max(0) > brightest).any(-1), range(0, width, CELL_PX))
        edges = np.flatnonzero(np.diff(clipped, prepend=False, append=False)) * CELL_PX
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            yield rows, slice(int(first), min(int(last), width))


def gain_of(photo: Photo, network: Network) -> Float32[np.ndarray, "h w 3"]:
    """The gain of the reduced photo in stops, ready to be enlarged; the photo is one `as_seen`."""
    return _gain(photo, looks.small(photo, LOOK_PX), network)


def _gain(photo: Photo, small: Float32[np.ndarray, "h w 3"], network: Network) -> Float32[np.ndarray, "h w 3"]:
    space = colour.ColourSpace() if photo.grey else photo.colour_space
    matrix = np.eye(3) if space.is_srgb else colour.conversion(colour.ColourSpace(), space)
    eye = looks.in_srgb(small, photo)
    beyond = min(BEYOND_PX, len(eye) // 2) if photo.panorama else 0
    if not beyond:
        return network.gain(eye, matrix.astype(np.float32))
    return around.joined(network.gain(around.continued(eye, beyond), matrix.astype(np.float32)), beyond)
