"""Commands for those who would rather see it: serve, page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from reexposure.cli.app import UsageError, app


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


@app.command
def page(*, out: Annotated[Path, Parameter(name=["--out", "-o"])], runtime: Path | None = None) -> None:
    """Write the page as a static site that does everything in the visitor's browser.

    Parameters
    ----------
    out
        Folder for the site; put it on any web server, or see it with `python -m http.server`.
    runtime
        The dist folder of another onnxruntime-web than the one in this package.
    """
    from reexposure.server.site import write_site

    size = write_site(out, runtime)
    print(f"{out}: {size / 1e6:.0f} MB; any web server can serve it")
