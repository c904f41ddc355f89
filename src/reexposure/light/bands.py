"""Work on a picture in bands of rows: each stays in the processor's cache, and cores share them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

BAND_PX = 64_000

Piece = TypeVar("Piece")

_threads: ContextVar[int | None] = ContextVar("threads", default=None)


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Work that is begun meanwhile, from this thread, uses so many threads; None leaves it as it is.

    What comes out does not depend on it. Whoever works on several pictures at a time gives each of them one.
    """
    before = _threads.set(count or _threads.get())
    try:
        yield
    finally:
        _threads.reset(before)


def thread_count() -> int:
    """How many threads work on a picture: what `threads` says, else one for each core."""
    return _threads.get() or os.cpu_count() or 1


def over_rows(work: Callable[[slice], None], height_px: int, width_px: int) -> None:
    """Call ``work(rows)`` for bands of rows that together cover the picture, on all cores."""
    step = max(1, BAND_PX // max(1, width_px))
    rows = [slice(top, min(top + step, height_px)) for top in range(0, height_px, step)]
    on_all_cores(work, rows)


def on_all_cores(work: Callable[[Piece], None], pieces: Sequence[Piece]) -> None:
    """Call ``work(piece)`` for each of ``pieces``; at most as many at a time as there are cores, or `threads`."""
    count = min(thread_count(), len(pieces))
    if count <= 1:
        for piece in pieces:
            work(piece)
        return
    with ThreadPoolExecutor(count) as pool:
        for _ in pool.map(work, pieces):  # reading the results raises what a piece raised
            pass
