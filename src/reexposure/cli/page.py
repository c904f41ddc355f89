"""The command page: the page as a static site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from reexposure.cli.app import Overwrite, app
from reexposure.cli.signatures import Parameter


@app.command
def page(
    *, out: Annotated[Path, Parameter("--out", "-o")], runtime: Path | None = None, overwrite: Overwrite = False
) -> None:
    """Write the page as a static site that does everything in the visitor's browser.

    Parameters
    ----------
    out
        Folder for the site; put it on any web server, or see it with `python -m http.server`.
    runtime
        The dist folder of another onnxruntime-web than the one in this package.
    """
    from reexposure.server.site import write_site

    size = write_site(out, runtime, overwrite)
    print(f"{out}: {size / 1e6:.0f} MB; any web server can serve it")
