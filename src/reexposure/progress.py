"""Progress with the time left: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")


def track(items: Iterable[Item], total: int | None, what: str, every_s: float = 10.0, to: Any = None) -> Iterator[Item]:
    """Yield ``items``, reporting how many of ``total`` are done, how fast, and how long the rest takes.

    Where ``total`` is not known, None, how many and how fast. On stderr, or ``to`` another stream.
    """
    stream = to or sys.stderr
    if stream.isatty():
        yield from _with_bar(items, total, what, stream)
        return
    start = last = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last >= every_s:
            a_second = done / (now - start)
            of = f" of {total}" if total else ""
            left = f", {(total - done) / a_second:.0f} s left" if total else ""
            print(f"{what}: {done}{of}, {a_second:.2g} a second{left}", file=stream)
            last = now


def _with_bar(items: Iterable[Item], total: int | None, what: str, stream: Any) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Speed(TextColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.2g} a second" if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Speed(""), TimeRemainingColumn())
    # Results on standard output stay there, unless it is the terminal that the bar is on.
    with Progress(
        *columns, console=Console(file=stream), transient=True, redirect_stdout=sys.stdout.isatty()
    ) as progress:
        yield from progress.track(items, total, description=what)
