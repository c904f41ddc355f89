"""Where results go, for every command: decided, and refused where it cannot be, before any work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reexposure.errors import UsageError

SLASHES = tuple(filter(None, (os.sep, os.altsep)))


@dataclass(frozen=True)
class Target:
    """A file to be written, and the folder that is made for it if it is missing."""

    path: Path
    folder: Path | None = None

    def ready(self) -> Path:
        """The path, in a folder that exists. Asked for last, so that errors leave no folder."""
        if self.folder is not None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OSError(f"{self.folder}: cannot be made ({_reason(error)})") from error
        return self.path


def target(photo: str, out: str | None, ending: str) -> Target:
    """Where a result of ``photo`` is written: ``out``; or, named after the photo with ``ending``, in that folder or
    beside the photo.

    ``out`` is a folder if it ends with a slash, has no suffix, or is one. Raises UsageError where there is no name.
    """
    name = Path("photo" if photo == "-" else photo).stem + ending
    if out is None:
        if photo == "-":
            raise UsageError("standard input has no name; say where to write with -o")
        return Target(Path(photo).parent / name)
    if out == "-":
        raise UsageError("-o -: figures, films and radiance maps do not go to standard output; name a file")
    if out.endswith(SLASHES) or os.path.isdir(out) or not Path(out).suffix:
        return Target(Path(out, name), Path(out))
    return Target(Path(out))


def each(one: Target, endings: Sequence[str]) -> list[Target]:
    """A target for each of several pictures, with its ending in its name."""
    return [Target(one.path.with_name(f"{one.path.stem}{end}{one.path.suffix}"), one.folder) for end in endings]


def check(sources: Iterable[str | Path], targets: Sequence[Target], overwrite: bool) -> None:
    """Refuse targets that are a source, by whatever name, or share a name, or exist and are not to be overwritten.

    Raises UsageError naming the file, OSError if it could not be written.
    """
    given = [found for source in sources if (found := _identity(source))]
    names = set[tuple[str, str]]()
    for one in targets:
        path, about = one.path, _status(one.path)
        name = os.path.realpath(path.parent), os.path.normcase(path.name)
        if name in names:
            raise UsageError(f"{path}: two results would have this name")
        names.add(name)
        if about and any(os.path.samestat(about, source) for source in given):
            raise UsageError(f"{path}: is the input itself; say another name with -o")
        if os.path.isdir(path):
            raise UsageError(f"{path}: is a directory")
        if not overwrite and os.path.lexists(path):
            raise UsageError(f"{path}: exists; --overwrite replaces it")
        _check_folder(one)


def check_suffix(path: Path, suffixes: Iterable[str]) -> None:
    """Refuse a name that does not say a format there is."""
    if path.suffix.lower() not in suffixes:
        raise UsageError(f"{path}: unknown format; write one of {', '.join(suffixes)}")


def _check_folder(one: Target) -> None:
    folder = one.path.parent
    while one.folder is not None and not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent  # the first that exists is where the others are made
    try:
        if not os.path.isdir(folder):
            os.stat(folder)
            raise NotADirectoryError(0, "not a directory")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(0, "permission denied")
    except OSError as error:
        raise OSError(f"{one.path}: cannot be written ({_reason(error)})") from error


def _identity(source: str | Path) -> os.stat_result | None:
    """What tells a file from others, whatever it is called; standard input may be a file, too."""
    try:
        return os.fstat(sys.stdin.fileno()) if str(source) == "-" else os.stat(source)
    except (OSError, ValueError):
        return None  # missing: said by who reads it


def _status(path: Path) -> os.stat_result | None:
    """The file that ``path`` leads to, if there is one. Raises OSError for what cannot be a path."""
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None  # whether it can be made is asked of its folder
    except OSError as error:
        raise OSError(f"{path}: cannot be written ({_reason(error)})") from error


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
