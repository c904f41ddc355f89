"""A photo on its way in: streamed to a file, never larger than the cap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request

MAX_UPLOAD_BYTES = 200_000_000
MAX_DISCARDED_BYTES = 1_000_000_000
PATIENCE_S = 30.0


class TooLarge(Exception):
    """An upload of more bytes than the cap; nothing of it is kept."""


class TooSlow(Exception):
    """An upload of which nothing came for ``PATIENCE_S``: others wait for its place."""


async def receive(request: Request, path: Path, cap: int = MAX_UPLOAD_BYTES) -> int:
    """Stream the request's body to ``path`` and return its size in bytes; memory use does not depend on it.

    Raises TooLarge, after removing ``path``, if it is, or is said to be, larger than ``cap``, and
    TooSlow if it stops.
    """
    size = 0
    try:
        if int(request.headers.get("content-length", 0)) > cap:
            raise TooLarge
        with path.open("wb") as file:
            chunks = request.stream()
            while chunk := await _next(chunks):
                size += len(chunk)
                if size > cap:
                    raise TooLarge
                file.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """The next part of a body; empty at its end."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await anext(chunks, b"")
    except TimeoutError:
        raise TooSlow from None


async def discard(request: Request) -> None:
    """Read what is left of a body that was refused, within reason.

    A browser that is still sending when the connection closes reports a broken connection and
    never shows the answer that says why.
    """
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_DISCARDED_BYTES:
            return
