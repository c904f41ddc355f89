"""The server's answers: the page, photos in, their light out, files to save."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from reexposure.ev import parse_evs
from reexposure.server.assets import media_type, static_files
from reexposure.server.exports import FORMATS, offered
from reexposure.server.security import OwnPageOnly
from reexposure.server.store import OpenPhoto, Store
from reexposure.server.uploads import TooLarge, TooSlow, discard, receive
from reexposure.server.workers import Busy, JobFailed, Worker

RETRY_AFTER_S = 1
GONE_AFTER_S = 0.5  # how soon it is noticed that nobody waits for a file any more
TEXTURES = ("input", "light")
ENDS = ("ready", "failed")

Files = FileResponse
Files.chunk_size = 1 << 20  # a light texture is a hundred megabytes


Result = TypeVar("Result")


class Service:
    """The open photos and the worker that does the work on them."""

    def __init__(self, given: Sequence[Path] = ()) -> None:
        self.given = given
        self.store = Store()
        self.worker = Worker()
        self.tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Give up all work, tell those who wait for it, and remove the photos."""
        await self.worker.close()
        await asyncio.gather(*self.tasks)
        self.store.close()

    def photo(self, request: Request) -> OpenPhoto:
        """The photo that the request names; 404 if it is not open (any more)."""
        photo = self.store.get(request.path_params["id"])
        if photo is None:
            raise HTTPException(404, "this photo is not open any more")
        return photo

    async def add(self, request: Request) -> Response:
        """Take the photo in the body, and answer as soon as it is known to be one."""
        side = request.query_params.get("max_side_px", "4096")
        if not (side.isascii() and side.isdigit() and len(side) < 6):
            raise HTTPException(422, "max_side_px is a number of pixels")
        with ExitStack() as place:
            place.enter_context(self.worker.place())
            photo = self.store.add()
            try:
                if await receive(request, photo.file) == 0:
                    raise HTTPException(422, "this file is empty")
                await self._open(photo, max(256, min(int(side), 16384)), place.pop_all())
            except BaseException:
                self.store.remove(photo)
                raise
            return JSONResponse({"id": photo.id, **photo.state}, 201)

    async def _open(self, photo: OpenPhoto, max_side_px: int, place: ExitStack) -> None:
        """Start the reconstruction, and return when the photo is decoded. Raises JobFailed if it cannot be.

        The work goes on after that, and gives up its ``place`` in the queue when it is done.
        """
        job = {"do": "open", "photo": str(photo.file), "max_side_px": max_side_px}
        decoded = asyncio.get_running_loop().create_future()

        def report(state: dict[str, Any]) -> None:
            photo.report(state)
            if not decoded.done():
                decoded.set_result(None)

        async def work() -> None:
            photo.busy += 1
            try:
                with place:
                    done = await self.worker.run(job, report)
                photo.report({**done, "stage": "ready"})
            except JobFailed as error:
                photo.report({**error.said, "stage": "failed"})
                if not decoded.done():
                    decoded.set_exception(error)
            finally:
                photo.busy -= 1
                self.store.make_room()

        task = asyncio.create_task(work())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        await decoded

    async def events(self, request: Request) -> Response:
        """What is happening to a photo, as server-sent events, until it is ready or has failed."""
        photo = self.photo(request)

        async def stream() -> AsyncIterator[str]:
            while True:
                changed = photo.changed
                yield f"data: {json.dumps(photo.state)}\n\n"
                if photo.state["stage"] in ENDS:
                    return
                await changed.wait()

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def texture(self, request: Request) -> Response:
        """The photo, or its light, as `view.write` wrote it."""
        photo = self.photo(request)
        name = request.path_params["texture"]
        if name not in TEXTURES or photo.opening["stage"] in ("received", "failed"):
            raise HTTPException(404, "there is nothing to show yet")
        return Files(photo.folder / name, media_type="application/octet-stream")

    async def save(self, request: Request) -> Response:
        """The photo as a file of one of `exports.FORMATS`, at an exposure."""
        photo = self.photo(request)
        format = FORMATS.get(request.query_params.get("format", ""))
        try:
            (ev,) = parse_evs(request.query_params.get("ev", "0"))
        except ValueError:
            format = None
        if format is None:
            raise HTTPException(422, f"write one of {', '.join(FORMATS)} at an exposure from -30 to 30 stops")
        said = offered()[request.query_params["format"]]
        if said != format.suffix:
            raise HTTPException(422, said)
        out = photo.folder / f"{secrets.token_urlsafe(9)}{format.suffix}"
        job = {"do": "save", "photo": str(photo.file), "ev": ev, "out": str(out)}
        photo.busy += 1
        try:
            with self.worker.place(), photo.being_saved() as report:
                run = self.worker.run(job | {"format": request.query_params["format"]}, report)
                await _while_wanted(request, run)
            self.store.make_room()
        except JobFailed as error:
            if photo.folder.exists():
                raise
            raise HTTPException(404, "this photo is not open any more") from error
        finally:
            photo.busy -= 1
        done = BackgroundTask(partial(out.unlink, missing_ok=True))
        name = f"photo{format.suffix}"  # the page knows the real one
        return Files(out, media_type=format.media_type, filename=name, background=done)

    async def names(self, request: Request) -> Response:
        """The names of the photos that the page opens first."""
        return JSONResponse([path.name.encode(errors="replace").decode() for path in self.given])

    async def give(self, request: Request) -> Response:
        """One of these photos, by its place in the list."""
        number = request.path_params["number"]
        if number >= len(self.given) or not self.given[number].is_file():
            raise HTTPException(404, "there is no such photo")
        return Files(self.given[number], media_type="application/octet-stream")

    async def remove(self, request: Request) -> Response:
        """Forget a photo."""
        self.store.remove(self.photo(request))
        return Response(status_code=204)


