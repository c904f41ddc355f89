"""Photos of 16 bits, and JPEG XL, with OpenImageIO, which reads and writes files only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reexposure.arrays import Shaped
from reexposure.files import scratch_folder
from reexposure.light import littlecms
from reexposure.photo import limits
from reexposure.photo.values import straight

if TYPE_CHECKING:
    import OpenImageIO as oiio


MAX_CHANNELS, WHITE_IS_ZERO = 4, 0
STRIP_PX = 400_000
"""Pixels that are read at a time, or a row."""

MODELS = {"CMYK": "CMYK", "CIELAB": "LAB"}
"""Colour models of TIFF, in OpenImageIO's words and in Pillow's."""


def read(
    data: bytes, suffix: str, max_px: int, floats: bool = False
) -> tuple[Shaped[np.ndarray, "h w c"], oiio.ImageSpec]:
    """The pixels of a file as stored, in 8 or 16 bits or as ``floats``, and what OpenImageIO says about it.

    Alpha is straight. CMYK and CIE Lab become sRGB, by their profile if they have one. Of more than four
    channels the first four are read. Raises OSError if it cannot be decoded, TooLargeError if it is larger
    than allowed.
    """
    import OpenImageIO as oiio

    with scratch_folder() as folder:
        path = folder / f"photo{suffix}"
        path.write_bytes(data)
        config = oiio.ImageSpec()
        config.attribute("oiio:UnassociatedAlpha", 1)
        reader = oiio.ImageInput.open(str(path), config)
        model = MODELS.get(reader.spec().get("tiff:ColorSpace")) if reader else None
        if model:  # not as OpenImageIO converts it, without the profile
            config.attribute("oiio:RawColor", 1)
            reader = oiio.ImageInput.open(str(path), config)
        if reader is None:
            oiio.geterror()  # or it is printed when the program ends
            raise OSError("cannot be decoded")
        spec = reader.spec()
        limits.check(spec.height, spec.width, len(data), max_px, tight=suffix == ".jxl")
        shallow = spec.format == oiio.TypeDesc(oiio.UINT8)
        channels = min(spec.nchannels, MAX_CHANNELS)
        wanted = oiio.FLOAT if floats else oiio.UINT8 if shallow else oiio.UINT16
        pixels = _values(reader, spec, channels, wanted)
        reader.geterror()
        reader.close()
        if pixels is None:
            raise OSError("cannot be decoded")
    if spec.get_int_attribute("tiff:PhotometricInterpretation", -1) == WHITE_IS_ZERO and not shallow:
        pixels[..., 0] = np.iinfo(np.uint16).max - pixels[..., 0]  # in 8 bits OpenImageIO does it
    if model:
        pixels = littlecms.converted(pixels[..., : len(model)], model, attribute(spec, "ICCProfile"))
    elif pixels.shape[-1] == 4 and spec.alpha_channel < 0:
        pixels = pixels[..., :-1]  # something that the file does not call alpha
    elif suffix.startswith(".tif") and spec.alpha_channel > 0 and not spec.get("oiio:UnassociatedAlpha"):
        pixels = straight(pixels)
    return np.ascontiguousarray(pixels), spec


def _values(
    reader: oiio.ImageInput, spec: oiio.ImageSpec, channels: int, wanted: Any
) -> Shaped[np.ndarray, "h w c"] | None:
    """The values of an opened picture, or None; a strip at a time, as of a whole one OpenImageIO makes a copy more."""
    if spec.tile_width:
        whole = reader.read_image(0, 0, 0, channels, wanted)
        return None if whole is None else np.asarray(whole).reshape(spec.height, spec.width, -1)
    values, step = None, max(1, STRIP_PX // spec.width)
    for top in range(0, spec.height, step):
        rows = slice(top, min(top + step, spec.height))
        strip = reader.read_scanlines(spec.y + rows.start, spec.y + rows.stop, spec.z, 0, channels, wanted)
        if strip is None:
            return None
        strip = np.asarray(strip).reshape(-1, spec.width, channels)
        values = np.empty((spec.height, *strip.shape[1:]), strip.dtype) if values is None else values
        values[rows] = strip
    return values


def write(pixels: Shaped[np.ndarray, "h w c"], suffix: str, profile: bytes = b"") -> bytes:
    """A file of ``pixels``, uint8 or uint16, in the format that ``suffix`` names, lossless.

    Raises OSError if it cannot be encoded; JPEG XL refuses some profiles.
    """
    import OpenImageIO as oiio

    deep = pixels.dtype == np.uint16
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], oiio.UINT16 if deep else oiio.UINT8)
    spec.attribute("compression", "jpegxl:100" if suffix == ".jxl" else "zip")
    if profile:
        add_profile(spec, profile)
    spec.attribute("oiio:UnassociatedAlpha", 1)
    with scratch_folder() as folder:
        path = folder / f"photo{suffix}"
        writer = oiio.ImageOutput.create(str(path))
        if writer is None or not writer.open(str(path), spec) or not writer.write_image(np.ascontiguousarray(pixels)):
            raise OSError(f"cannot be encoded as {suffix[1:].upper()}")
        data = path.read_bytes() if writer.close() else b""
        if not data:
            writer.geterror()
            raise OSError(f"cannot be encoded as {suffix[1:].upper()}")
        return data


def add_profile(spec: oiio.ImageSpec, profile: bytes) -> None:
    """Have an ICC profile written with a file."""
    spec.attribute("ICCProfile", f"uint8[{len(profile)}]", np.frombuffer(profile, np.uint8))


def attribute(spec: oiio.ImageSpec, name: str) -> bytes:
    """A block of bytes among the attributes of a file, or nothing."""
    value = spec.get(name)
    return b"" if value is None else bytes(bytearray(np.asarray(value, np.uint8)))
