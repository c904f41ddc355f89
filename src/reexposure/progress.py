"""Progress with the time left: a line that changes on a terminal, a new line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
MOST_COLUMNS = 79
"""A line that is longer could not be taken back on a narrow terminal."""


def track(items: Iterable[Item], total: int | None, what: str, every_s: float = 10.0, to: Any = None) -> Iterator[Item]:
    """Yield ``items``, reporting how many of ``total`` are done, how fast, and how long the rest takes.

    Where ``total`` is not known, None, how many and how fast. On stderr, or ``to`` another stream.
    """
    stream = to or sys.stderr
    if stream.isatty():
        yield from _on_terminal(items, total, what, stream)
        return
    start = last = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last >= every_s:
            print(_line(what, done, total, now - start), file=stream)
            last = now


def _on_terminal(items: Iterable[Item], total: int | None, what: str, stream: Any) -> Iterator[Item]:
    """One line; it is taken away while others write, who may do so on the same terminal."""
    start = time.monotonic()
    line = f"{what}: 0" + (f" of {total}" if total else "")
    try:
        print(line, end="", file=stream, flush=True)
        for done, item in enumerate(items, 1):
            print(f"\r{' ' * len(line)}\r", end="", file=stream, flush=True)
            yield item
            line = _line(what, done, total, time.monotonic() - start)[:MOST_COLUMNS]
            print(line, end="", file=stream, flush=True)
    finally:
        print(f"\r{' ' * len(line)}\r", end="", file=stream, flush=True)


def _line(what: str, done: int, total: int | None, seconds: float) -> str:
    """What is done after some ``seconds``.

    >>> _line("photos", 5, 20, 10.0), _line("photos", 5, None, 10.0)
    ('photos: 5 of 20, 0.5 a second, 30 s left', 'photos: 5, 0.5 a second')
    """
    a_second = done / max(seconds, 1e-3)
    of, left = (f" of {total}", f", {(total - done) / a_second:.0f} s left") if total else ("", "")
    return f"{what}: {done}{of}, {a_second:.2g} a second{left}"
