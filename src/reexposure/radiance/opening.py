"""The one door: whatever holds a picture comes in, a photo or a radiance map comes out, decoded once."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image

from reexposure.arrays import Float32, Shaped
from reexposure.errors import ArrayError, PhotoError
from reexposure.photo import decoding, jxl, plugins, tiff, with_pillow
from reexposure.photo.limits import MAX_BYTES, MAX_PX
from reexposure.photo.photo import Photo
from reexposure.radiance import float_jxl, television, ultrahdr
from reexposure.radiance.kinds import kind
from reexposure.radiance.of_light import of_light
from reexposure.radiance.radiance import RadianceMap

HEAD = 65_536
"""Bytes by which it is known what a file is."""

if TYPE_CHECKING:
    from typing import TypeAlias

    Source: TypeAlias = (
        str | os.PathLike[str] | bytes | BinaryIO | Image.Image | Shaped[np.ndarray, "..."] | Photo | RadianceMap
    )
    """What holds a picture."""


def open(source: Source, name: str = "", max_px: int = MAX_PX, lenient: bool = False) -> Photo | RadianceMap:
    """What ``source`` holds: a photo, or light if it is OpenEXR, Radiance .hdr, float TIFF, in PQ or HLG, or floats.

    ``source`` is a path (``"-"``: standard input), the bytes of a file, an open binary file, a PIL image, or a numpy
    array (h, w), (h, w, 3) or (h, w, 4): uint8 and uint16 are a photo in sRGB, with straight alpha; floats are
    linear light, finite and >= 0, whose alpha is in [0, 1]. A photo's gain map is its ``gain_map``. Errors call the
    source ``name``, or what it is called itself. Files of more than ``max_px`` pixels are refused; ``lenient`` opens
    what there is of a JPEG that was cut short, with a note of how much is missing. Raises PhotoError naming a file
    that cannot be read, ArrayError for an array or a picture in memory that is neither photo nor light.
    """
    if isinstance(source, Photo):
        return television.lit(source) or source
    if isinstance(source, RadianceMap):
        return source
    if isinstance(source, np.ndarray):
        return _of_array(source)
    if isinstance(source, Image.Image):
        return _of_picture(source)
    data, known = read(source)
    return _of_data(data, name or known, max_px, lenient)


def _of_data(data: bytes, name: str, max_px: int, lenient: bool) -> Photo | RadianceMap:
    suffix = kind(data)
    if suffix not in (None, ".jxl"):
        return of_file(data, suffix, name, max_px)
    if suffix == ".jxl" and (light := float_jxl.lit(data, max_px)):
        return light
    photo = decoding.decode(data, name, max_px, lenient)
    return television.lit(photo) or photo


def lit(photo: Photo) -> RadianceMap | None:
    """The radiance map that a photo's file holds as a gain map, if it does."""
    if photo.gain_map is None:
        return None
    curve = photo.colour_space.response
    return RadianceMap(ultrahdr.light(photo, photo.gain_map, curve), photo, "srgb", "gain map")


def of_file(data: bytes, suffix: str, name: str, max_px: int = MAX_PX) -> RadianceMap:
    """The light in a radiance file's bytes, of the kind that ``suffix`` names; errors call it ``name``."""
    from reexposure.radiance import with_openimageio

    found = of_light(*with_openimageio.decode(data, suffix, name, max_px))
    note = tiff.note_on_pages(data) if suffix == ".tif" else None
    return replace(found, photo=replace(found.photo, notes=(note,))) if note else found


def read(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str]:
    """A file's bytes, and what errors call it. Raises PhotoError if it cannot be read."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "this file"
    if isinstance(source, (str, os.PathLike)):
        if str(source) == "-":
            return _all_of(sys.stdin.buffer, "standard input"), "standard input"
        path = Path(source)
        try:
            with path.open("rb") as file:
                return _all_of(file, str(path)), str(path)
        except OSError as error:
            raise PhotoError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    if not hasattr(source, "read"):
        raise TypeError(f"a path, bytes, a binary file, a PIL image or an array is wanted, not {type(source).__name__}")
    name = str(getattr(source, "name", "this file"))
    return _all_of(source, name), name


def _all_of(file: BinaryIO, name: str) -> bytes:
    """A file's bytes; of one that begins like no picture, which may be endless, only what shows that."""
    data = file.read(HEAD)
    if not isinstance(data, bytes):
        raise TypeError("the file is open as text; open it in binary mode")
    if not (kind(data) or jxl.is_jxl(data) or plugins.knows(data)):
        return data
    rest = file.read(MAX_BYTES - len(data) + 1)
    if len(data) + len(rest) > MAX_BYTES:
        raise PhotoError(f"{name}: more than {MAX_BYTES // 1_000_000_000} GB")
    return data + rest


def _of_array(array: Shaped[np.ndarray, ...]) -> Photo | RadianceMap:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ArrayError(f"an array of shape {array.shape}: (h, w), (h, w, 3) or (h, w, 4) is wanted")
    if array.size == 0:
        raise ArrayError(f"an array of shape {array.shape}: there is no pixel in it")
    if array.shape[0] * array.shape[1] > MAX_PX:
        raise ArrayError(f"an array of shape {array.shape}: more than {MAX_PX // 1_000_000} megapixels")
    values = array[..., None] if array.ndim == 2 else array
    if values.dtype in (np.uint8, np.uint16):
        return decoding.photo_of(values.copy())
    if values.dtype.kind != "f":
        raise ArrayError(f"an array of {array.dtype}: uint8 and uint16 are photos, floats are linear light")
    if not np.isfinite(values).all() or values.min() < 0:
        raise ArrayError("an array of floats is linear light: finite and >= 0")
    return of_light(*_light_and_alpha(values))


def _light_and_alpha(
    values: Shaped[np.ndarray, "h w c"],
) -> tuple[Float32[np.ndarray, "h w 3"], None, Float32[np.ndarray, "h w"] | None]:
    if values.shape[-1] == 4 and values[..., 3].max() > 1:
        raise ArrayError("an array of floats: alpha, its fourth channel, is in [0, 1]")
    with np.errstate(over="ignore"):
        light = np.repeat(values, 3, -1) if values.shape[-1] == 1 else values[..., :3]
        linear = np.array(light, np.float32).clip(None, np.finfo(np.float32).max)
    return linear, None, values[..., 3].astype(np.float32) if values.shape[-1] == 4 else None


def _of_picture(picture: Image.Image) -> Photo | RadianceMap:
    if picture.mode == "F" or picture.mode.startswith("I"):
        array = np.asarray(picture)
        if array.dtype.kind == "i":  # what Pillow makes of 16 bits, among others
            if array.min() < 0 or array.max() > 65535:
                raise ArrayError("a picture of whole numbers: 0 to 65535, 16 bits, is wanted")
            array = array.astype(np.uint16)
        return _of_array(array)
    if picture.width * picture.height == 0:
        raise ArrayError("a picture without a pixel")
    metadata = with_pillow.described(picture)
    pixels, profile = with_pillow.pixels(picture, metadata.profile)
    return decoding.photo_of(
        pixels, replace(metadata, profile=profile), with_pillow.orientation(picture, metadata),
        format=picture.format or "PNG",
    )  # fmt: skip
