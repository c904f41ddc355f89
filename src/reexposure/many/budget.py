"""Memory that several photos share: each waits until there is enough for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BLOCKS = 8
"""Pillow keeps so many blocks of 16 MiB for the next photo, once they are free."""

BASE_BYTES = 330_000_000
"""What a process holds before it sees a photo, and BLOCKS."""

BYTES_PER_PX = 24
"""What the work on one photo holds for each of its pixels, at most: its file, values, light and results."""


class Budget:
    """So many bytes for the photos in work. One that needs more than there is gets all of it, and is alone."""

    def __init__(self, total_bytes: int) -> None:
        self.total = max(total_bytes - BASE_BYTES, 1)
        self._left = self.total
        self._changed = threading.Condition()

    @contextmanager
    def share(self, need_bytes: int) -> Iterator[None]:
        """Hold ``need_bytes``, once they are there."""
        need = min(need_bytes, self.total)
        with self._changed:
            self._changed.wait_for(lambda: self._left >= need)
            self._left -= need
        try:
            yield
        finally:
            with self._changed:
                self._left += need
                self._changed.notify_all()


def default_bytes() -> int:
    """Half of the machine's memory."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):  # not on a POSIX system
        return 4_000_000_000