async def _while_wanted(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """What ``work`` comes to; it is cancelled when the client goes away. Raises ClientDisconnect then."""
    task = asyncio.create_task(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=GONE_AFTER_S)
            if not task.done() and await request.is_disconnected():
                raise ClientDisconnect
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, JobFailed):
            await task
    return task.result()


def make_app(hosts: frozenset[str], token: str, service: Service) -> ASGIApp:
    """The server as an ASGI app that answers under ``hosts``, such as ``{"127.0.0.1:8537"}``, below ``/token/``."""
    files = static_files()

    async def static(request: Request) -> Response:
        name = request.path_params.get("name", "index.html")
        if name not in files:
            raise HTTPException(404, "there is no such file")
        return Response(files[name], media_type=media_type(name))

    photo = "/api/photos/{id:str}"
    routes = [
        Route("/", static),
        Route("/api/formats", _formats),
        Route("/api/given", service.names),
        Route("/api/given/{number:int}", service.give),
        Route("/api/photos", service.add, methods=["POST"]),
        Route(photo, service.remove, methods=["DELETE"]),
        Route(f"{photo}/events", service.events),
        Route(f"{photo}/save", service.save, methods=["POST"]),
        Route(f"{photo}/{{texture:str}}", service.texture),
        Route("/{name:path}", static),
    ]
    handlers: Any = {
        Busy: _busy,
        TooLarge: _too_large,
        TooSlow: _too_slow,
        JobFailed: _failed,
        HTTPException: _http_error,
        ClientDisconnect: _gone,
    }
    # Outside of everything, so that not even the answer to a fault of ours goes without its headers.
    return OwnPageOnly(Starlette(routes=routes, exception_handlers=handlers), hosts, token)


async def _formats(request: Request) -> Response:
    return JSONResponse(offered())


async def _busy(request: Request, error: Exception) -> Response:
    await discard(request)
    return JSONResponse({"error": "the server is busy"}, 503, {"Retry-After": str(RETRY_AFTER_S)})


async def _too_large(request: Request, error: Exception) -> Response:
    await discard(request)
    return JSONResponse({"error": "this file is larger than 200 MB"}, 413)


async def _too_slow(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "the upload stopped"}, 408, {"Connection": "close"})


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # nobody is there to read it


async def _failed(request: Request, error: JobFailed) -> Response:
    return JSONResponse(error.said, error.status)


async def _http_error(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code)
