"""What the server does for its page: photos in, their light out, files to save."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from reexposure.server import exports
from reexposure.server.store import OpenPhoto, Store
from reexposure.server.uploads import receive, small_json
from reexposure.server.workers import JobFailed, Worker

GONE_AFTER_S = 0.5  # how soon it is noticed that nobody waits for a file any more
TEXTURES = ("input", "light", "map")
ENDS = ("ready", "failed")
MAX_NAME = 255

Files = FileResponse
Files.chunk_size = 1 << 20  # a light texture is a hundred megabytes

Result = TypeVar("Result")


class Service:
    """The open photos and the worker that does the work on them."""

    def __init__(self, given: Sequence[Path] = ()) -> None:
        self.store = Store()
        self.given = [self.store.give(path).id for path in given]
        self.worker = Worker()
        self.tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Give up all work, tell those who wait for it, and remove the photos."""
        await self.worker.close()
        await asyncio.gather(*self.tasks)
        self.store.close()

    async def listed(self, request: Request) -> Response:
        """The photos that are kept, in the order in which they came; those that `reexpose serve` was given say so."""
        about = [
            {
                "id": photo.id,
                "name": photo.about["name"],
                "settings": photo.about.get("settings"),
                "given": photo.id in self.given,
            }
            for photo in self.store.listed()
        ]
        return JSONResponse(about)

    def photo(self, request: Request) -> OpenPhoto:
        """The photo that the request names; 404 if it is not open (any more)."""
        photo = self.store.get(request.path_params["id"])
        if photo is None:
            raise HTTPException(404, "this photo is not open any more")
        return photo

    async def add(self, request: Request) -> Response:
        """Take the photo in the body, and answer as soon as it is known to be one."""
        side = _side_px(request)
        with ExitStack() as place:
            place.enter_context(self.worker.place())
            photo = self.store.add(request.query_params.get("name", "photo")[:MAX_NAME])
            try:
                aside = photo.folder / "photo.part"
                if await receive(request, aside) == 0:
                    raise HTTPException(422, "this file is empty")
                aside.replace(photo.file)
                await self._open(photo, side, place.pop_all())
            except BaseException:
                self.store.remove(photo)
                raise
            return JSONResponse({"id": photo.id, **photo.state}, 201)

    async def again(self, request: Request) -> Response:
        """Open a photo that is kept, unless it is open."""
        photo, side = self.photo(request), _side_px(request)
        if not photo.being_opened and photo.opening["stage"] != "ready":
            photo.opening = {"stage": "received"}
            with ExitStack() as place:
                place.enter_context(self.worker.place())
                await self._open(photo, side, place.pop_all())
        return JSONResponse({"id": photo.id, **photo.state})

    async def remember(self, request: Request) -> Response:
        """Keep the settings that a photo is developed with, as the page understands them."""
        photo, settings = self.photo(request), await small_json(request)
        photo.remember({"settings": settings})
        return Response(status_code=204)

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

        photo.being_opened = True
        photo.busy += 1

        async def work() -> None:
            try:
                with place:
                    done = await self.worker.run(job, report)
                photo.report({**done, "stage": "ready"})
            except JobFailed as error:
                photo.report({**error.said, "stage": "failed"})
                if not decoded.done():
                    decoded.set_exception(error)
            finally:
                photo.being_opened = False
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

    async def drawn(self, request: Request) -> Response:
        """What the seed in the body draws over the photo's light, as `view.write_drawn` wrote it."""
        photo, told = self.photo(request), await small_json(request)
        out = photo.folder / secrets.token_urlsafe(9)
        try:
            job = {"do": "draw", "photo": str(photo.file), "seed": exports.seed_of(told), "out": str(out)}
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        photo.busy += 1
        try:
            with self.worker.place():
                await while_wanted(request, self.worker.run(job, lambda _: None))
        finally:
            photo.busy -= 1
        done = BackgroundTask(partial(out.unlink, missing_ok=True))
        return Files(out, media_type="application/octet-stream", background=done)

    async def save(self, request: Request) -> Response:
        """The photo as the file that the body asks for, see `exports.Wish`."""
        photo, told = self.photo(request), await small_json(request)
        try:
            name = exports.wish_of(told).format
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        format, said = exports.FORMATS[name], exports.offered()[name]
        if said != format.suffix:
            raise HTTPException(422, said)
        out = photo.folder / f"{secrets.token_urlsafe(9)}{format.suffix}"
        job = {"do": "save", "photo": str(photo.file), "wish": told, "out": str(out)}
        photo.busy += 1
        try:
            with self.worker.place(), photo.being_saved() as report:
                await while_wanted(request, self.worker.run(job, report))
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

    async def file(self, request: Request) -> Response:
        """The photo's own file."""
        photo = self.photo(request)
        return Files(photo.file, media_type="application/octet-stream")

    async def remove(self, request: Request) -> Response:
        """Forget a photo."""
        self.store.remove(self.photo(request))
        return Response(status_code=204)

    async def forget(self, request: Request) -> Response:
        """Forget all photos."""
        for photo in self.store.all():
            self.store.remove(photo)
        return Response(status_code=204)


def _side_px(request: Request) -> int:
    """How large a texture the page takes."""
    side = request.query_params.get("max_side_px", "4096")
    if not (side.isascii() and side.isdigit() and len(side) < 6):
        raise HTTPException(422, "max_side_px is a number of pixels")
    return max(256, min(int(side), 16384))


async def while_wanted(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
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
