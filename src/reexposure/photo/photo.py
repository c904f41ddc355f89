"""Photos: encoded pictures of 8 or 16 bits, with what their files say about them."""

from __future__ import annotations

import logging
import sys
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from reexposure.arrays import Shaped
from reexposure.errors import MissingDecoderError, one_line
from reexposure.files import written_aside
from reexposure.light import colour, icc
from reexposure.photo import (
    colours,
    jpeg_metadata,
    jxl,
    jxl_header,
    limits,
    plugins,
    png,
    pnm,
    rare_jpeg,
    refused,
    tiff,
    with_imagecodecs,
    with_openimageio,
    with_pi_heif,
    with_pillow,
)  # fmt: skip
from reexposure.photo.limits import MAX_PX, TooLargeError
from reexposure.photo.metadata import Metadata
from reexposure.photo.orientation import upright

# What Pillow logs about damaged files, it raises, too.
logging.getLogger("PIL").addHandler(logging.NullHandler())

FORMATS = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF",
    ".avif": "AVIF", ".jxl": "JXL",
}  # fmt: skip
"""Formats that can be written; HEIC is read, too, with the extra ``heif``."""
DEEP_FORMATS = ("PNG", "TIFF", "JXL")


class PhotoError(Exception):
    """A photo that cannot be read or written; its text is one line that names the file and why."""


@dataclass(frozen=True)
class Photo:
    """An upright encoded picture: ``pixels`` is (h, w, 3), uint8 or uint16, RGB in the file's colour space.

    ``alpha`` is (h, w) of the same type, or None. ``grey`` photos have three equal channels and
    are written with one. ``format`` is the file's format in Pillow's words, ``metadata`` what it
    says, ``encoding`` what only the same format can keep (JPEG tables, PNG texts). ``source`` is
    the file itself, and ``orientation`` (EXIF, 1 to 8) how the picture lies in it. ``notes`` are lines
    that a user should read of what in the file was not read, or not as it stands there.
    """

    pixels: Shaped[np.ndarray, "h w 3"]
    alpha: Shaped[np.ndarray, "h w"] | None = None
    format: str = "PNG"
    metadata: Metadata = field(default_factory=Metadata)
    encoding: dict[str, Any] = field(default_factory=dict)
    grey: bool = False
    source: bytes = field(default=b"", repr=False)
    orientation: int = 1
    notes: tuple[str, ...] = ()

    @property
    def levels(self) -> int:
        """The largest value a pixel can have: 255 or 65535."""
        return int(np.iinfo(self.pixels.dtype).max)

    @property
    def colour_space(self) -> colour.ColourSpace:
        """What its profile says; sRGB if it has none."""
        return icc.space(self.metadata.profile)

    def with_pixels(self, pixels: Shaped[np.ndarray, "h w 3"]) -> Photo:
        """The same photo showing something else."""
        return replace(self, pixels=pixels, source=b"")

    def stripped(self) -> Photo:
        """The same picture without anything else said about it, but for its colour profile."""
        own = {name: value for name, value in self.encoding.items() if name not in ("segments", "chunks")}
        bare = jpeg_metadata.bare(self.source) if self.format == "JPEG" and self.orientation == 1 else b""
        return replace(self, metadata=self.metadata.stripped(), encoding=own, source=bare)

    def save(self, path: str | Path) -> None:
        """Write to ``path`` in the format its suffix names; the file appears whole or not at all.

        16 bits are kept in PNG, TIFF and JPEG XL; other formats hold 8. Raises PhotoError naming
        the file.
        """
        path = Path(path)
        if path.suffix.lower() not in FORMATS:
            raise PhotoError(f"{path}: unknown format; write one of {', '.join(FORMATS)}")
        try:
            with written_aside(path) as aside:
                aside.write_bytes(self.encoded(FORMATS[path.suffix.lower()]))
        except (OSError, ValueError) as error:
            reason = one_line(error)
            raise PhotoError(reason if reason.startswith(str(path)) else f"{path}: {reason}") from error

    def encoded(self, format: str | None = None) -> bytes:
        """The photo as a file in memory, in ``format`` or its own; JPEG where that cannot be written."""
        format = format or (self.format if self.format in FORMATS.values() else "JPEG")
        if self.levels > 255 and format not in DEEP_FORMATS:
            alpha = None if self.alpha is None else to_8_bits(self.alpha)
            return replace(self, pixels=to_8_bits(self.pixels), alpha=alpha).encoded(format)
        pixels = self.pixels[..., :1] if self.grey else self.pixels
        if self.alpha is not None and format != "JPEG":
            pixels = np.dstack([pixels, self.alpha])
        own = self.encoding if format == self.format else {}
        if format == "JXL":
            return jxl.with_metadata(with_openimageio.write(pixels, ".jxl", self.metadata.profile), self.metadata)
        if format == "PNG" and self.levels > 255:
            return png.with_metadata(with_openimageio.write(pixels, ".png"), self.metadata, own.get("chunks", []))
        return with_pillow.write(pixels, format, self.metadata, own)


def load(source: str | Path) -> Photo:
    """Read a JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC photo; ``"-"`` is standard input.

    The picture is turned upright. Raises PhotoError naming the file if it is missing, no
    picture, damaged, or larger than MAX_PX.
    """
    return decode(*read(source))


