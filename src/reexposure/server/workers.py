"""The worker process as the server sees it: jobs go in one at a time, reports come out.

Photos come from anywhere, and decoders have bugs. They run in a process of their own: if one takes
it down, its job fails, and the next job starts a new process.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

MAX_WAITING = 8
LIMIT_S = 300.0

Report = dict[str, Any]


class Busy(Exception):
    """The queue is full: try again later."""


class JobFailed(Exception):
    """A job that came to nothing. ``status`` is the HTTP status: 422 if the photo is to blame.

    ``again`` is whether another try may come to something: what cannot be read stays so.
    """

    def __init__(self, reason: str, status: int, again: bool = True) -> None:
        super().__init__(reason)
        self.status = status
        self.again = again

    @property
    def said(self) -> Report:
        """What the page is told."""
        return {"error": str(self), "again": self.again}


def _environment() -> dict[str, str]:
    """This process's, without the empty places in PYTHONPATH that also mean the current folder."""
    places = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return os.environ | {"PYTHONPATH": os.pathsep.join(places)}


class Worker:
    """One worker process and the bounded queue before it."""

    def __init__(self, max_waiting: int = MAX_WAITING, limit_s: float = LIMIT_S) -> None:
        self.max_waiting = max_waiting
        self.limit_s = limit_s
        self.process: Process | None = None
        self.closed = False
        self._places = 0
        self._turn = asyncio.Lock()

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the queue, from before the upload until the work is done. Raises Busy."""
        if self._places >= self.max_waiting:
            raise Busy
        self._places += 1
        try:
            yield
        finally:
            self._places -= 1

    async def run(self, job: Report, report: Callable[[Report], None]) -> Report:
        """Have ``job`` done and return its last report, the one of stage "done"; ``report`` gets the others.

        Raises JobFailed with the worker's reason, or if it died or took longer than ``limit_s``.
        """
        async with self._turn:
            if self.closed:
                raise JobFailed("the server is ending", 503)
            process = await self._running()
            try:
                async with asyncio.timeout(self.limit_s):
                    return await self._ask(process, job, report)
            except JobFailed:
                raise
            except BaseException as error:
                # Whatever it was in the middle of, the next job must not read the end of it.
                await self._end()
                if self.closed:
                    raise JobFailed("the server is ending", 503) from error
                if isinstance(error, TimeoutError):
                    raise JobFailed(f"gave up after {self.limit_s:g} seconds", 500) from error
                if isinstance(error, (OSError, EOFError)):
                    raise JobFailed("the decoder stopped while it worked on this photo", 422) from error
                raise

    async def _ask(self, process: Process, job: Report, report: Callable[[Report], None]) -> Report:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(job).encode() + b"\n")
        await process.stdin.drain()
        while True:
            line = await process.stdout.readline()
            if not line:
                raise EOFError
            said: Report = json.loads(line)
            if "error" in said:
                raise JobFailed(said["error"], said["status"], said.get("again", True))
            if said["stage"] == "done":
                return said
            report(said)

    async def _running(self) -> Process:
        if self.process is None or self.process.returncode is not None:
            # -P: never a module out of the current folder, where a photo may have brought a json.py along.
            command = [sys.executable, "-P", "-m", "reexposure.server.worker"]
            self.process = await asyncio.create_subprocess_exec(*command, env=_environment(), stdin=PIPE, stdout=PIPE)
        return self.process

    async def _end(self) -> None:
        process, self.process = self.process, None
        if process and process.returncode is None:
            process.kill()
            await process.wait()

    async def close(self) -> None:
        """End the process, and what it is doing with it; nothing is begun any more."""
        self.closed = True
        await self._end()
