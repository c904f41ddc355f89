"""What `reexpose serve --api` does for programs: one photo in, one answer out, nothing kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reexposure.files import scratch_folder
from reexposure.server import exports, openapi
from reexposure.server.service import Files, while_wanted
from reexposure.server.uploads import receive
from reexposure.server.workers import Worker


class Programs:
    """The endpoints below ``/api/``; ``url`` is where they are from outside, without the slash at its end."""

    def __init__(self, worker: Worker, url: str) -> None:
        self.worker = worker
        self.url = url

    def routes(self) -> list[Route]:
        """Those that `openapi.document` describes, and that document itself."""
        return [
            Route("/api/develop", self.develop, methods=["POST"]),
            Route("/api/describe", self.describe, methods=["POST"]),
            Route("/api/openapi.json", self.document),
        ]

    async def document(self, request: Request) -> Response:
        """What there is, for programs that make clients of it."""
        return JSONResponse(openapi.document(self.url))

    async def develop(self, request: Request) -> Response:
        """The photo in the body as the file that the query asks for, see `exports.Wish`."""
        told = wish_told(dict(request.query_params))
        try:
            format = exports.FORMATS[exports.wish_of(told).format]
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        if not (needed := exports.offered()[told["format"]]).startswith("."):
            raise HTTPException(422, f"{told['format']} {needed}")
        async with self._received(request) as (photo, place):
            out = photo.with_name(f"out{format.suffix}")
            job = {"do": "save", "photo": str(photo), "wish": told, "out": str(out)}
            await while_wanted(request, self.worker.run(job, lambda _: None))
            done = BackgroundTask(place.pop_all().close)
            return Files(out, media_type=format.media_type, filename=f"photo{format.suffix}", background=done)

    async def describe(self, request: Request) -> Response:
        """What the photo in the body is, and how much of it is lost."""
        async with self._received(request) as (photo, _):
            job = {"do": "describe", "photo": str(photo)}
            found = await while_wanted(request, self.worker.run(job, lambda _: None))
            return JSONResponse({name: value for name, value in found.items() if name != "stage"})

    @asynccontextmanager
    async def _received(self, request: Request) -> AsyncIterator[tuple[Path, ExitStack]]:
        """The photo in a folder of its own, and what gives that up, with its place in the queue."""
        with ExitStack() as place:
            place.enter_context(self.worker.place())
            photo = place.enter_context(scratch_folder()) / "photo"
            if await receive(request, photo) == 0:
                raise HTTPException(422, "send the photo's bytes as the body")
            yield photo, place


def wish_told(query: dict[str, str]) -> dict[str, Any]:
    """A query as the page tells its wish in JSON. Raises HTTPException for names that are none, and for no numbers.

    >>> wish_told({"format": "png", "ev": "-2", "bits": "16"})
    {'format': 'png', 'bits': 16.0, 'settings': {'ev': -2.0}}
    """
    told: dict[str, Any] = {"format": query.get("format", "jpeg")}
    settings = dict[str, float]()
    for name, text in query.items():
        if name == "format":
            continue
        if name not in (*openapi.SETTINGS, *openapi.NUMBERS):
            raise HTTPException(422, f"{name}: no such setting; see openapi.json")
        try:
            (settings if name in openapi.SETTINGS else told)[name] = float(text)
        except ValueError:
            raise HTTPException(422, f"{name}: not a number") from None
    return told | {"settings": settings}
