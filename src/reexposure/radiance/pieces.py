"""Light that is worked out where it is asked for: most of a photo's is its own, and a table says it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from reexposure.arrays import Bool, Float32, Shaped
from reexposure.light import bands, camera
from reexposure.photo.photo import Photo

Formula = Callable[[camera.Array], camera.Array]
"""What is wanted of linear light (h, w, 3), value by value; channels may differ."""

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a photo, some of whose light is not the photo's own."""

    rows: slice
    columns: slice
    make: Callable[[slice, slice], tuple[Float32[np.ndarray, "r c 3"], Bool[np.ndarray, "r c 3"]]]
    """Works out the light of these rows and columns, and for which of its values that is to stand."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """The light of a photo: its own, as ``curve`` decodes it, but for ``highlights`` and ``shadows``.

    Only pieces are ever worked out in floats, one at a time for each of ``threads``, and none is kept: a photo of
    any size needs little more memory than its pixels. From the second time on that something is asked for, all of it
    is kept, `whole`.
    """

    photo: Photo
    curve: camera.Response
    highlights: Sequence[Piece]
    shadows: Sequence[Piece]
    threads: int
    known: Float32[np.ndarray, "h w 3"] | None = None
    """Light that is worked out already but for the pieces; None: it is the photo's own."""
    _asked: list[None] = field(default_factory=list, init=False)
    _peaks: list[float] = field(default_factory=list, init=False)
    """The brightest light of each piece, once they were worked out."""

    @cached_property
    def whole(self) -> Float32[np.ndarray, "h w 3"]:
        """All the light, which from now on is kept."""
        return self._worked_out(lambda linear: linear, np.dtype(np.float32))

    @property
    def brightest(self) -> float:
        """The brightest light."""
        if not self.highlights or "whole" in self.__dict__:
            return float(self.whole.max())
        if not self._peaks:
            self._peaks.extend(float(_made(piece)[0].max()) for piece in self.highlights)
        # Light that was reconstructed is never below what the photo says.
        return max(self._peaks)

    def with_highlights(self, highlights: Sequence[Piece]) -> Pieces:
        """The same light with other highlights in the same places; what is worked out already serves again."""
        if "whole" not in self.__dict__:
            return replace(self, highlights=highlights)
        return replace(self, highlights=highlights, shadows=(), known=self.whole)

    def mapped(self, formula: Formula, kind: np.dtype[Kind]) -> Shaped[np.ndarray, "h w 3"]:
        """``formula`` of all the light, as values of ``kind``."""
        if self._asked or "whole" in self.__dict__:
            return mapped(self.whole, formula, kind)
        self._asked.append(None)
        return self._worked_out(formula, kind)

    def _worked_out(self, formula: Formula, kind: np.dtype[Kind]) -> Shaped[np.ndarray, "h w 3"]:
        def put(piece: Piece) -> None:
            linear, made = _made(piece)
            np.copyto(values[piece.rows, piece.columns], formula(linear), where=made, casting="unsafe")
            peaks.append(float(linear.max()))

        peaks = list[float]()
        with bands.threads(self.threads):
            values = self._own(formula, kind) if self.known is None else mapped(self.known, formula, kind)
            bands.on_all_cores(put, [*self.highlights, *self.shadows])
        self._peaks[:] = peaks
        return values

    def _own(self, formula: Formula, kind: np.dtype[Kind]) -> Shaped[np.ndarray, "h w 3"]:
        """``formula`` of the photo's own light, as a table says it."""
        values = np.empty(self.photo.pixels.shape, kind)
        encoded = np.arange(self.photo.levels + 1, dtype=np.float32) / np.float32(self.photo.levels)
        table = formula(self.curve.decode(encoded[None, :, None].repeat(3, 2)))[0].astype(kind)

        def look_up(rows: slice) -> None:
            values[rows] = _looked_up(table, self.photo.pixels[rows])

        bands.over_rows(look_up, *values.shape[:2])
        return values


def mapped(linear: Float32[np.ndarray, "h w 3"], formula: Formula, kind: np.dtype[Kind]) -> Shaped[np.ndarray, "h w 3"]:
    """``formula`` of light, as values of ``kind``."""
    values = np.empty(linear.shape, kind)

    def work(rows: slice) -> None:
        values[rows] = formula(linear[rows])

    bands.over_rows(work, *linear.shape[:2])
    return values


def by_table(
    formula: Callable[[camera.Array], camera.Array], values: Shaped[np.ndarray, "h w"], levels: int
) -> Float32[np.ndarray, "h w"]:
    """``formula`` of encoded ``values``, of each of which it is worked out once."""
    encoded = np.arange(levels + 1, dtype=np.float32) / np.float32(levels)
    table, found = formula(encoded).astype(np.float32), np.empty(values.shape, np.float32)

    def look_up(rows: slice) -> None:
        found[rows] = table.take(values[rows])

    bands.over_rows(look_up, *values.shape)
    return found


def _made(piece: Piece) -> tuple[Float32[np.ndarray, "r c 3"], Bool[np.ndarray, "r c 3"]]:
    return piece.make(piece.rows, piece.columns)


def _looked_up(
    table: Shaped[np.ndarray, "levels 3"], pixels: Shaped[np.ndarray, "r w 3"]
) -> Shaped[np.ndarray, "r w 3"]:
    if not (table == table[:, :1]).all():
        return np.stack([table[:, channel].take(pixels[..., channel]) for channel in range(3)], -1)
    if table.itemsize == pixels.itemsize == 1:  # in half the time of an index
        return np.frombuffer(pixels.tobytes().translate(table[:, 0].tobytes()), table.dtype).reshape(pixels.shape)
    return table[:, 0].take(pixels)
