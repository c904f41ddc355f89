"""Photos: encoded pictures of 8 or 16 bits, with what their files say about them."""

from __future__ import annotations

import io
import sys
import tempfile
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, JpegImagePlugin, UnidentifiedImageError

from reexposure.arrays import Shaped
from reexposure.errors import one_line
from reexposure.files import written_aside

MAX_PX = 200_000_000
"""Photos with more pixels are refused: they would need more memory than a laptop has."""

# Pillow warns at this many pixels and refuses at twice as many, before it decodes anything.
Image.MAX_IMAGE_PIXELS = MAX_PX // 2

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
DEEP_FORMATS = ("PNG", "TIFF")
ORIENTATION = 0x0112


class PhotoError(Exception):
    """A photo that cannot be read or written; its text is one line that names the file and why."""


@dataclass(frozen=True)
class Photo:
    """An upright encoded picture: ``pixels`` is (h, w, 3), uint8 or uint16, RGB in the file's colour space.

    ``alpha`` is (h, w) of the same type, or None. ``format`` is the file's format in Pillow's
    words; ``metadata`` what Pillow is to write back (EXIF, ICC profile, XMP, resolution);
    ``encoding`` how it compressed the picture (JPEG tables and subsampling).
    """

    pixels: Shaped[np.ndarray, "h w 3"]
    alpha: Shaped[np.ndarray, "h w"] | None = None
    format: str = "PNG"
    metadata: dict[str, Any] = field(default_factory=dict)
    encoding: dict[str, Any] = field(default_factory=dict)

    @property
    def levels(self) -> int:
        """The largest value a pixel can have: 255 or 65535."""
        return int(np.iinfo(self.pixels.dtype).max)

    def with_pixels(self, pixels: Shaped[np.ndarray, "h w 3"]) -> Photo:
        """The same photo showing something else."""
        return replace(self, pixels=pixels)

    def save(self, path: str | Path) -> None:
        """Write to ``path`` in the format its suffix names; the file appears whole or not at all.

        16 bits are kept in PNG and TIFF; other formats hold 8. Raises PhotoError naming the file.
        """
        path = Path(path)
        if path.suffix.lower() not in FORMATS:
            raise PhotoError(f"{path}: unknown format; write one of {', '.join(FORMATS)}")
        try:
            with written_aside(path) as aside:
                aside.write_bytes(self.encoded(FORMATS[path.suffix.lower()]))
        except OSError as error:
            reason = one_line(error)
            raise PhotoError(reason if reason.startswith(str(path)) else f"{path}: {reason}") from error

    def encoded(self, format: str | None = None) -> bytes:
        """The photo as a file in memory, in ``format`` or its own."""
        format = format or self.format
        if self.levels > 255:
            if format in DEEP_FORMATS:
                return _encode_deep(self, format)
            return replace(self, pixels=to_8_bits(self.pixels), alpha=None).encoded(format)
        picture = Image.fromarray(np.ascontiguousarray(self.pixels))
        if self.alpha is not None and format != "JPEG":
            picture.putalpha(Image.fromarray(self.alpha))
        options: dict[str, Any] = dict(self.metadata)
        if format == "JPEG":
            options |= self.encoding or {"quality": 95, "subsampling": 0}
        elif format == "WEBP":
            options |= {"quality": 95}
        buffer = io.BytesIO()
        picture.save(buffer, format, **options)
        return buffer.getvalue()


def load(source: str | Path) -> Photo:
    """Read a JPEG, PNG, WebP or TIFF photo; ``"-"`` is standard input.

    The picture is turned upright. Raises PhotoError naming the file if it is missing, no
    picture, damaged, or larger than MAX_PX.
    """
    if str(source) == "-":
        return decode(sys.stdin.buffer.read(), "standard input")
    path = Path(source)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PhotoError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return decode(data, str(path))


def decode(data: bytes, name: str) -> Photo:
    """A photo out of a file's bytes; errors call it ``name``. See `load`."""
    if not data:
        raise PhotoError(f"{name}: empty file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd EXIF and large pictures: judged below, not by Pillow
            picture = Image.open(io.BytesIO(data), formats=tuple(set(FORMATS.values())))
            if picture.width * picture.height > MAX_PX:
                raise Image.DecompressionBombError
            encoding = _jpeg_encoding(picture)
            deep = _deep_pixels(data, picture)
            if deep is None:
                return _shallow(picture, encoding)
            return deep
    except Image.DecompressionBombError as error:
        raise PhotoError(f"{name}: more than {MAX_PX // 1_000_000} megapixels") from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name}: not a JPEG, PNG, WebP or TIFF picture") from error
    except MemoryError as error:
        raise PhotoError(f"{name}: not enough memory for this picture") from error
    except Exception as error:  # decoders raise nearly anything on damaged files
        raise PhotoError(f"{name}: damaged picture ({one_line(error)})") from error


