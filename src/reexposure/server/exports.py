"""What Save writes: one entry a format. Nothing is written before."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from reexposure.light import camera
from reexposure.radiance.radiance import RadianceMap
from reexposure.radiance.redecoding import redecoded

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
    """The radiance map itself, by the curve that other programs show light by; ``ev`` does not matter to it."""
    redecoded(radiance, "srgb").save(path)


def _ultra_hdr(radiance: RadianceMap, ev: float, path: Path, progress: Progress) -> None:
    """The picture at ``ev`` stops, and behind it what it clips; at 0 the photo's own file is kept."""
    if ev:
        linear = camera.expose(radiance.linear, np.float32(ev))
        RadianceMap(linear, radiance.expose(ev), radiance.response, radiance.origin).save(path)
    else:
        redecoded(radiance, "srgb").save(path)


def _film(radiance: RadianceMap, ev: float, path: Path, progress: Progress) -> None:
    """The exposure film of the photo: it passes through all exposures, so ``ev`` does not matter."""
    from reexposure.films.sweep import sweep

    def watch(frames: Iterator[Image.Image], total: int, _: str) -> Iterator[Image.Image]:
        for done, frame in enumerate(frames, 1):
            yield frame
            progress(done / total)

    sweep(radiance, path, watch=watch)


FORMATS = {
    "jpeg": Format(".jpg", "image/jpeg", _picture("JPEG")),
    "png": Format(".png", "image/png", _picture("PNG")),
    "ultrahdr": Format(".jpg", "image/jpeg", _ultra_hdr),
    "exr": Format(".exr", "image/x-exr", _radiance_file),
    "film": Format(".mp4", "video/mp4", _film),
}


def offered() -> dict[str, str]:
    """For each format the suffix of its files, or, of what cannot be written here, a line that says what is needed."""
    suffixes = {name: format.suffix for name, format in FORMATS.items()}
    if importlib.util.find_spec("av") is None:
        suffixes["film"] = "needs av; install with: pip install 'reexposure[film]'"
    return suffixes
