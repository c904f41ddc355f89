"""The command serve: the page, from this machine."""

from __future__ import annotations

from reexposure.cli.app import app
from reexposure.errors import UsageError


@app.command
def serve(*, port: int | None = None, browser: bool = True) -> None:
    """Open a page with a live exposure slider; photos stay on this machine.

    Parameters
    ----------
    port
        Port on 127.0.0.1. Default: 8537, or a free one if that is taken.
    browser
        Open the page in the browser.
    """
    from reexposure.server import serving

    if port is not None and not 0 <= port < 65536:
        raise UsageError(f"--port {port}: not a port; there are 0 to 65535")
    serving.serve(port, browser)