def _shallow(picture: Image.Image, encoding: dict[str, Any]) -> Photo:
    """An 8-bit photo from an opened picture."""
    # A phone's JPEG with several pictures in it (MPO) becomes an ordinary JPEG of the first.
    format = "JPEG" if picture.format == "MPO" else picture.format or "PNG"
    metadata = {k: picture.info[k] for k in ("dpi", "xmp") if picture.info.get(k)} | _rgb_profile(picture)
    exif = picture.getexif()
    if exif:
        if exif.get(ORIENTATION, 1) != 1:
            picture = ImageOps.exif_transpose(picture)
            exif = picture.getexif()
        metadata["exif"] = exif.tobytes()
    alpha = None
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        alpha = np.array(picture.getchannel("A"))
    colour = picture if picture.mode == "RGB" else picture.convert("RGB")  # convert always copies
    # Half the time of np.asarray(colour), which copies twice.
    pixels = np.frombuffer(colour.tobytes(), np.uint8).reshape(colour.height, colour.width, 3)
    return Photo(pixels, alpha, format, metadata, encoding)


def _rgb_profile(picture: Image.Image) -> dict[str, bytes]:
    """The colour profile if it is one for RGB: a grey or CMYK profile would spoil an RGB file."""
    profile = picture.info.get("icc_profile") or b""
    return {"icc_profile": profile} if profile[16:20] == b"RGB " else {}


def _jpeg_encoding(picture: Image.Image) -> dict[str, Any]:
    """The tables and subsampling of a JPEG, so that the result is compressed no harder."""
    if not isinstance(picture, JpegImagePlugin.JpegImageFile) or picture.mode != "RGB":
        return {}
    sampling = JpegImagePlugin.get_sampling(picture)
    return {"qtables": picture.quantization, "subsampling": sampling if sampling in (0, 1, 2) else 0}


def _deep_pixels(data: bytes, picture: Image.Image) -> Photo | None:
    """The photo if it has 16 bits, which Pillow would cut to 8, else None."""
    if picture.format == "PNG":
        deep = data[24] == 16  # bit depth in IHDR
    elif picture.format == "TIFF":
        deep = 16 in picture.tag_v2.get(258, (8,))  # type: ignore[attr-defined]
    else:
        return None
    if not deep:
        return None
    pixels = _upright(_read_deep(data, picture.format), picture.getexif().get(ORIENTATION, 1))
    channels = pixels.shape[-1]
    alpha = np.ascontiguousarray(pixels[..., -1]) if channels in (2, 4) else None
    colour = np.repeat(pixels[..., :1], 3, -1) if channels < 3 else pixels[..., :3]
    return Photo(np.ascontiguousarray(colour), alpha, picture.format, _rgb_profile(picture))


def _read_deep(data: bytes, format: str) -> Shaped[np.ndarray, "h w c"]:
    """16-bit pixels of a PNG or TIFF as stored. OpenImageIO reads files only, so it gets one."""
    import OpenImageIO as oiio

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"photo.{format.lower()}")
        path.write_bytes(data)
        config = oiio.ImageSpec()
        config.attribute("oiio:UnassociatedAlpha", 1)
        reader = oiio.ImageInput.open(str(path), config)
        pixels = reader.read_image(format=oiio.UINT16) if reader else None
        if reader is None or pixels is None:
            raise OSError("cannot be decoded")
        spec = reader.spec()
        reader.close()
    return np.asarray(pixels).reshape(spec.height, spec.width, -1)


def _upright(pixels: Shaped[np.ndarray, "h w c"], orientation: int) -> Shaped[np.ndarray, "h2 w2 c"]:
    """``pixels`` as seen when held by EXIF ``orientation`` (1 to 8)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


def _encode_deep(photo: Photo, format: str) -> bytes:
    import OpenImageIO as oiio

    pixels = photo.pixels if photo.alpha is None else np.dstack([photo.pixels, photo.alpha])
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], oiio.UINT16)
    if photo.metadata.get("icc_profile"):
        profile = np.frombuffer(photo.metadata["icc_profile"], np.uint8)
        spec.attribute("ICCProfile", f"uint8[{len(profile)}]", profile)
    spec.attribute("oiio:UnassociatedAlpha", 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"photo.{format.lower()}")
        writer = oiio.ImageOutput.create(str(path))
        if writer is None or not writer.open(str(path), spec) or not writer.write_image(np.ascontiguousarray(pixels)):
            raise OSError(f"cannot be encoded as 16-bit {format}")
        writer.close()
        return path.read_bytes()


def to_8_bits(pixels: Shaped[np.ndarray, "h w *c"]) -> Shaped[np.ndarray, "h w *c"]:
    """Pixels of 16 bits rounded to 8; those of 8 as they are."""
    if pixels.dtype == np.uint8:
        return pixels
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
