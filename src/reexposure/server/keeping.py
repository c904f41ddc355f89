"""Where the photos of the page are kept on the disk: private, found again after a crash, one folder a server."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from reexposure.files import abandoned, claimed

PREFIX = "session-"
TEMPORARY = "reexpose-serve-"


def cache_folder() -> Path:
    """Where this user's programs keep what is theirs alone: ``XDG_CACHE_HOME`` if that is set, else the system's."""
    told = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(told):
        return Path(told)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ".cache"


def session() -> tuple[Path, int | None]:
    """A folder for one server, which nobody else may enter, with all that earlier servers of this user left there.

    With it comes what holds it until `files.release`. Where nothing can be kept, the folder is a temporary one.
    """
    for left in abandoned(Path(tempfile.gettempdir()), f"{TEMPORARY}*"):  # of servers that were killed
        shutil.rmtree(left, ignore_errors=True)
    try:
        places = _private(cache_folder() / "reexposure" / "photos")
        root, held = claimed(lambda: Path(tempfile.mkdtemp(prefix=PREFIX, dir=places)))
    except (OSError, RuntimeError):  # a home that is read-only, or none
        return claimed(lambda: Path(tempfile.mkdtemp(prefix=TEMPORARY)))
    for left in abandoned(places, f"{PREFIX}*"):
        for folder in left.iterdir():
            if folder.is_dir() and not folder.is_symlink():
                folder.rename(root / folder.name)  # its name is a secret, and no other's
        shutil.rmtree(left, ignore_errors=True)
    return root, held


def _private(folder: Path) -> Path:
    """The folder, made if missing. Raises OSError if it is another's."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_symlink() or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid()):
        raise OSError(f"{folder}: not this user's")
    folder.chmod(0o700)
    return folder
