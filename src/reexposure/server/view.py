"""What the page gets of a radiance map: the photo and its light as raw textures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from reexposure.arrays import Float32
from reexposure.light import bands, camera, colour, icc, transfer
from reexposure.light.colour import ColourSpace
from reexposure.light.numbers import NUMBERS
from reexposure.light.resampling import averaged
from reexposure.radiance import developing
from reexposure.radiance.radiance import RadianceMap, is_rounded

MAX_VIEW_PX = int(NUMBERS["view_px"])
"""Larger photos are shown reduced (and saved in full): their textures would not fit a small GPU."""


def step_of(height_px: int, width_px: int, max_side_px: int) -> int:
    """The whole number by which the photo is reduced for the page, which takes ``max_side_px``."""
    step = 1
    while max(height_px, width_px) // step > max_side_px or height_px * width_px // step**2 > MAX_VIEW_PX:
        step += 1
    return min(step, height_px, width_px)


def colours(space: ColourSpace) -> dict[str, Any]:
    """A colour space for the page, as page/light/colours.js has it."""
    return {"name": space.name, "primaries": space.primaries, "curve": curve(space.response)}


def curve(response: camera.Response) -> dict[str, Any]:
    """A curve for the page, as page/light/curves.js has it; one that `for_page` leaves."""
    if isinstance(response, camera.PowerResponse):
        return {"kind": "power", "gamma": response.gamma}
    return {"kind": "rec709" if isinstance(response, transfer.Rec709Response) else "srgb"}


def for_page(radiance: RadianceMap) -> RadianceMap:
    """The radiance map as the page can draw it, by the curve of an ordinary photo.

    The photo of one of another curve is encoded anew by sRGB's, in 16 bits.
    """
    photo, curve = radiance.photo, radiance.curve
    if transfer.is_ordinary(curve):
        return radiance
    space = colour.named(photo.colour_space.primaries)
    pixels = np.empty(photo.pixels.shape, np.uint16)

    def encode(rows: slice) -> None:
        linear = curve.decode(photo.pixels[rows] / np.float32(photo.levels))
        pixels[rows] = np.rint(camera.photograph(linear, 0.0, space.response) * np.float32(65535))

    bands.over_rows(encode, *photo.pixels.shape[:2])
    alpha = photo.alpha if photo.alpha is None or photo.levels > 255 else photo.alpha * np.uint16(257)
    metadata = replace(photo.metadata, profile=icc.profile_of(space, photo.grey))
    shown = replace(photo.with_pixels(pixels), alpha=alpha, metadata=metadata)
    return replace(radiance, photo=shown, response="srgb")


def write_map(radiance: RadianceMap, folder: Path) -> tuple[int, int]:
    """Write what developing needs beside the light to ``folder``: (rows, columns, 4) float32, and return its size.

    Slope and offset of `radiance.surroundings`, and of `developing.area_of`.
    """
    both = np.concatenate([radiance.surroundings, developing.area_of(radiance)], axis=-1)
    both.tofile(folder / "map")
    return both.shape[:2]


def write_drawn(drawn: Float32[np.ndarray, "h w 3"], out: Path) -> None:
    """Write the stops that detail adds, at the size at which they were drawn: (h, w, 4) float16."""
    np.dstack([drawn, np.zeros(drawn.shape[:2], np.float32)]).astype(np.float16).tofile(out)


def write(radiance: RadianceMap, folder: Path, step: int = 1) -> None:
    """Write two textures of (h // step, w // step, 4) to ``folder``.

    ``input``: uint8, the photo as encoded, with its alpha. ``light``: float16, linear light (1.0 =
    clip level), and how far it was reconstructed: positive over-exposed, negative under-exposed.
    """
    photo = radiance.photo
    levels = np.float32(photo.levels)
    height, width = (size // step for size in photo.pixels.shape[:2])
    shape = (height, width, 4)
    encoded = np.memmap(folder / "input", np.uint8, "w+", shape=shape)
    light = np.memmap(folder / "light", np.float16, "w+", shape=shape)

    def fill(band: slice) -> None:
        rows = slice(band.start * step, band.stop * step)
        pixels = photo.pixels[rows] / levels
        over, under = camera.over_exposure(pixels).max(-1), camera.under_exposure(pixels).max(-1)
        if radiance.origin != "network":  # nothing was reconstructed
            over = over * 0
        if radiance.origin != "network" or not is_rounded(photo):  # nor cleaned
            under = under * 0
        alpha = np.ones(over.shape, np.float32) if photo.alpha is None else photo.alpha[rows] / levels
        shown = averaged(np.dstack([pixels, alpha]), step) * np.float32(255)
        np.rint(shown, out=encoded[band], casting="unsafe")
        lost = np.where(over > 0, over, -under)
        light[band] = averaged(np.dstack([radiance.linear[rows].clip(0, 65504), lost]), step)

    bands.over_rows(fill, height, photo.pixels.shape[1] * step)
