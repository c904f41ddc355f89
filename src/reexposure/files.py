"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def quiet_stderr(quiet: bool) -> Iterator[None]:
    """Nothing reaches stderr meanwhile, if ``quiet``: libtiff writes there what we say in our own words."""
    if not quiet:
        yield
        return
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` to write to; it takes the name of ``path`` on success.

    On any error the temporary file is removed and ``path`` is as it was. Raises OSError naming
    ``path`` if its folder cannot be written to.
    """
    if path.is_dir():
        raise OSError(f"{path}: is a directory")
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.touch()
        yield aside
        aside.replace(path)
    except OSError as error:
        if error.filename and Path(error.filename) == aside:
            raise OSError(f"{path}: cannot be written ({(error.strerror or 'unknown').lower()})") from error
        raise
    finally:
        aside.unlink(missing_ok=True)
