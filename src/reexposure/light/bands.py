"""Work on a picture in bands of rows: each stays in the processor's cache, and cores share them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

BAND_PX = 64_000

Piece = TypeVar("Piece")


def over_rows(work: Callable[[slice], None], height_px: int, width_px: int) -> None:
    """Call ``work(rows)`` for bands of rows that together cover the picture, on all cores."""
    step = max(1, BAND_PX // max(1, width_px))
    rows = [slice(top, min(top + step, height_px)) for top in range(0, height_px, step)]
    on_all_cores(work, rows)


def on_all_cores(work: Callable[[Piece], None], pieces: Sequence[Piece]) -> None:
    """Call ``work(piece)`` for each of ``pieces``; at most as many at a time as there are cores."""
    if len(pieces) <= 1:
        for piece in pieces:
            work(piece)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, pieces):  # reading the results raises what a piece raised
            pass
