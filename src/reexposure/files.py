"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]

PREFIX, SUFFIX, SCRATCH = ".reexposure-", ".part", "reexposure-"


@contextmanager
def written_aside(path: Path, overwrite: bool = True) -> Iterator[Path]:
    """A file beside ``path`` to write to; it takes the name of ``path`` on success, once it is on the disk.

    On any error it is removed and ``path`` is as it was. Its name has nothing of ``path`` in it, so
    that it fits wherever that does. Raises FileExistsError if ``path`` exists by then and is not to be
    overwritten, OSError naming ``path`` if it cannot be written.
    """
    if os.path.isdir(path):  # false, too, where the name is none
        raise IsADirectoryError(f"{path}: is a directory")
    _tidied(path.parent)
    aside, lock = path, None
    try:
        aside, lock = _begun(path)
        yield aside
        _sync(aside)
        if overwrite:
            with contextlib.suppress(OSError):
                shutil.copymode(path, aside)  # who may read the file stays the same
            aside.replace(path)
        else:
            _put(aside, path)
        with contextlib.suppress(OSError):  # not every system can be told to keep a folder
            _sync(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise _naming(path, aside, error) from error
    finally:
        if aside != path:
            aside.unlink(missing_ok=True)
        release(lock)


def remove_left_overs(folder: Path) -> None:
    """Remove what killed runs of this user left half written in ``folder``."""
    for left in abandoned(folder, f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):
            left.unlink()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A private folder for libraries that know files only; if this run is killed, the next one removes it."""
    _swept()
    folder, held = claimed(lambda: Path(tempfile.mkdtemp(prefix=SCRATCH)))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        release(held)


def claimed(make: Callable[[], Path]) -> tuple[Path, int | None]:
    """A new file or folder, and what holds it until `release`, or until this process ends however it may.

    A lock tells more than the number of a process: that may be another's by now, or on another machine.
    """
    while True:
        path = make()
        if fcntl is None:
            return path, None
        with contextlib.suppress(FileNotFoundError):
            held = os.open(path, os.O_RDONLY)
            with contextlib.suppress(OSError):  # on drives without locks
                fcntl.flock(held, fcntl.LOCK_EX)
            if path.exists():
                return path, held
            os.close(held)  # another run took it for abandoned before it was held


def release(held: int | None) -> None:
    """Let go of what `claimed` holds."""
    if held is not None:
        os.close(held)


def abandoned(folder: Path, pattern: str) -> Iterator[Path]:
    """Files and folders of this user in ``folder``, named like ``pattern``, that nobody holds; none without locks."""
    for path in folder.glob(pattern) if fcntl is not None else ():
        with contextlib.suppress(OSError):
            about = path.lstat()
            if about.st_uid == os.getuid() and (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
                held = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    yield path
                finally:
                    os.close(held)


_tidied = functools.cache(remove_left_overs)  # once a run


@functools.cache
def _swept() -> None:
    for left in abandoned(Path(tempfile.gettempdir()), f"{SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)


def _begun(path: Path) -> tuple[Path, int | None]:
    """A new empty file in the folder of ``path``, and what holds it."""

    def make() -> Path:
        aside = path.with_name(f"{PREFIX}{os.urandom(8).hex()}{SUFFIX}")
        os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        return aside

    return claimed(make)


def _put(aside: Path, path: Path) -> None:
    """Give ``aside`` the name of ``path``. Raises FileExistsError if there is such a file."""
    try:
        os.link(aside, path)  # the one way that never replaces anything
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError(f"{path}: exists; --overwrite replaces it") from None
        aside.replace(path)  # on drives without links


def _sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    file = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _naming(path: Path, aside: Path, error: OSError) -> OSError:
    """The error in words about ``path``: of the file aside nobody has heard."""
    if error.errno is not None and error.filename in (None, str(aside), str(path), aside, path):
        return OSError(f"{path}: cannot be written ({(error.strerror or 'unknown').lower()})")
    text = str(error).replace(str(aside), str(path))
    return OSError(text if str(path) in text else f"{path}: {text}")
