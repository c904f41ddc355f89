"""Shadows: noise, rounding and JPEG taken out of crushed values, at full size, in tiles that hold some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reexposure.arrays import Bool, Float32, Shaped
from reexposure.light import around, camera
from reexposure.light.numbers import NUMBERS
from reexposure.photo.photo import Photo
from reexposure.radiance.pieces import Piece
from reexposure.radiance.radiance import is_rounded
from reexposure.reconstruction.network import Network

ROWS_PX, COLUMNS_PX, CELL_PX, FEW = (NUMBERS["shadows"][name] for name in ("rows_px", "columns_px", "cell_px", "few"))
"""Tiles are so many rows high, and at most so many columns wide, in cells that hold more than FEW crushed values."""

AROUND_PX = NUMBERS["stride_px"]
"""What is seen around a tile, so that tiles join without a seam; they begin at multiples of it."""

Tile = tuple[slice, slice]


def pieces(photo: Photo, curve: camera.Response, network: Network) -> list[Piece]:
    """The parts of a photo that hold crushed values; they are cleaned when they are asked for, ``curve`` decodes them.

    Photos that are not rounded to 8 bits have none. The network learnt what 8 bits and JPEG do; what deeper files
    tell apart it would take for noise (pushed by 3 stops: 50 dB from the truth before, 44 after, at noise of 0.3
    levels of 8 bits).
    """
    if not is_rounded(photo):
        return []
    darkest = photo.pixels.dtype.type(round(camera.UNDER_FROM * photo.levels))
    make = _Clean(photo, darkest, curve, network).piece
    return [Piece(rows, columns, make) for rows, columns in tiles(photo.pixels, darkest)]


@dataclass(frozen=True, eq=False)
class _Clean:
    photo: Photo
    darkest: np.unsignedinteger
    curve: camera.Response
    network: Network

    def piece(self, rows: slice, columns: slice) -> tuple[Float32[np.ndarray, "r c 3"], Bool[np.ndarray, "r c 3"]]:
        pixels, beyond = self.photo.pixels, self.beyond
        seen = tuple(
            slice(max(0, part.start - AROUND_PX + beyond), min(part.stop + AROUND_PX + beyond, size))
            for part, size in zip((rows, columns), self.shown.shape, strict=False)
        )
        inner = tuple(
            slice(part.start + beyond - wide.start, part.stop + beyond - wide.start)
            for part, wide in zip((rows, columns), seen, strict=True)
        )
        cleaned = self.network.cleaned(self.shown[seen] / np.float32(self.photo.levels))[inner]
        return self.curve.decode(cleaned), pixels[rows, columns] < self.darkest

    @cached_property
    def beyond(self) -> int:
        """How many pixels of what lies beyond its borders are shown of a panorama."""
        return min(AROUND_PX, len(self.photo.pixels)) if self.photo.panorama else 0

    @cached_property
    def shown(self) -> Shaped[np.ndarray, "h w 3"]:
        return around.continued(self.photo.pixels, self.beyond) if self.beyond else self.photo.pixels


def tiles(pixels: Shaped[np.ndarray, "h w 3"], darkest: np.unsignedinteger) -> Iterator[Tile]:
    """The parts of a photo that hold values below ``darkest``."""
    height, width = pixels.shape[:2]
    for top in range(0, height, ROWS_PX):
        rows = slice(top, min(top + ROWS_PX, height))
        crushed = np.add.reduceat(_counts(pixels[rows] < darkest), range(0, width, CELL_PX)) > FEW
        edges = np.flatnonzero(np.diff(crushed, prepend=False, append=False)) * CELL_PX
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            for left in range(int(first), min(int(last), width), COLUMNS_PX):
                yield rows, slice(left, min(left + COLUMNS_PX, int(last), width))


def _counts(dark: Bool[np.ndarray, "r w 3"]) -> Shaped[np.ndarray, " w"]:
    """How many are true in each column. Bytes add up many times as fast as whole numbers, and hold so few rows."""
    parts = (dark[top : top + 255].view(np.uint8).sum(0, dtype=np.uint8) for top in range(0, len(dark), 255))
    return np.sum([part.sum(1, dtype=int) for part in parts], 0)
