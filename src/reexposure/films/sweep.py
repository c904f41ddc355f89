"""The exposure film of a photo: which exposures, in what time, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from reexposure.arrays import Float32, Shaped
from reexposure.films.encoding import kind_of, timed, write_film
from reexposure.films.overlay import Overlay
from reexposure.light.numbers import NUMBERS
from reexposure.light.resampling import resized
from reexposure.photo.photo import Photo
from reexposure.photo.shown import shown
from reexposure.progress import track
from reexposure.radiance.radiance import RadianceMap
from reexposure.radiance.telling import telling_range
from reexposure.reconstruction.reconstruction import reconstruct

REST = float(NUMBERS["film"]["rest"])
"""The share of the film for which the exposure rests at each turning point, to be looked at."""

RANGE_PX = 640
"""The longer side of the picture that `telling_range` is measured on: a small film tells the same story."""

STILL_EV = 1e-3
"""A way shorter than this is none."""

Watch = Callable[[Iterator[Image.Image], int, str], Iterable[Image.Image]]


def sweep(
    scene: Photo | RadianceMap,
    path: str | Path,
    *,
    first_ev: float | None = None,
    last_ev: float | None = None,
    seconds: float = 8.0,
    fps: float = 30.0,
    size_px: int = 1280,
    response: str = "sqrt",
    watch: Watch = track,
    overwrite: bool = True,
    command: str = "",
    detail: float | None = None,
    seed: int = 0,
) -> RadianceMap:
    """Write the film .mp4, .webm, .webp or .gif: from 0 EV to ``first_ev``, to ``last_ev``, and back.

    It starts at 0 EV where that lies between the two, else at ``first_ev``. Ends left out are
    chosen by `telling_range`. Of a photo (and of a radiance map that the network made from one) the
    light is reconstructed at the film's size, by the curve named ``response``; what a gain map or a
    radiance file says is used as it is. ``size_px`` is the longer side; both sides are even. ``detail`` and
    ``seed`` are those of `reconstruct`.
    ``watch`` goes between frames and file, to report on them. Raises PhotoError naming the file if
    it cannot be written, ValueError if both ends are the same. Returns the light
    that it shows.
    """
    path = Path(path)
    fps = timed(kind_of(path), fps)
    first, last = first_ev, last_ev
    if isinstance(scene, RadianceMap):
        detail, seed = scene.detail, scene.seed
    if first is None or last is None:
        first, last = _ends(_small(scene, RANGE_PX, response, detail, seed), first, last)
    evs = glide(first, last, max(2, round(seconds * fps)))
    radiance = _small(scene, size_px, response, detail, seed).kept()
    height, width = radiance.photo.pixels.shape[:2]
    frames = _frames(radiance, evs, Overlay(shown(radiance.photo, (width, height)), first, last))
    write_film(path, watch(frames, len(evs), path.name), (width, height), fps, overwrite=overwrite, command=command)
    return radiance


def _ends(radiance: RadianceMap, first: float | None, last: float | None) -> tuple[float, float]:
    """Where the film goes first and then; an end left out is 0 EV where the telling one is the other end already."""
    dark, bright = telling_range(radiance)
    if first is None:
        first = dark if last is None or abs(dark - last) > STILL_EV else 0.0
    if last is None:
        last = bright if abs(bright - first) > STILL_EV else 0.0
    return first, last


def _small(
    scene: Photo | RadianceMap, size_px: int, response: str, detail: float | None = None, seed: int = 0
) -> RadianceMap:
    """The radiance map of a film's size; light that a file holds is reduced, not reconstructed."""
    photo = scene if isinstance(scene, Photo) else scene.photo
    small = reduced(photo, film_size(photo, size_px))
    if isinstance(scene, Photo) or scene.origin == "network":
        return reconstruct(small, response, detail=detail, seed=seed)
    light = resized(scene.linear, small.pixels.shape[1::-1], Image.Resampling.BOX)
    return replace(scene, light=light, photo=small)


def _frames(radiance: RadianceMap, evs: Float32[np.ndarray, " frames"], overlay: Overlay) -> Iterator[Image.Image]:
    height, width = radiance.photo.pixels.shape[:2]
    for ev in evs:
        yield overlay(shown(radiance.expose(float(ev)), (width, height)), float(ev))


def glide(first: float, last: float, frames: int) -> Float32[np.ndarray, " frames"]:
    """The exposure of each frame, in stops: eased, resting where it turns, and looping without a seam.

    Raises ValueError if both ends are the same: nothing would move.

    >>> glide(-2, 0, 8).round(1).tolist()[0]
    0.0
    """
    if abs(first - last) <= STILL_EV:
        raise ValueError(f"an exposure film from {first:g} to {last:g} EV: nothing would move")
    start = 0.0 if min(first, last) <= 0 <= max(first, last) else first
    stations = [start]
    for ev in (first, last, start):
        if abs(ev - stations[-1]) > STILL_EV:
            stations.append(ev)
    spans = np.abs(np.diff(stations))
    rests = np.full(len(spans), REST)
    moves = spans / spans.sum() * (1 - rests.sum())
    ends = np.cumsum(rests + moves)
    time = np.arange(frames) / frames
    leg = np.minimum(np.searchsorted(ends, time, side="right"), len(spans) - 1)
    # Each leg moves, then rests at its end; the film's end is its start.
    share = ((time - (ends - rests - moves)[leg]) / moves[leg]).clip(0, 1)
    eased = 0.5 - 0.5 * np.cos(np.pi * share)
    from_ev, to_ev = np.array(stations[:-1])[leg], np.array(stations[1:])[leg]
    return (from_ev + (to_ev - from_ev) * eased).astype(np.float32)


def film_size(photo: Photo, long_px: int) -> tuple[int, int]:
    """Width and height, both even, of a film of the photo with ``long_px`` on its longer side."""
    height, width = photo.pixels.shape[:2]
    scale = long_px / max(height, width)
    return max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2))


def reduced(photo: Photo, size_px: tuple[int, int]) -> Photo:
    """The photo at ``size_px`` (w, h) in 16 bits: averages of pixels know more than 8, and shadows show it."""

    def levels(codes: Shaped[np.ndarray, "h w *c"]) -> Shaped[np.ndarray, "h2 w2 *c"]:
        encoded = resized(codes / np.float32(photo.levels), size_px, Image.Resampling.BICUBIC)
        return np.rint(encoded.clip(0, 1) * 65535).astype(np.uint16)

    return replace(photo.with_pixels(levels(photo.pixels)), alpha=None if photo.alpha is None else levels(photo.alpha))
