"""Work on a picture in bands of rows: each stays in the processor's cache, and cores share them."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

BAND_PX = 64_000


def over_rows(work: Callable[[slice], None], height_px: int, width_px: int) -> None:
    """Call ``work(rows)`` for bands of rows that together cover the picture, on all cores."""
    step = max(1, BAND_PX // max(1, width_px))
    rows = [slice(top, min(top + step, height_px)) for top in range(0, height_px, step)]
    if len(rows) == 1:
        work(rows[0])
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, rows):  # reading the results raises what a band raised
            pass
