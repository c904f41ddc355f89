"""What Save writes: one entry a format. Nothing is written before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reexposure.radiance import RadianceMap

Progress = Callable[[float], None]
Writer = Callable[[RadianceMap, float, Path, Progress], None]
"""Writes a radiance map, at an exposure in stops, to a path; tells which share of it is done."""


@dataclass(frozen=True)
class Format:
    """A file format that the page offers."""

    suffix: str
    media_type: str
    write: Writer


def _picture(kind: str) -> Writer:
    def write(radiance: RadianceMap, ev: float, path: Path, progress: Progress) -> None:
        path.write_bytes(radiance.expose(ev).encoded(kind))

    return write


def _radiance_file(radiance: RadianceMap, ev: float, path: Path, progress: Progress) -> None:
    """The radiance map itself: it holds every exposure, so ``ev`` does not matter."""
    radiance.save(path)


FORMATS = {
    "jpeg": Format(".jpg", "image/jpeg", _picture("JPEG")),
    "png": Format(".png", "image/png", _picture("PNG")),
    "exr": Format(".exr", "image/x-exr", _radiance_file),
}
