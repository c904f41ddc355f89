"""What can go wrong, as one tree, and what users read of it.

ReexposureError
├── PhotoError              a photo or a radiance map that cannot be read or written
│   └── MissingPackageError   its format needs a package that is not installed
├── ArrayError              an array or a picture in memory that is none of ours (also a ValueError)
├── NetworkError            a file that is no network of `reexpose export` (also a ValueError)
└── UsageError              a command line that asks for something that cannot be
"""

from __future__ import annotations


class ReexposureError(Exception):
    """Any error that this library raises on purpose; its text is one line."""


class PhotoError(ReexposureError):
    """A photo or radiance map that cannot be read or written; its text names the file and why."""


class MissingPackageError(PhotoError):
    """A photo in a format that needs a package that is not installed; its text says which."""


class ArrayError(ReexposureError, ValueError):
    """An array or a picture in memory that cannot be a photo or light; its text says what was wrong."""


class NetworkError(ReexposureError, ValueError):
    """A file that is no network of `reexpose export`."""


class UsageError(ReexposureError):
    """A command line that asks for something that cannot be."""


def one_line(error: BaseException) -> str:
    """The error's text on one line, or its type where it has none.

    Damaged files have their say in it: nothing that could steer a terminal is left.
    """
    text = " ".join(str(error).split())
    return "".join(c if c.isprintable() else "?" for c in text) or type(error).__name__
