"""Photos of 8 bits, by Pillow."""

from __future__ import annotations

import contextlib
import io
import struct
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, JpegImagePlugin
from PIL.TiffImagePlugin import TiffImageFile

from reexposure.arrays import Shaped, UInt8
from reexposure.light import icc, littlecms
from reexposure.photo import exif, items, jpeg, jpeg_metadata, png, tiff, xmp
from reexposure.photo.metadata import Metadata

STRIP_PX = 100_000
EMPTY_EXIF = b"II*\0\x08\0\0\0\0\0\0\0\0\0"


def described(picture: Image.Image) -> Metadata:
    """What Pillow's picture says about itself, wherever it comes from."""
    info = picture.info
    dpi = info.get("dpi")
    return Metadata(
        exif=_bytes(info.get("exif")).removeprefix(b"Exif\0\0"),
        xmp=_bytes(info.get("xmp")),
        profile=_bytes(info.get("icc_profile")),
        dpi=(float(dpi[0]), float(dpi[1])) if isinstance(dpi, tuple) and min(dpi) > 0 else None,
    )


def blocks(picture: Image.Image, data: bytes) -> Metadata:
    """What an opened picture's file says about it."""
    about = described(picture)
    if isinstance(picture, TiffImageFile):
        told, packet, resources = tiff.blocks(data)
        dpi = about.dpi if tiff.RESOLUTION in picture.tag_v2 else None
        return replace(about, exif=told, xmp=packet, resources=resources, dpi=dpi)
    if picture.format in ("JPEG", "MPO"):
        told, packet, resources = jpeg_metadata.blocks(data)
        # Of a file whose JFIF names no resolution, Pillow says 72 where EXIF names none either.
        dpi = about.dpi if picture.info.get("jfif_unit") in (1, 2) else exif.dpi(told)
        return replace(about, exif=told, xmp=packet, resources=resources, dpi=dpi)
    if picture.format == "PNG":
        return png.blocks(data)
    if picture.format in ("AVIF", "HEIF"):
        with contextlib.suppress(ValueError):
            told, packet = items.blocks(data)
            return replace(about, exif=told, xmp=packet)
    return about


def orientation(picture: Image.Image, about: Metadata, data: bytes = b"") -> int:
    """How an opened picture lies in its file ``data``, if it has one: 1 to 8."""
    if isinstance(picture, TiffImageFile):
        told = picture.tag_v2.get(exif.ORIENTATION)
    elif picture.format == "AVIF" and data:  # whose boxes say it
        told = items.orientation(data)
    elif picture.format == "HEIF":  # its decoder turns it
        told = 1
    else:
        told = exif.orientation(about.exif) or xmp.orientation(about.xmp)
    return told if isinstance(told, int) and 1 <= told <= 8 else 1


def encoding(picture: Image.Image, data: bytes) -> dict[str, Any]:
    """What only the same format can keep: how hard it compressed, and blocks all its own."""
    if isinstance(picture, JpegImagePlugin.JpegImageFile):
        tables = picture.quantization if picture.mode in ("RGB", "L") else {}
        sampling = JpegImagePlugin.get_sampling(picture)
        return {
            "qtables": tables,
            "subsampling": sampling if sampling in (0, 1, 2) else 0,
            "progressive": bool(picture.info.get("progressive")),
            "segments": jpeg_metadata.kept(data),
        }
    if picture.format == "PNG":
        return {"chunks": png.kept(data)}
    if picture.format == "WEBP":
        return {"lossless": _is_lossless_webp(data)}
    if picture.format == "TIFF":
        return {"compressed": picture.info.get("compression", "raw") != "raw"}
    return {}


def is_deep(picture: Image.Image, data: bytes) -> bool:
    """Whether a picture has 16 bits, which Pillow would cut to 8."""
    if isinstance(picture, TiffImageFile):
        return 16 in picture.tag_v2.get(tiff.BITS, (8,))
    return picture.format == "PNG" and data[24] == 16  # bit depth in IHDR


def is_grey(picture: Image.Image) -> bool:
    """Whether an opened picture has shades of grey only, by its mode."""
    return picture.mode in ("1", "L", "LA", "La", "F") or picture.mode.startswith("I")


