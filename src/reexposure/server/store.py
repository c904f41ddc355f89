"""The photos the page has open: files in one temporary folder, bounded in number and in bytes."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

MAX_PHOTOS = 64
MAX_BYTES = 6_000_000_000
PREFIX = "reexpose-serve-"


class OpenPhoto:
    """One photo: its folder, and what the page is told of the work on it.

    ``state`` is the last report, a dictionary with at least "stage"; ``changed`` is set with the next.
    """

    def __init__(self, folder: Path) -> None:
        self.id = folder.name
        self.folder = folder
        self.file = folder / "photo"
        self.state: dict[str, Any] = {"stage": "received"}
        self.busy = 0
        self.changed = asyncio.Event()

    def report(self, state: dict[str, Any]) -> None:
        """Let the page know."""
        self.state = state
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def size(self) -> int:
        """Bytes on disk."""
        try:
            return sum(file.stat().st_size for file in self.folder.iterdir())
        except FileNotFoundError:  # being removed
            return 0


class Store:
    """The open photos by id, oldest first. A photo's id cannot be guessed and is no path."""

    def __init__(self, max_photos: int = MAX_PHOTOS, max_bytes: int = MAX_BYTES) -> None:
        remove_left_overs()
        self.root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self.max_photos = max_photos
        self.max_bytes = max_bytes
        self._photos: dict[str, OpenPhoto] = {}

    def add(self) -> OpenPhoto:
        """A new photo with an empty folder; the oldest make room for it."""
        folder = self.root / secrets.token_urlsafe(18)
        folder.mkdir()
        photo = OpenPhoto(folder)
        self._photos[photo.id] = photo
        self.make_room()
        return photo

    def get(self, id: str) -> OpenPhoto | None:
        """The photo, now the last to make room; None if there is none of that id."""
        photo = self._photos.pop(id, None)
        if photo:
            self._photos[id] = photo
        return photo

    def remove(self, photo: OpenPhoto) -> None:
        """Forget the photo and everything made of it."""
        self._photos.pop(photo.id, None)
        shutil.rmtree(photo.folder, ignore_errors=True)

    def make_room(self) -> None:
        """Remove the oldest idle photos until both bounds are kept."""
        sizes = {id: photo.size for id, photo in self._photos.items()}
        for id in list(self._photos)[:-1]:
            if len(self._photos) <= self.max_photos and sum(sizes.values()) <= self.max_bytes:
                return
            if not self._photos[id].busy:
                self.remove(self._photos[id])
                del sizes[id]

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.root, ignore_errors=True)


def remove_left_overs() -> None:
    """Remove folders of servers that were killed before they could."""
    if os.name != "posix":  # elsewhere there is no harmless way to ask whether a process lives
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        with suppress(OSError):
            if owner.isdigit() and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
                try:
                    os.kill(int(owner), 0)
                except ProcessLookupError:
                    shutil.rmtree(folder, ignore_errors=True)
