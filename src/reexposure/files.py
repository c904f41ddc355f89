"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
