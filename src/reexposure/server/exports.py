"""What Save writes: one entry a format. Nothing is written before."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from reexposure.ev import MAX_EV
from reexposure.light.develop import Settings
from reexposure.light.gradient import Gradient
from reexposure.photo import depth
from reexposure.photo.photo import Photo
from reexposure.radiance.radiance import RadianceMap
from reexposure.radiance.redecoding import redecoded

Progress = Callable[[float], None]
FILM_PX, FULL_FILM_PX = 1280, 3840
"""The longer side of an ordinary film, and of one of full size at most: what players take."""


@dataclass(frozen=True)
class Wish:
    """What is to be written, as the page asks for it."""

    format: str
    """One of FORMATS."""
    settings: Settings
    """What the picture is developed with."""
    detail: float | None = None
    """How much texture is drawn for the eye, 0 to 1, as `reconstruct` takes it."""
    seed: int = 0
    """Which texture."""
    quality: int | None = None
    """Of a JPEG, 1 to 100; None: as the photo's."""
    long_px: int | None = None
    """The longer side of a picture; None: all of it."""
    bits: int = 8
    """Of a PNG or TIFF: 8 (or the photo's own) or 16."""
    seconds: float = 8.0
    """Of a film."""
    film_px: int = FILM_PX
    """The longer side of a film."""


Writer = Callable[[RadianceMap, Wish, Path, Progress], None]
"""Writes a radiance map as it is wished for to a path; tells which share of it is done."""


@dataclass(frozen=True)
class Format:
    """A file format that the page offers."""

    suffix: str
    media_type: str
    write: Writer


def wish_of(told: dict[str, Any]) -> Wish:
    """The wish that the page tells in JSON. Raises ValueError, in a line, for what cannot be."""
    format = told.get("format")
    if format not in FORMATS:
        raise ValueError(f"write one of {', '.join(FORMATS)}")
    settings = told.get("settings") or {}
    bits = _whole(told, "bits", 8, 16, 8) or 8
    if bits not in (8, 16):
        raise ValueError("bits: neither 8 nor 16")
    return Wish(
        format,
        settings=_settings(settings),
        detail=None if settings.get("detail") is None else _number(settings, "detail", 0, 1, 0.0),
        seed=seed_of(settings),
        quality=_whole(told, "quality", 1, 100, None),
        long_px=_whole(told, "long_px", 16, 65535, None),
        bits=bits,
        seconds=_number(told, "seconds", 1, 60, 8.0),
        film_px=_whole(told, "film_px", 16, FULL_FILM_PX, FILM_PX) or FILM_PX,
    )


def _settings(told: Any) -> Settings:
    if not isinstance(told, dict):
        raise ValueError("settings: not an object")
    ev = _number(told, "ev", -MAX_EV, MAX_EV, 0.0)
    highlights, shadows = (_number(told, name, -100, 100, 0.0) for name in ("highlights", "shadows"))
    return Settings(ev, highlights, shadows, _gradient(told.get("gradient")))


def seed_of(told: dict[str, Any]) -> int:
    """Which drawing of detail is asked for. Raises ValueError, in a line, for what cannot be."""
    return _whole(told, "seed", 0, 2**32 - 1, 0) or 0


def _gradient(told: Any) -> Gradient | None:
    if told is None:
        return None
    try:
        (x0, y0), (x1, y1) = told["from"], told["to"]
        ev, *ends = (float(number) for number in (told["ev"], x0, y0, x1, y1))
        where = told["where"]
    except (KeyError, TypeError, ValueError):
        raise ValueError("gradient: it has ev, from, to and where") from None
    gradient = Gradient(ev, (ends[0], ends[1]), (ends[2], ends[3]), where)
    return gradient if ev else None


def _number(told: dict[str, Any], name: str, low: float, high: float, usual: float) -> float:
    value = told.get(name)
    if value is None:
        return usual
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name}: not a number from {low:g} to {high:g}")
    return float(value)


