"""Work in a process of its own, which a photo may take down without taking anybody with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

LIMIT_S = 900.0
"""After so many seconds the work on a photo is given up."""


class Isolated:
    """Calls a function in another process, again and again; if that dies, with the next call comes a new one.

    The process sees the end of its pipe when this one dies, however it may, and ends.
    """

    def __init__(self, begin: Callable[[Any], Callable[..., Any]], given: Any, limit_s: float = LIMIT_S) -> None:
        """``begin(given)``, called in the process once, answers with the function."""
        self.begin, self.given, self.limit_s = begin, given, limit_s
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def __call__(self, *arguments: Any) -> Any:
        """What the function comes to. Raises RuntimeError if its process died or took too long."""
        pipe = self._ready()
        try:
            pipe.send(arguments)
            if not pipe.poll(self.limit_s):
                raise RuntimeError(f"gave up after {self.limit_s:g} seconds")
            return pipe.recv()
        except (EOFError, OSError) as error:
            self.close()
            raise RuntimeError("the process that worked on it died") from error
        except RuntimeError:
            self.close()
            raise

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._pipe is not None:
            self._pipe.close()
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None

    def _ready(self) -> Connection:
        if self._pipe is None:
            spawn = multiprocessing.get_context("spawn")
            self._pipe, theirs = spawn.Pipe()
            self._process = spawn.Process(target=_serve, args=(theirs, self.begin, self.given), daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe


def _serve(pipe: Connection, begin: Callable[[Any], Callable[..., Any]], given: Any) -> None:
    work = begin(given)
    while True:
        try:
            arguments = pipe.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        pipe.send(work(*arguments))
