"""Folders anywhere: on this machine, in an object store, on whatever pyarrow or fsspec knows."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from reexposure.errors import PhotoError, one_line
from reexposure.files import written_aside
from reexposure.many.sources import SUFFIXES, is_hidden

LOOK_BYTES = 131_072
"""Where a result's note mostly is: so far from its beginning or its end."""

WHOLE_AT_ONCE = ("s3", "gcs", "abfs")
"""Filesystems on which a file has its name once it is whole; on others it is given it then."""


@dataclass(frozen=True)
class Place:
    """A filesystem and a folder in it; files are named by their paths in the filesystem."""

    uri: str
    files: Any
    """A ``pyarrow.fs.FileSystem``."""
    root: str

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine, or of one that all machines share."""
        return str(self.files.type_name) == "local"

    def named(self, path: str) -> str:
        """A file's path as a user would write it."""
        scheme, separator, _ = self.uri.partition("://")
        return f"{scheme}://{path.lstrip('/')}" if separator and not self.is_local else path

    def units(self) -> list[tuple[str, bool]]:
        """The parts it is listed in: its own files, and each of its folders with all below (True)."""
        try:
            inside = self.files.get_file_info(_selector(self.root, False))
        except FileNotFoundError as error:
            raise PhotoError(f"{self.uri}: no such folder") from error
        except OSError as error:
            raise PhotoError(f"{self.uri}: {one_line(error)}") from error
        folders = (one.path for one in inside if one.type.name == "Directory" and not is_hidden(one.base_name))
        return [(self.root, False), *((folder, True) for folder in sorted(folders))]

    def photos(self, unit: tuple[str, bool]) -> list[str]:
        """The photos of one of `units`, in the order of their names, without what is hidden. Raises OSError."""
        found = self.files.get_file_info(_selector(*unit))
        return sorted(one.path for one in found if one.type.name == "File" and self._is_photo(one.path))

    def folder_of(self, path: str) -> PurePosixPath:
        """The folder of a file, below this one."""
        return PurePosixPath(path).parent.relative_to(self.root)

    def read(self, path: str) -> bytes:
        """All of a file. Raises OSError."""
        with self.files.open_input_stream(path) as file:
            return bytes(file.read())

    def changed_ns(self, path: str) -> int | None:
        """When a file was last changed; None if there is none. Raises OSError."""
        about = self.files.get_file_info(path)
        return None if about.type.name == "NotFound" else about.mtime_ns or 0

    def says(self, path: str, note: bytes) -> bool:
        """Whether ``note`` is somewhere in a file, of which no more than needed is read. Raises OSError."""
        with self.files.open_input_file(path) as file:
            size = file.size()
            parts = ((0, LOOK_BYTES), (max(0, size - LOOK_BYTES), LOOK_BYTES), (0, size))
            return any(bytes(file.read_at(count, at)).find(note) >= 0 for at, count in parts)

    def write(self, path: str, data: bytes) -> None:
        """Write a file, whole or not at all, into its folder, which is made. Raises OSError."""
        if self.is_local:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            with written_aside(Path(path)) as aside:
                aside.write_bytes(data)
        elif self.files.type_name in WHOLE_AT_ONCE:
            self._stream(path, data)
        else:
            part = str(PurePosixPath(path).with_name(f".reexposure-{os.urandom(8).hex()}.part"))
            self.files.create_dir(str(PurePosixPath(path).parent), recursive=True)
            self._stream(part, data)
            self.files.move(part, path)

    def _stream(self, path: str, data: bytes) -> None:
        with self.files.open_output_stream(path) as file:
            file.write(data)

    def _is_photo(self, path: str) -> bool:
        below = PurePosixPath(path).relative_to(self.root)
        return below.suffix.lower() in SUFFIXES and not any(map(is_hidden, below.parts))


@functools.cache  # once a process: each has its own connections
def place(name: str) -> Place:
    """The folder that a path or an address such as ``s3://bucket/folder`` names. Raises PhotoError.

    pyarrow's own filesystems come first; what they do not know is asked of fsspec.
    """
    from pyarrow import fs

    if "://" not in name:
        return Place(name, fs.LocalFileSystem(), Path(os.path.abspath(name)).as_posix())
    try:
        files, root = fs.FileSystem.from_uri(name)
    except Exception:
        files, root = _by_fsspec(name)
    return Place(name, files, root.rstrip("/"))


def _by_fsspec(name: str) -> tuple[Any, str]:
    from pyarrow import fs

    try:
        from fsspec.core import url_to_fs

        found, root = url_to_fs(name)
    except Exception as error:  # each of its filesystems has errors of its own
        raise PhotoError(f"{name}: no place to read or write ({one_line(error)})") from error
    return fs.PyFileSystem(fs.FSSpecHandler(found)), str(root)


def _selector(folder: str, recursive: bool) -> Any:
    from pyarrow import fs

    return fs.FileSelector(folder, recursive=recursive)


def within(inner: Place, outer: Place) -> bool:
    """Whether ``inner`` is ``outer``, or a folder in it."""
    if not inner.files.equals(outer.files):
        return False
    return PurePosixPath(inner.root).is_relative_to(outer.root)
