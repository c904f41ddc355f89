"""The page's own files, by name; nothing else in the folder or outside it can be asked for."""

from __future__ import annotations

import importlib.resources

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "jpg": "image/jpeg",
}


def static_files() -> dict[str, bytes]:
    """Every file of the page, by its name in the page's folder."""
    folder = importlib.resources.files("reexposure.server").joinpath("static")
    return {file.name: file.read_bytes() for file in folder.iterdir() if media_type(file.name)}


def media_type(name: str) -> str | None:
    """The media type of one of the page's files, by its suffix."""
    return MEDIA_TYPES.get(name.rpartition(".")[2])
