"""Memory that was freed goes back to the system, whichever thread freed it."""

from __future__ import annotations

import contextlib
import ctypes

ARENA_MAX, MMAP_THRESHOLD, TRIM_THRESHOLD = -8, -3, -1
"""What glibc's mallopt calls them (malloc.h)."""


def give_back() -> None:
    """Have glibc keep one heap for all threads, nothing larger than 4 MB on it; before any thread is started.

    Left to itself it keeps a heap for each thread and, after large pieces were freed, the next large ones, too: of a
    12-megapixel photo 40 MB that nobody uses. Other systems' libraries do not, and are left alone.
    """
    with contextlib.suppress(OSError, TypeError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in ((ARENA_MAX, 1), (MMAP_THRESHOLD, 1 << 22), (TRIM_THRESHOLD, 1 << 23)):
            mallopt(option, value)
