"""The photos the page has open: files in one temporary folder, bounded in number and in bytes."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reexposure.files import abandoned, claimed, release

MAX_PHOTOS = 64
MAX_BYTES = 6_000_000_000
PREFIX = "reexpose-serve-"

State = dict[str, Any]


class OpenPhoto:
    """One photo: its folder, and what the page is told of the work on it; ``changed`` is set with the next report."""

    def __init__(self, folder: Path) -> None:
        self.id = folder.name
        self.folder = folder
        self.file = folder / "photo"
        self.opening: State = {"stage": "received"}
        self.saving: State | None = None
        self.saves = 0  # going on
        self.busy = 0
        self.changed = asyncio.Event()

    @property
    def state(self) -> State:
        """The last report: a dictionary with at least "stage"."""
        return self.saving or self.opening

    def report(self, state: State) -> None:
        """Let the page know how far it is opened."""
        self.opening = state
        self._tell()

    @contextmanager
    def being_saved(self) -> Iterator[Callable[[State], None]]:
        """While a file of it is written; yields what tells the page of it. Several may be written at a time."""

        def report(state: State) -> None:
            self.saving = state
            self._tell()

        self.saves += 1
        report({"stage": "saving", "share": 0})
        try:
            yield report
        finally:
            self.saves -= 1
            if not self.saves:
                self.saving = None
                self._tell()

    def _tell(self) -> None:
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
        for left in abandoned(Path(tempfile.gettempdir()), f"{PREFIX}*"):  # of servers that were killed
            shutil.rmtree(left, ignore_errors=True)
        self.root, self._held = claimed(lambda: Path(tempfile.mkdtemp(prefix=PREFIX)))  # which nobody else may enter
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
        release(self._held)
        self._held = None
