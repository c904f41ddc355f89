"""Memory that was freed goes back to the system, whichever thread freed it."""

from __future__ import annotations

import contextlib
import ctypes

ARENA_MAX, MMAP_THRESHOLD, TRIM_THRESHOLD = -8, -3, -1
"""What glibc's mallopt calls them (malloc.h)."""


def keep_little() -> None:
    """Have glibc keep one heap for all threads, nothing larger than 4 MB on it; before any thread is started.

    Left to itself it keeps a heap for each thread and, after large pieces were freed, the next large ones, too: of a
    12-megapixel photo 40 MB that nobody uses. Other systems' libraries do not, and are left alone.
    """
    for option, value in ((ARENA_MAX, 1), (MMAP_THRESHOLD, 1 << 22), (TRIM_THRESHOLD, 1 << 23)):
        _ask("mallopt", option, value)


def give_back() -> None:
    """Have glibc give back what lies free between pieces in use, too: 50 MB of small ones, once a network is loaded."""
    _ask("malloc_trim", 0)


def _ask(function: str, *numbers: int) -> None:
    """Call a function of the C library, where it has it."""
    with contextlib.suppress(OSError, TypeError, AttributeError):
        getattr(ctypes.CDLL(None), function)(*numbers)
