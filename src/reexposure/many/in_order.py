"""Work on many things at a time, in bounded memory, given back in the order they came in."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from reexposure.light import bands

Thing = TypeVar("Thing")
Made = TypeVar("Made")

AHEAD = 2
"""How many things for each thread are taken up before the first of them is asked for."""


def in_order(work: Callable[[Thing], Made], things: Iterable[Thing], threads: int) -> Generator[Made, None, None]:
    """``work`` of each of ``things``, on so many threads, in their order.

    Threads are enough: decoders, the network and arrays work without Python's lock. Whatever ``work`` raises is raised
    here, in its turn. When the iterator is closed nothing new is begun, and what has begun is ended first.

    >>> list(in_order(lambda x: x * x, range(5), threads=2))
    [0, 1, 4, 9, 16]
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="reexposure")

    share = max(1, (os.cpu_count() or 1) // threads)

    def alone(thing: Thing) -> Made:
        with bands.threads(share):  # most often one, as each core has a thing of its own
            return work(thing)

    waiting = deque[Future[Made]]()
    try:
        for thing in things:
            waiting.append(pool.submit(alone, thing))
            if len(waiting) >= AHEAD * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
