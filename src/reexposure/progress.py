"""Progress with the time left: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def track(items: Iterable[Item], total: int, what: str, every_s: float = 10.0) -> Iterator[Item]:
    """Yield ``items``, reporting on stderr how many of ``total`` are done and how long the rest takes."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track as rich_track

        yield from rich_track(items, what, total=total, console=Console(stderr=True), transient=True)
        return
    start = last = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last >= every_s:
            left_s = (now - start) / done * (total - done)
            print(f"{what}: {done} of {total}, {left_s:.0f} s left", file=sys.stderr)
            last = now
