"""A file's bytes -> photo."""

from __future__ import annotations

import logging
import struct
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from reexposure.arrays import Shaped
from reexposure.errors import MissingPackageError, PhotoError, one_line
from reexposure.photo import (
    colours,
    cut_short,
    embedded,
    items,
    jxl,
    jxl_header,
    limits,
    plugins,
    png,
    png_picture,
    pnm,
    rare_jpeg,
    refused,
    tiff,
    with_imagecodecs,
    with_openimageio,
    with_pi_heif,
    with_pillow,
)
from reexposure.photo.limits import MAX_PX, TooLargeError
from reexposure.photo.metadata import Metadata
from reexposure.photo.orientation import upright
from reexposure.photo.photo import Photo

TIGHT = ("AVIF", "HEIF", "WEBP")
"""Formats of Pillow that pack photos harder than JPEG does."""

# What Pillow logs and warns of, damaged files and large ones, is judged here. Filters belong to the whole
# process, so they are set once and never swapped while other threads decode.
logging.getLogger("PIL").addHandler(logging.NullHandler())
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def decode(data: bytes, name: str, max_px: int = MAX_PX, lenient: bool = False) -> Photo:
    """A photo out of the bytes of a JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file; errors call it ``name``.

    The picture is turned upright; ``lenient`` opens what there is of a JPEG that was cut short, and notes how much
    is missing. Raises PhotoError if it is no picture, damaged, or larger than ``max_px``.
    """
    if not data:
        raise PhotoError(f"{name}: empty file")
    if reason := refused.reason(data):
        raise PhotoError(f"{name}: {reason}")
    try:
        return _with_gain_map(_decode_jxl(data, max_px) if jxl.is_jxl(data) else _whole_or_cut(data, max_px, lenient))
    except MissingPackageError as error:
        raise MissingPackageError(f"{name}: {error}") from error
    except TooLargeError as error:
        raise PhotoError(f"{name}: {error}") from error
    except Image.DecompressionBombError as error:
        opens_px = 2 * (Image.MAX_IMAGE_PIXELS or 0)  # of WebP its plug-in judges itself
        raise PhotoError(f"{name}: more than {opens_px // 1_000_000} megapixels, which Pillow does not open") from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name}: not a JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC picture") from error
    except MemoryError as error:
        raise PhotoError(f"{name}: not enough memory for this picture") from error
    except (struct.error, EOFError, IndexError) as error:
        raise PhotoError(f"{name}: damaged picture (it ends too early)") from error
    except Exception as error:  # decoders raise nearly anything on damaged files
        raise PhotoError(f"{name}: damaged picture ({one_line(error)})") from error


def _whole_or_cut(data: bytes, max_px: int, lenient: bool) -> Photo:
    try:
        return _decode(data, max_px)
    except OSError as error:
        if not cut_short.is_cut(data, error):
            raise
        if not lenient:
            raise OSError("cut short; --lenient opens what there is") from error
        return _decode(cut_short.ended(data), max_px, cut=True)