def read(source: str | Path) -> tuple[bytes, str]:
    """A file's bytes, and what errors call it. Raises PhotoError if it cannot be read."""
    if str(source) == "-":
        return sys.stdin.buffer.read(), "standard input"
    path = Path(source)
    try:
        return path.read_bytes(), str(path)
    except OSError as error:
        raise PhotoError(f"{path}: {(error.strerror or str(error)).lower()}") from error


def decode(data: bytes, name: str, max_px: int = MAX_PX) -> Photo:
    """A photo out of a file's bytes; errors call it ``name``. See `load`."""
    if not data:
        raise PhotoError(f"{name}: empty file")
    if reason := refused.reason(data):
        raise PhotoError(f"{name}: {reason}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd EXIF and large pictures: judged below, not by Pillow
            return _decode_jxl(data, max_px) if jxl.is_jxl(data) else _decode(data, max_px)
    except (TooLargeError, MissingDecoderError) as error:
        raise PhotoError(f"{name}: {error}") from error
    except Image.DecompressionBombError as error:
        raise PhotoError(f"{name}: more pixels than such a file can have here") from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name}: not a JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC picture") from error
    except MemoryError as error:
        raise PhotoError(f"{name}: not enough memory for this picture") from error
    except Exception as error:  # decoders raise nearly anything on damaged files
        raise PhotoError(f"{name}: damaged picture ({one_line(error)})") from error


def _decode(data: bytes, max_px: int) -> Photo:
    deep_jpeg = rare_jpeg.as_8_bits(data)
    coded = png.picture_alone(data) if data.startswith(png.SIGNATURE) else deep_jpeg or data
    try:
        picture = plugins.opened(coded)
    except Exception:
        if not tiff.is_tiff(data):
            raise
        return _decode_odd_tiff(data, max_px)
    limits.check(picture.height, picture.width, len(data), max_px)
    # A phone's JPEG with several pictures in it (MPO) becomes an ordinary JPEG of the first.
    format = {"MPO": "JPEG", "GIF": "PNG", "BMP": "PNG", "PPM": "PNG"}.get(str(picture.format), str(picture.format))
    metadata, encoding = with_pillow.blocks(picture, data), with_pillow.encoding(picture, data)
    metadata = colours.told(data, metadata, grey=with_pillow.is_grey(picture))
    if metadata.profile and "chunks" in encoding:  # by which colours are told now
        encoding["chunks"] = [chunk for chunk in encoding["chunks"] if chunk[0] not in png.COLOURS]
    orientation = with_pillow.orientation(picture, metadata)
    head = pnm.header(data)
    if deep_jpeg:
        pixels, profile, encoding = rare_jpeg.read(data), metadata.profile, {}
    elif head and head.is_deep:
        pixels, profile = pnm.deep(data, head), b""
    elif format == "TIFF":
        pixels, profile = _tiff_pixels(picture, data, metadata.profile, max_px)
    elif with_pillow.is_deep(picture, data):
        pixels, profile = with_openimageio.read(coded, f".{format.lower()}", max_px)[0], metadata.profile
    elif format == "AVIF" and with_imagecodecs.depth(data) > 8:
        pixels, profile = with_imagecodecs.read(data), metadata.profile
    elif format == "HEIF" and picture.info.get("bit_depth", 8) > 8:
        pixels, profile = with_pi_heif.read(data), metadata.profile
    else:
        pixels, profile = with_pillow.pixels(picture, metadata.profile)
    note = tiff.note_on_pages(data) if format == "TIFF" else plugins.note_on_frames(picture, data)
    metadata, notes = replace(metadata, profile=profile), (note,) if note else ()
    return _photo(pixels, metadata, orientation, format=format, encoding=encoding, source=data, notes=notes)


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
    metadata = Metadata(profile=with_openimageio.attribute(spec, "ICCProfile"))
    return _photo(pixels, metadata, spec.get_int_attribute("Orientation", 1), format="TIFF", source=data)


def _decode_jxl(data: bytes, max_px: int) -> Photo:
    head = jxl_header.header(data)  # OpenImageIO decodes it whole to say how large it is
    limits.check(head.height, head.width, len(data), max_px)
    pixels, spec = with_openimageio.read(data, ".jxl", max_px)
    exif, xmp = jxl.blocks(data)
    metadata = Metadata(exif, xmp, profile=with_openimageio.attribute(spec, "ICCProfile"))
    return _photo(pixels, metadata, format="JXL", source=data)  # libjxl turns pictures upright


def _photo(pixels: Shaped[np.ndarray, "h w c"], metadata: Metadata, orientation: int = 1, **fields: Any) -> Photo:
    """A photo of pixels as they lie in the file, with one to four channels."""
    pixels, metadata = colours.followed(upright(pixels, orientation), metadata)
    height, width, channels = pixels.shape
    grey, alpha = channels < 3, np.ascontiguousarray(pixels[..., -1]) if channels in (2, 4) else None
    shades = np.repeat(pixels[..., :1], 3, -1) if grey else pixels[..., :3]
    metadata = metadata.upright(height, width)
    shades = np.ascontiguousarray(shades)
    return Photo(shades, alpha, metadata=metadata, grey=grey, orientation=orientation, **fields)


def to_8_bits(pixels: Shaped[np.ndarray, "h w *c"]) -> Shaped[np.ndarray, "h w *c"]:
    """Pixels of 16 bits rounded to 8; those of 8 as they are."""
    if pixels.dtype == np.uint8:
        return pixels
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
