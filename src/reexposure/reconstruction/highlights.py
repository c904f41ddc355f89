"""Highlights: what the network, looking at the reduced photo, says of light that clipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

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

ROWS_PX, COLUMNS_PX, CELL_PX = 64, 768, 64
"""Pieces are so many rows high, and at most so many columns wide, in neighbouring cells that hold something clipped."""


def find(photo: Photo, curve: camera.Response, network: Network) -> Highlights | None:
    """What the network says of a photo's light that clipped; None where none did. ``curve`` decodes the rest."""
    seen = as_seen(photo)
    brightest = seen.pixels.dtype.type(round(camera.OVER_FROM * seen.levels))
    if seen.pixels.max() <= brightest:
        return None
    size, sphere = seen.pixels.shape[:2], photo.panorama
    small = looks.small(seen, LOOK_PX)
    gain = _gain(seen, small, network)
    sees_all = small.shape == seen.pixels.shape
    unknown = None if sees_all else Enlarged(specks.unknown(small, sphere), *size, sphere=sphere)
    relight = _Relight(photo, seen, curve, Enlarged(gain, *size, sphere=sphere), unknown)
    return Highlights(network, gain, relight, list(_places(seen.pixels, brightest)))


@dataclass(frozen=True, eq=False)
class Highlights:
    """What the network said of a photo's light that clipped: how much there is, once, and what it draws over that."""

    network: Network
    gain: Float32[np.ndarray, "h w 3"]
    """In stops, of the reduced photo, ready to be enlarged."""
    relight: _Relight
    places: Sequence[tuple[slice, slice]]
    _drawn: dict[int, Float32[np.ndarray, "h2 w2 3"] | None] = field(default_factory=dict, init=False)

    def drawn(self, seed: int) -> Float32[np.ndarray, "h2 w2 3"] | None:
        """All that the network draws, see `detail.drawn`; the last drawing is kept."""
        if seed not in self._drawn:
            found = detail.drawn(self.relight.seen, self.gain, self.network, seed)
            self._drawn.clear()
            self._drawn[seed] = found
        return self._drawn[seed]

    def pieces(self, asked: Detail = NONE) -> list[Piece]:
        """The parts of the photo that hold such light, with the detail that is asked for."""
        stops = self.drawn(asked.seed) if asked.amount else None
        if stops is not None and asked.amount < 1:
            stops = stops * np.float32(asked.amount)
        over = None if stops is None else Enlarged(stops, *self.relight.seen.pixels.shape[:2])
        make = replace(self.relight, drawn=over).piece
        return [Piece(rows, columns, make) for rows, columns in self.places]


@dataclass(frozen=True, eq=False)
class _Relight:
    """The photo and, as far as its curve is another, how the square-root camera would have encoded it; the gain, where
    the network says nothing (None: it sees all), and the detail that is drawn over it."""

    photo: Photo
    seen: Photo
    curve: camera.Response
    gain: Enlarged
    unknown: Enlarged | None
    drawn: Enlarged | None = None

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
            for left in range(int(first), min(int(last), width), COLUMNS_PX):
                yield rows, slice(left, min(left + COLUMNS_PX, int(last), width))


def _gain(photo: Photo, small: Float32[np.ndarray, "h w 3"], network: Network) -> Float32[np.ndarray, "h w 3"]:
    space = colour.ColourSpace() if photo.grey else photo.colour_space
    matrix = np.eye(3) if space.is_srgb else colour.conversion(colour.ColourSpace(), space)
    eye = looks.in_srgb(small, photo)
    beyond = min(BEYOND_PX, len(eye) // 2) if photo.panorama else 0
    if not beyond:
        return network.gain(eye, matrix.astype(np.float32))
    return around.joined(network.gain(around.continued(eye, beyond), matrix.astype(np.float32)), beyond)
