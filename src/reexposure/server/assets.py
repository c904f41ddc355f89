"""The page's own files, by name; nothing else in the folder or outside it can be asked for."""

from __future__ import annotations

import importlib.resources

ROOMS = ("ui", "draw", "light", "files", "worker")
MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "jpg": "image/jpeg",
}


def static_files() -> dict[str, bytes]:
    """Every file of the page, by its path in the page's folder, such as ``ui/main.js``."""
    page = importlib.resources.files("reexposure.page")
    files = {"index.html": page.joinpath("index.html")}
    for room in ROOMS:
        files |= {f"{room}/{file.name}": file for file in page.joinpath(room).iterdir() if media_type(file.name)}
    return {name: file.read_bytes() for name, file in files.items()}


def media_type(name: str) -> str | None:
    """The media type of one of the page's files, by its suffix."""
    return MEDIA_TYPES.get(name.rpartition(".")[2])
