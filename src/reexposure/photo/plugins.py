"""Files opened by Pillow: by the plug-in that their first bytes ask for, and within our limits.

`PIL.Image.open` has limits of its own, which belong to the whole process and whoever else uses
Pillow in it. The plug-ins are the same.
"""

from __future__ import annotations

import importlib
import io

from PIL import Image, UnidentifiedImageError

from reexposure.errors import MissingPackageError
from reexposure.photo import jpeg, png

PLUGINS = {
    "JPEG": "Jpeg", "PNG": "Png", "WEBP": "WebP", "TIFF": "Tiff", "AVIF": "Avif", "GIF": "Gif", "BMP": "Bmp",
    "PPM": "Ppm",
}  # fmt: skip
"""Formats by Pillow's name, in order of use, and what their plug-in is called."""
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def opened(data: bytes) -> Image.Image:
    """A picture whose header has been read, and nothing more.

    Raises UnidentifiedImageError for anything that is none, MissingPackageError for a HEIC without
    its reader, and nearly anything for a damaged file.
    """
    format = _format(data)
    if format is None:
        raise UnidentifiedImageError
    if format == "JPEG":  # the first of several pictures; Pillow would believe the index of the others
        from PIL.JpegImagePlugin import JpegImageFile

        jpeg.check(data)
        return JpegImageFile(io.BytesIO(data), "")
    if format != "HEIF":
        return Image.OPEN[format][0](io.BytesIO(data), "")
    try:
        import pi_heif
    except ImportError as error:
        raise MissingPackageError("HEIC needs another package; pip install 'reexposure[heif]'") from error
    pi_heif.register_heif_opener()
    return Image.OPEN["HEIF"][0](io.BytesIO(data), "")


def knows(data: bytes) -> bool:
    """Whether a file that begins like this is for Pillow to open."""
    return _format(data) is not None


def _format(data: bytes) -> str | None:
    """The format of a file by its first bytes, whose plug-in is loaded then."""
    if _is_heif(data):
        return "HEIF"
    for format, plugin in PLUGINS.items():
        if format not in Image.OPEN:
            importlib.import_module(f"PIL.{plugin}ImagePlugin")
        accept = Image.OPEN[format][1]
        if accept is not None and accept(data[:16]) is True:
            return format
    return None


def note_on_frames(picture: Image.Image, data: bytes) -> str | None:
    """What to say of an opened picture that is the first of several in its file."""
    if picture.format == "PNG":
        moves = any(kind == b"acTL" for kind, _ in png.chunks(data))
    else:
        moves = picture.format in ("GIF", "WEBP", "AVIF") and getattr(picture, "is_animated", False)
    if moves:
        return "an animation; its first picture is used"
    if picture.format == "HEIF" and getattr(picture, "n_frames", 1) > 1:
        return "has several pictures; the main one is used"
    return None


def _is_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS and b"avif" not in data[8:64]
