"""A photo on its way in: streamed to a file, never larger than the cap."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

MAX_UPLOAD_BYTES = 200_000_000
MAX_DISCARDED_BYTES = 1_000_000_000
MAX_JSON_BYTES = 20_000
PATIENCE_S, LIMIT_S = 30.0, 120.0
"""How long nothing may come of a body, and how long the whole may take: a photo comes from this very machine."""


class TooLarge(Exception):
    """An upload of more bytes than the cap; nothing of it is kept."""


class TooSlow(Exception):
    """An upload that stopped, or that takes longer than any photo does: others wait for its place."""


async def receive(request: Request, path: Path, cap: int = MAX_UPLOAD_BYTES) -> int:
    """Stream the request's body to ``path`` and return its size in bytes; memory use does not depend on it.

    Raises TooLarge, after removing ``path``, if it is, or is said to be, larger than ``cap``, and
    TooSlow if nothing comes for ``PATIENCE_S``, or not all within ``LIMIT_S``.
    """
    size = 0
    try:
        if int(request.headers.get("content-length", 0)) > cap:
            raise TooLarge
        async with asyncio.timeout(LIMIT_S):
            with path.open("wb") as file:
                chunks = request.stream()
                while chunk := await _next(chunks):
                    size += len(chunk)
                    if size > cap:
                        raise TooLarge
                    file.write(chunk)
    except TimeoutError:
        path.unlink(missing_ok=True)
        raise TooSlow from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size


async def small_json(request: Request, cap: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """The request's body: a JSON object of at most ``cap`` bytes. Raises HTTPException for anything else."""
    body = b""
    async with asyncio.timeout(LIMIT_S):
        async for chunk in request.stream():
            body += chunk
            if len(body) > cap:
                raise HTTPException(413, f"more than {cap} bytes")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise HTTPException(422, "send a JSON object")
    return found


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """The next part of a body; empty at its end. Raises TimeoutError if there is none for ``PATIENCE_S``."""
    async with asyncio.timeout(PATIENCE_S):
        return await anext(chunks, b"")


async def discard(request: Request) -> None:
    """Read what is left of a body that was refused, within reason.

    A browser that is still sending when the connection closes reports a broken connection and
    never shows the answer that says why.
    """
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > MAX_DISCARDED_BYTES:
                    return
