"""OpenEXR, Radiance .hdr and float TIFF, read and written with OpenImageIO."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from reexposure.arrays import Float32

SUFFIXES = (".exr", ".hdr", ".tif", ".tiff")


def read(path: Path) -> Float32[np.ndarray, "h w 3"]:
    """Linear RGB of a radiance file; a grey picture is read as three equal channels.

    Raises OSError naming the file if it cannot be read.
    """
    source = oiio.ImageInput.open(str(path))
    if source is None:
        raise OSError(f"{path}: {_reason(oiio)}")
    try:
        spec = source.spec()
        pixels = source.read_image(format=oiio.FLOAT)
        if pixels is None:
            raise OSError(f"{path}: {_reason(source)}")
    finally:
        source.close()
    names = list(spec.channelnames)
    if all(name in names for name in "RGB"):
        pixels = pixels[..., [names.index(name) for name in "RGB"]]
    elif pixels.shape[-1] < 3:
        pixels = np.repeat(pixels[..., :1], 3, axis=-1)
    return np.ascontiguousarray(pixels[..., :3], np.float32)


def write(path: Path, radiance: Float32[np.ndarray, "h w 3"], kind: str, attributes: dict[str, str | float]) -> None:
    """Write linear RGB to ``path`` as ``kind``, one of SUFFIXES: EXR in half floats with ZIP.

    Raises OSError naming the file if it cannot be written.
    """
    height, width = radiance.shape[:2]
    half = kind == ".exr"
    spec = oiio.ImageSpec(width, height, 3, oiio.HALF if half else oiio.FLOAT)
    spec.attribute("compression", "zip")
    for name, value in attributes.items():
        spec.attribute(name, value)
    target = oiio.ImageOutput.create(f"radiance{kind}")
    if target is None or not target.open(str(path), spec):
        raise OSError(f"{path}: {_reason(target or oiio)}")
    limited = radiance.clip(0, 65504) if half else radiance
    written = target.write_image(np.ascontiguousarray(limited))
    if not (target.close() and written):
        raise OSError(f"{path}: {_reason(target)}")


def _reason(source: object) -> str:
    """OpenImageIO's own words on what failed, on one line; damaged files can garble them."""
    try:
        return str(source.geterror()).strip().splitlines()[0]  # type: ignore[attr-defined]
    except (UnicodeDecodeError, IndexError):
        return "damaged file"
