"""Highlights: what the network, looking at the reduced photo, says of light that clipped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from reexposure.arrays import Bool, Float32, Shaped
from reexposure.light import blend, camera, colour, littlecms
from reexposure.light.numbers import NUMBERS
from reexposure.light.resampling import Enlarged, reduced
from reexposure.photo.photo import Photo
from reexposure.radiance.pieces import Piece
from reexposure.radiance.radiance import as_seen
from reexposure.reconstruction.network import Network

LOOK_PX, STRIDE_PX = NUMBERS["look_px"], NUMBERS["stride_px"]
"""The network looks at the photo reduced to at most this many pixels. Where light is lost there is
no detail to see, its gain is enlarged under masks of full resolution, and it sees more of the scene
at once, at the scale it was trained at. On enlarged validation cases nothing is gained above this."""


ROWS_PX, CELL_PX = 64, 64
"""Pieces are so many rows high, and as wide as neighbouring cells hold something that clipped."""


def pieces(photo: Photo, curve: camera.Response, network: Network) -> list[Piece]:
    """The parts of a photo that hold light that clipped; what the network says of it is asked for here.

    ``curve`` decodes the photo's own light.
    """
    seen = as_seen(photo)
    brightest = seen.pixels.dtype.type(round(camera.OVER_FROM * seen.levels))
    if seen.pixels.max() <= brightest:
        return []
    make = _Relight(photo, seen, curve, Enlarged(_gain(seen, network), *seen.pixels.shape[:2])).piece
    return [Piece(rows, columns, make) for rows, columns in _places(seen.pixels, brightest)]


@dataclass(frozen=True, eq=False)
class _Relight:
    """The photo and, as far as its curve is another, how the square-root camera would have encoded it; and the gain."""

    photo: Photo
    seen: Photo
    curve: camera.Response
    gain: Enlarged

    def piece(self, rows: slice, columns: slice) -> tuple[Float32[np.ndarray, "r c 3"], Bool[np.ndarray, "r c 3"]]:
        own = self.curve.decode(self.photo.pixels[rows, columns] / np.float32(self.photo.levels))
        over = camera.over_exposure(self.seen.pixels[rows, columns] / np.float32(self.seen.levels))
        return blend.over_exposed_light(own, over, self.gain.cut(rows, columns)), over > 0


def _places(pixels: Shaped[np.ndarray, "h w 3"], brightest: np.unsignedinteger) -> Iterator[tuple[slice, slice]]:
    """Where values above ``brightest`` are."""
    height, width = pixels.shape[:2]
    for top in range(0, height, ROWS_PX):
        rows = slice(top, min(top + ROWS_PX, height))
        clipped = np.logical_or.reduceat((pixels[rows].max(0) > brightest).any(-1), range(0, width, CELL_PX))
        edges = np.flatnonzero(np.diff(clipped, prepend=False, append=False)) * CELL_PX
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            yield rows, slice(int(first), min(int(last), width))


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
