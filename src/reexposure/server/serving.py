"""Run the server on this machine, for this machine."""

from __future__ import annotations

import contextlib
import secrets
import socket
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from reexposure.server.app import make_app
from reexposure.server.programs import Programs
from reexposure.server.service import Service

ADDRESS = "127.0.0.1"
PORT = 8537


def serve(port: int | None = None, browser: bool = True, photos: Sequence[Path] = (), api: bool = False) -> None:
    """Serve the page, with ``photos`` open, until interrupted; ``port`` None is PORT or, if that is taken, a free one.

    With ``api`` programs that know the token may ask, too. Raises OSError if the port that was
    asked for is taken.
    """
    listening = _listen(port)
    port = listening.getsockname()[1]
    hosts = frozenset(f"{name}:{port}" for name in (ADDRESS, "localhost"))
    token = secrets.token_urlsafe(24)
    url = f"http://{ADDRESS}:{port}/{token}/"
    service = Service(photos)
    app = make_app(hosts, token, service, Programs(service.worker, url.rstrip("/")) if api else None)
    config = uvicorn.Config(app, log_level="warning", server_header=False, ws="none", timeout_graceful_shutdown=2)
    print(f"reexposure is at {url} until you press Ctrl+C", flush=True)
    if api:
        print(f"for programs: {url}api/openapi.json", flush=True)
    if browser:
        webbrowser.open(_leading_to(url, service.store.root).as_uri())
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config, service).run([listening])


def _leading_to(url: str, folder: Path) -> Path:
    """A file in a private folder that leads a browser to ``url``: anybody can read how a program was started."""
    file = folder / "open.html"
    file.write_text(f'<!doctype html><meta http-equiv="refresh" content="0; url={url}"><a href="{url}">reexposure</a>')
    return file


class _Server(uvicorn.Server):
    """Ends the work before it waits for the requests that wait for the work."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self.service = service

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.service.close()
        await super().shutdown(sockets)


def _listen(port: int | None) -> socket.socket:
    """A socket bound before the page is opened, so that the browser never comes too early."""
    for wanted in (PORT, 0) if port is None else (port,):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((ADDRESS, wanted))
        except OSError as error:
            listening.close()
            failure = error
        else:
            listening.listen(128)
            return listening
    raise OSError(f"port {port}: {(failure.strerror or 'cannot be used').lower()}")
