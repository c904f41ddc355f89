"""The photos the page has open: files in one private folder, bounded in number and in bytes, kept until forgotten."""

from __future__ import annotations

import asyncio
import filecmp
import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from reexposure.files import release
from reexposure.server.keeping import session

MAX_PHOTOS = 64
MAX_BYTES = 6_000_000_000
KEPT = ("photo", "about.json")
"""What of a photo outlives the server; the rest can be made of it again."""

State = dict[str, Any]


class OpenPhoto:
    """One photo: its folder, and what the page is told of the work on it; ``changed`` is set with the next report."""

    def __init__(self, folder: Path, about: State) -> None:
        self.id = folder.name
        self.folder = folder
        self.file = folder / "photo"
        self.about = about
        self.opening: State = {"stage": "received"}
        self.saving: State | None = None
        self.saves = 0  # going on
        self.busy = 0
        self.being_opened = False
        self.changed = asyncio.Event()

    @property
    def state(self) -> State:
        """The last report: a dictionary with at least "stage"."""
        return self.saving or self.opening

    def report(self, state: State) -> None:
        """Let the page know how far it is opened."""
        self.opening = state
        self._tell()

    def remember(self, about: State) -> None:
        """Keep what the page says of it: its name, and the settings it is developed with."""
        self.about |= about
        aside = self.folder / "about.part"
        aside.write_text(json.dumps(self.about))
        aside.replace(self.folder / "about.json")

    def fold(self) -> None:
        """Give up what can be made of the photo again."""
        self.opening = {"stage": "received"}
        for file in self.folder.iterdir():
            if file.name not in KEPT:
                file.unlink(missing_ok=True)

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
        self.root, self._held = session()
        self.max_photos = max_photos
        self.max_bytes = max_bytes
        self._photos: dict[str, OpenPhoto] = {}
        left = [photo for photo in map(_found, self.root.iterdir()) if photo]
        for photo in sorted(left, key=lambda photo: photo.about["number"]):
            self._photos[photo.id] = photo
        self._count = max((photo.about["number"] for photo in left), default=0)
        self.make_room()

    def add(self, name: str = "photo") -> OpenPhoto:
        """A new photo with an empty folder; the oldest make room for it."""
        folder = self.root / secrets.token_urlsafe(18)
        folder.mkdir(mode=0o700)
        self._count += 1
        photo = OpenPhoto(folder, {"name": name, "number": self._count})
        photo.remember({})
        self._photos[photo.id] = photo
        self.make_room()
        return photo

    def give(self, path: Path) -> OpenPhoto:
        """The photo of a file, with its settings if it is kept already; it comes last. Raises OSError."""
        name = path.name.encode(errors="replace").decode()
        for photo in self.listed():
            if photo.about["name"] == name and filecmp.cmp(photo.file, path, shallow=False):
                self._count += 1
                photo.remember({"number": self._count})
                return photo
        photo = self.add(name)
        try:
            shutil.copyfile(path, photo.file)
        except OSError:
            self.remove(photo)
            raise
        return photo

    def listed(self) -> list[OpenPhoto]:
        """The photos that have come whole, in the order in which they came."""
        return sorted((one for one in self.all() if one.file.is_file()), key=lambda one: one.about["number"])

    def all(self) -> list[OpenPhoto]:
        """Every photo, those on their way in, too."""
        return list(self._photos.values())

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
        """Until both bounds are kept: fold the oldest idle photos, then remove them."""
        for end in (OpenPhoto.fold, self.remove):
            sizes = {id: photo.size for id, photo in self._photos.items()}
            for id in list(self._photos)[:-1]:
                if len(self._photos) <= self.max_photos and sum(sizes.values()) <= self.max_bytes:
                    return
                if not self._photos[id].busy:
                    photo = self._photos[id]
                    end(photo)
                    sizes[id] = photo.size

    def close(self) -> None:
        """Leave what is to be found again; everything goes where nobody could find it."""
        for photo in self._photos.values():
            with suppress(OSError):
                photo.fold()
        kept = self.listed() if self._held is not None else []
        for path in self.root.iterdir() if self.root.exists() else ():
            if path.name not in [photo.id for photo in kept]:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not kept:
            shutil.rmtree(self.root, ignore_errors=True)
        release(self._held)
        self._held = None


def _found(folder: Path) -> OpenPhoto | None:
    """A photo that an earlier server kept; None, and it goes, where that is not whole."""
    try:
        about = json.loads((folder / "about.json").read_text())
        photo = OpenPhoto(folder, {"name": str(about["name"]), "number": int(about["number"])})
        photo.about |= {"settings": about["settings"]} if isinstance(about.get("settings"), dict) else {}
        photo.fold()
        if photo.file.stat().st_size:
            return photo
    except (OSError, ValueError, KeyError, TypeError):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    return None