def _whole(told: dict[str, Any], name: str, low: int, high: int, usual: int | None) -> int | None:
    return usual if told.get(name) is None else math.floor(_number(told, name, low, high, 0))


def developed(radiance: RadianceMap, wish: Wish) -> Photo:
    """The picture that is wished for, of its depth and size."""
    if wish.bits == 16:
        photo = depth.in_16_bits(radiance.photo)
        radiance = replace(radiance, photo=photo)
    picture = radiance.developed(wish.settings)
    return picture if wish.long_px is None else _reduced(picture, wish.long_px)


def _reduced(photo: Photo, long_px: int) -> Photo:
    """The photo with ``long_px`` on its longer side, in its own depth; it is never enlarged."""
    from reexposure.films.sweep import reduced

    height, width = photo.pixels.shape[:2]
    scale = long_px / max(height, width)
    if scale >= 1:
        return photo
    small = reduced(photo, (max(1, round(width * scale)), max(1, round(height * scale))))
    if photo.levels > 255:
        return small
    alpha = None if small.alpha is None else depth.to_8_bits(small.alpha)
    return replace(small, pixels=depth.to_8_bits(small.pixels), alpha=alpha)


def _picture(kind: str) -> Writer:
    def write(radiance: RadianceMap, wish: Wish, path: Path, progress: Progress) -> None:
        picture = developed(radiance, wish)
        if wish.quality is not None and kind == "JPEG":
            own = {name: value for name, value in picture.encoding.items() if name != "qtables"}
            picture = replace(picture, format="JPEG", encoding=own | {"quality": wish.quality})
        path.write_bytes(picture.encoded(kind))

    return write


def _radiance_file(radiance: RadianceMap, wish: Wish, path: Path, progress: Progress) -> None:
    """The radiance map itself, by the curve that other programs show light by, whatever it is developed with."""
    redecoded(radiance, "srgb").save(path)


def _ultra_hdr(radiance: RadianceMap, wish: Wish, path: Path, progress: Progress) -> None:
    """The picture, and behind it what it clips; where nothing is changed the photo's own file is kept."""
    if wish.settings.ev or not wish.settings.plain:
        radiance.save(path, settings=wish.settings)
    else:
        redecoded(radiance, "srgb").save(path)


def _mask(radiance: RadianceMap, wish: Wish, path: Path, progress: Progress) -> None:
    """Where highlights were reconstructed and shadows cleaned."""
    radiance.save_mask(path)


def _film(radiance: RadianceMap, wish: Wish, path: Path, progress: Progress) -> None:
    """The exposure film of the photo, which passes through all exposures."""
    from reexposure.films.sweep import sweep

    def watch(frames: Iterator[Image.Image], total: int, _: str) -> Iterator[Image.Image]:
        for done, frame in enumerate(frames, 1):
            yield frame
            progress(done / total)

    height, width = radiance.photo.pixels.shape[:2]
    size_px = min(wish.film_px, max(height, width, FILM_PX))
    sweep(radiance, path, seconds=wish.seconds, size_px=size_px, watch=watch)


FORMATS = {
    "jpeg": Format(".jpg", "image/jpeg", _picture("JPEG")),
    "png": Format(".png", "image/png", _picture("PNG")),
    "tiff": Format(".tif", "image/tiff", _picture("TIFF")),
    "ultrahdr": Format(".jpg", "image/jpeg", _ultra_hdr),
    "exr": Format(".exr", "image/x-exr", _radiance_file),
    "mask": Format(".png", "image/png", _mask),
    "film": Format(".mp4", "video/mp4", _film),
}


def offered() -> dict[str, str]:
    """For each format the suffix of its files, or, of what cannot be written here, a line that says what is needed."""
    suffixes = {name: format.suffix for name, format in FORMATS.items()}
    if importlib.util.find_spec("av") is None:
        suffixes["film"] = "needs av; install with: pip install 'reexposure[film]'"
    return suffixes
