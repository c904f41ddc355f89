"""The command serve: the page, from this machine."""

from __future__ import annotations

from pathlib import Path

from reexposure.cli.app import app
from reexposure.errors import UsageError


@app.command
def serve(*photos: str, port: int | None = None, browser: bool = True, api: bool = False) -> None:
    """Open a page with a live exposure slider; photos stay on this machine.

    Parameters
    ----------
    photos
        Files to open on it at once.
    port
        Port on 127.0.0.1. Default: 8537, or a free one if that is taken.
    browser
        Open the page in the browser.
    api
        Answer programs, too, see docs/api.md. They need the token of the printed address.
    """
    from reexposure.server import serving

    if port is not None and not 0 <= port < 65536:
        raise UsageError(f"--port {port}: not a port; there are 0 to 65535")
    files = [Path(photo).absolute() for photo in photos]
    for name, file in zip(photos, files, strict=True):
        try:
            file.open("rb").close()
        except OSError as error:
            raise OSError(f"{name}: {(error.strerror or str(error)).lower()}") from error
    serving.serve(port, browser, files, api)
