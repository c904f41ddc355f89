"""The server's answers: which address leads to what, and how errors are told."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from reexposure.server.assets import media_type, static_files
from reexposure.server.exports import offered
from reexposure.server.programs import Programs
from reexposure.server.security import OwnPageOnly
from reexposure.server.service import Service
from reexposure.server.uploads import TooLarge, TooSlow, discard
from reexposure.server.workers import Busy, JobFailed

RETRY_AFTER_S = 1


def make_app(hosts: frozenset[str], token: str, service: Service, api: Programs | None = None) -> ASGIApp:
    """The server as an ASGI app that answers under ``hosts``, such as ``{"127.0.0.1:8537"}``, below ``/token/``.

    With ``api`` it answers programs, too.
    """
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
        Route("/api/photos", service.listed),
        Route("/api/photos", service.add, methods=["POST"]),
        Route("/api/photos", service.forget, methods=["DELETE"]),
        Route(photo, service.remove, methods=["DELETE"]),
        Route(photo, service.remember, methods=["PUT"]),
        Route(f"{photo}/events", service.events),
        Route(f"{photo}/file", service.file),
        Route(f"{photo}/open", service.again, methods=["POST"]),
        Route(f"{photo}/drawn", service.drawn, methods=["POST"]),
        Route(f"{photo}/save", service.save, methods=["POST"]),
        Route(f"{photo}/{{texture:str}}", service.texture),
        *(api.routes() if api else ()),
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
    return OwnPageOnly(Starlette(routes=routes, exception_handlers=handlers), hosts, token, programs=api is not None)


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