def _decode(data: bytes, max_px: int, cut: bool = False) -> Photo:
    deep_jpeg = rare_jpeg.as_8_bits(data)
    coded = deep_jpeg or data
    if data.startswith(png.SIGNATURE):
        coded = png.picture_alone(data)
        if not any(png.picture_parts(data)):
            raise ValueError(f"no picture in its first {png.MAX_CHUNKS} chunks")
    elif data[4:8] == b"ftyp":
        items.check_streams(data, max_px)
        coded = items.without_exif(data)
    try:
        picture = plugins.opened(coded)
    except Exception:
        if not tiff.is_tiff(data):
            raise
        return _decode_odd_tiff(data, max_px)
    limits.check(picture.height, picture.width, len(data), max_px, tight=picture.format in TIGHT)
    # A phone's JPEG with several pictures in it (MPO) becomes an ordinary JPEG of the first.
    format = {"MPO": "JPEG", "GIF": "PNG", "BMP": "PNG", "PPM": "PNG"}.get(str(picture.format), str(picture.format))
    metadata, encoding = with_pillow.blocks(picture, data), with_pillow.encoding(picture, data)
    metadata = colours.told(data, metadata, grey=with_pillow.is_grey(picture))
    encoding = colours.still_true(encoding, metadata.profile)
    orientation = with_pillow.orientation(picture, metadata, data)
    head = pnm.header(data)
    if deep_jpeg:
        pixels, profile, encoding = rare_jpeg.read(data), metadata.profile, {}
    elif head and head.is_deep:
        pixels, profile = pnm.deep(data, head), b""
    elif format == "TIFF":
        pixels, profile = _tiff_pixels(picture, data, metadata.profile, max_px)
    elif with_pillow.is_deep(picture, data):
        png_picture.check(coded)
        pixels, profile = with_openimageio.read(coded, f".{format.lower()}", max_px)[0], metadata.profile
    elif format == "AVIF" and with_imagecodecs.depth(data) > 8:
        pixels, profile = with_imagecodecs.read(data), metadata.profile
    elif format == "HEIF" and picture.info.get("bit_depth", 8) > 8:
        pixels, profile = with_pi_heif.read(coded), metadata.profile
    else:
        pixels, profile = with_pillow.pixels(picture, metadata.profile)
    note = tiff.note_on_pages(data) if format == "TIFF" else plugins.note_on_frames(picture, data)
    metadata = replace(metadata, profile=profile)
    notes = tuple(filter(None, (note, cut_short.note(pixels) if cut else None)))
    return photo_of(pixels, metadata, orientation, format=format, encoding=encoding, source=data, notes=notes)


def _tiff_pixels(
    picture: Image.Image, data: bytes, profile: bytes, max_px: int
) -> tuple[Shaped[np.ndarray, "h w c"], bytes]:
    """A TIFF's pixels and their profile. Pillow's libtiff writes to the process's stderr; OpenImageIO's does not."""
    if picture.mode in ("P", "PA"):
        indices = with_openimageio.read(tiff.with_indices(data), ".tif", max_px)[0]
        return with_pillow.pixels(with_pillow.of_palette(indices, picture), profile)
    return with_openimageio.read(data, ".tif", max_px)[0], profile


def _decode_odd_tiff(data: bytes, max_px: int) -> Photo:
    """A TIFF of a kind that Pillow does not know, such as grey with alpha in 16 bits."""
    pixels, spec = with_openimageio.read(data, ".tif", max_px)
    told, packet, resources = tiff.blocks(data)
    metadata = Metadata(told, packet, resources, with_openimageio.attribute(spec, "ICCProfile"))
    return photo_of(pixels, metadata, spec.get_int_attribute("Orientation", 1), format="TIFF", source=data)


def _decode_jxl(data: bytes, max_px: int) -> Photo:
    head = jxl_header.header(data)  # OpenImageIO decodes it whole to say how large it is
    limits.check(head.height, head.width, len(data), max_px, tight=True)
    pixels, spec = with_openimageio.read(jxl.padded(data), ".jxl", max_px)
    exif, xmp = jxl.blocks(data)
    metadata = Metadata(exif, xmp, profile=with_openimageio.attribute(spec, "ICCProfile"))
    note = jxl.note_on_packed(data)
    # libjxl turns pictures upright.
    return photo_of(pixels, metadata, format="JXL", source=data, notes=(note,) if note else ())


def photo_of(
    pixels: Shaped[np.ndarray, "h w c"], metadata: Metadata | None = None, orientation: int = 1, **fields: Any
) -> Photo:
    """A photo of pixels as they lie in the file, with one to four channels."""
    pixels, metadata = colours.followed(upright(pixels, orientation), metadata or Metadata())
    height, width, channels = pixels.shape
    grey, alpha = channels < 3, np.ascontiguousarray(pixels[..., -1]) if channels in (2, 4) else None
    shades = np.repeat(pixels[..., :1], 3, -1) if grey else pixels[..., :3]
    metadata = metadata.upright(height, width)
    shades = np.ascontiguousarray(shades)
    return Photo(shades, alpha, metadata=metadata, grey=grey, orientation=orientation, **fields)


def _with_gain_map(photo: Photo) -> Photo:
    found = embedded.find(photo.source, photo.format, photo.pixels.shape[:2], photo.orientation)
    # What else is asked of the file later is asked of JPEGs alone.
    return replace(photo, gain_map=found, source=photo.source if photo.format == "JPEG" else b"")