def pixels(picture: Image.Image, profile: bytes) -> tuple[Shaped[np.ndarray, "h w c"], bytes]:
    """An opened picture's pixels, (h, w, 1 or 3) with alpha after them if it has it, and their profile.

    Colour models other than grey and RGB are converted to sRGB, by their profile if they have one.
    """
    bands = picture.getbands() if picture.mode != "LAB" else ()  # whose A is no alpha
    alpha = "A" in bands or "a" in bands or "transparency" in picture.info
    if picture.mode in ("1", "L", "LA", "La") and not (alpha and picture.mode == "1"):
        grey = picture.convert("LA" if alpha else "L")
        return np.asarray(grey).reshape(picture.height, picture.width, -1), profile
    if picture.mode in ("CMYK", "LAB"):
        return littlecms.converted(np.asarray(picture), picture.mode, profile), b""
    wanted = "RGBA" if alpha else "RGB"
    return _values(picture if picture.mode == wanted else picture.convert(wanted)), profile


def _values(picture: Image.Image) -> UInt8[np.ndarray, "h w c"]:
    """The values of a picture of several channels, a strip at a time: of a whole one Pillow makes two copies more."""
    width, height = picture.size
    values = np.empty((height, width, len(picture.getbands())), np.uint8)
    step = max(1, STRIP_PX // width)
    picture.load()
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        values[rows] = np.asarray(picture.crop((0, rows.start, width, rows.stop)))
    return values


def of_palette(grey: UInt8[np.ndarray, "h w c"], opened: Image.Image) -> Image.Image:
    """A picture of the palette of an ``opened`` TIFF, by its indices shown as shades of grey."""
    assert isinstance(opened, TiffImageFile)
    assert opened.palette is not None
    steps = (1 << opened.tag_v2[tiff.BITS][0]) - 1
    indices = Image.fromarray(np.ascontiguousarray(grey[..., 0] // (255 // steps)))
    layout, colours = opened.palette.getdata()
    indices.putpalette(colours, layout)
    return indices


def write(pixels: Shaped[np.ndarray, "h w c"], format: str, about: Metadata, own: dict[str, Any]) -> bytes:
    """A file of (h, w, 1 to 4) pixels in a format in Pillow's words; ``own`` is its `encoding`."""
    if format == "TIFF":
        return tiff.write(pixels, about, own.get("compressed", True))
    channels = pixels.shape[-1]
    picture = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels))
    options: dict[str, Any] = {}
    if format == "JPEG":
        kept = own.get("qtables")
        options = {"qtables": kept} if kept else {"quality": own.get("quality", 95)}
        options |= {"subsampling": own.get("subsampling", 0), "progressive": own.get("progressive", False)}
    elif format in ("WEBP", "AVIF"):
        # Both hold grey as colours that are alike.
        profile = icc.in_colour(about.profile)
        options = {"quality": 95, "exif": about.exif, "xmp": about.xmp, "icc_profile": profile}
        options |= {"lossless": own.get("lossless", False), "exact": True} if format == "WEBP" else {}
        if format == "AVIF":  # whose alpha is as good as its colours, and only 100 is lossless
            options |= {"subsampling": "4:4:4", "speed": 8, "quality": 95 if channels in (1, 3) else 100}
            options["exif"] = blank = EMPTY_EXIF.ljust(len(about.exif), b"\0") if about.exif else b""
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    data = buffer.getvalue()
    if format == "AVIF" and about.exif:  # which Pillow would write anew, and maker notes with it
        data = data.replace(blank, about.exif, 1)
    if format == "JPEG":
        return bytes(jpeg_metadata.described(jpeg.split(data), about, own.get("segments", [])))
    return png.with_metadata(data, about, own.get("chunks", [])) if format == "PNG" else data


def _is_lossless_webp(data: bytes) -> bool:
    at = 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind in (b"VP8 ", b"VP8L", b"ANMF"):
            return bool(kind == b"VP8L")
        at += 8 + size + size % 2
    return False


def _bytes(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value) if isinstance(value, bytes) else b""
