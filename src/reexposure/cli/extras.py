"""Commands that need more than is installed say what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reexposure.errors import UsageError


@contextmanager
def needs(command: str, extra: str) -> Iterator[None]:
    """Around imports that only the extra named ``extra`` brings. Raises UsageError where one is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "a package").partition(".")[0]
        raise UsageError(f"{command} needs {missing}; install with: pip install 'reexposure[{extra}]'") from None
