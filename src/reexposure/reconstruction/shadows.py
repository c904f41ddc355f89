"""Shadows: noise, rounding and JPEG taken out of crushed values, at full size, in tiles that hold some."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reexposure.arrays import Float32, Shaped
from reexposure.light import bands, camera
from reexposure.light.numbers import NUMBERS
from reexposure.photo.photo import Photo
from reexposure.radiance.radiance import is_rounded
from reexposure.reconstruction.network import Network

ROWS_PX, COLUMNS_PX, CELL_PX, FEW = (NUMBERS["shadows"][name] for name in ("rows_px", "columns_px", "cell_px", "few"))
"""Tiles are so many rows high, and at most so many columns wide, in cells that hold more than FEW crushed values."""

AROUND_PX = NUMBERS["stride_px"]
"""What is seen around a tile, so that tiles join without a seam; they begin at multiples of it."""

Tile = tuple[slice, slice]


def clean(linear: Float32[np.ndarray, "h w 3"], photo: Photo, curve: camera.Response, network: Network) -> None:
    """Put the cleaned light of crushed values into ``linear``, the photo's own as ``curve`` decodes it.

    Photos that are not rounded to 8 bits keep theirs. The network learnt what 8 bits and JPEG do; what deeper files
    tell apart it would take for noise (pushed by 3 stops: 50 dB from the truth before, 44 after, at noise of 0.3
    levels of 8 bits).
    """
    if not is_rounded(photo):
        return
    pixels, levels = photo.pixels, np.float32(photo.levels)
    darkest = pixels.dtype.type(round(camera.UNDER_FROM * photo.levels))

    def work(tile: Tile) -> None:
        around = tuple(
            slice(max(0, part.start - AROUND_PX), min(part.stop + AROUND_PX, size))
            for part, size in zip(tile, pixels.shape, strict=False)
        )
        inner = tuple(
            slice(part.start - seen.start, part.stop - seen.start) for part, seen in zip(tile, around, strict=True)
        )
        cleaned = network.cleaned(pixels[around] / levels)[inner]
        np.copyto(linear[tile], curve.decode(cleaned), where=pixels[tile] < darkest)

    bands.on_all_cores(work, list(tiles(pixels, darkest)))


def tiles(pixels: Shaped[np.ndarray, "h w 3"], darkest: np.unsignedinteger) -> Iterator[Tile]:
    """The parts of a photo that hold values below ``darkest``."""
    height, width = pixels.shape[:2]
    for top in range(0, height, ROWS_PX):
        rows = slice(top, min(top + ROWS_PX, height))
        crushed = np.add.reduceat((pixels[rows] < darkest).sum((0, 2)), range(0, width, CELL_PX)) > FEW
        edges = np.flatnonzero(np.diff(crushed, prepend=False, append=False)) * CELL_PX
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            for left in range(int(first), min(int(last), width), COLUMNS_PX):
                yield rows, slice(left, min(left + COLUMNS_PX, int(last), width))
