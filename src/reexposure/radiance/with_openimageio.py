"""OpenEXR, Radiance .hdr and float TIFF, read and written with OpenImageIO."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from reexposure import __version__
from reexposure.arrays import Float32
from reexposure.light import colour
from reexposure.light.colour import ColourSpace
from reexposure.photo import with_openimageio

SUFFIXES = (".exr", ".hdr", ".tif", ".tiff")
WHITE_NITS = 203.0
"""The luminance of 1.0: that of diffuse white on an HDR display (ITU-R BT.2408)."""

INTEROP = {
    "sRGB": "lin_rec709_scene", "Display P3": "lin_p3d65_scene", "Rec. 2020": "lin_rec2020_scene",
    "Adobe RGB": "lin_adobergb_scene",
}  # fmt: skip
"""Names of linear colour spaces by the Color Interop Forum."""


def scenes(folder: Path) -> list[Path]:
    """The .hdr and .exr files in ``folder`` and below it, in order."""
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".hdr", ".exr"))


def size(path: Path) -> tuple[int, int]:
    """Height and width that a file's header states. Raises OSError naming the file."""
    source = _open(path)
    spec = source.spec()
    source.close()
    return spec.height, spec.width


def read(path: Path, max_px: int | None = None) -> Float32[np.ndarray, "h w 3"]:
    """Linear RGB of a radiance file; a grey picture is read as three equal channels.

    Raises OSError naming the file if it cannot be read, or has more than ``max_px`` pixels.
    """
    source = _open(path)
    try:
        spec = source.spec()
        if max_px is not None and spec.width * spec.height > max_px:
            raise OSError(f"{path}: more than {max_px // 1_000_000} megapixels")
        if spec.deep or spec.nchannels > 64:
            raise OSError(f"{path}: not a flat picture")
        pixels = source.read_image(format=oiio.FLOAT)
        if pixels is None:
            raise OSError(f"{path}: damaged picture ({_reason(source)})")
    finally:
        source.close()
    names = list(spec.channelnames)
    if all(name in names for name in "RGB"):
        pixels = pixels[..., [names.index(name) for name in "RGB"]]
    elif pixels.shape[-1] < 3:
        pixels = np.repeat(pixels[..., :1], 3, axis=-1)
    return np.ascontiguousarray(pixels[..., :3], np.float32)


def colour_space(path: Path) -> ColourSpace:
    """The primaries that a radiance file names, with sRGB's curve to show them; sRGB where it names none."""
    source = _open(path)
    spec = source.spec()
    source.close()
    values = spec.get("chromaticities")
    if path.suffix == ".hdr":
        told = re.search(rb"\nPRIMARIES=\s*([-0-9.e ]+)", path.read_bytes()[:4096])
        values = [float(v) for v in told[1].split()] if told else None
    if values is not None and len(values) == 8:
        return colour.named(tuple(zip(values[::2], values[1::2], strict=True)))
    profile = with_openimageio.attribute(spec, "ICCProfile")
    return colour.named(colour.space(profile).primaries)


def write(
    path: Path, radiance: Float32[np.ndarray, "h w 3"], kind: str, space: ColourSpace, float32: bool = False
) -> None:
    """Write linear RGB to ``path`` as ``kind``, one of SUFFIXES, with its primaries and white level.

    OpenEXR holds half floats, unless ``float32``. Raises OSError naming the file if it cannot be
    written.
    """
    height, width = radiance.shape[:2]
    half = kind == ".exr" and not float32
    spec = oiio.ImageSpec(width, height, 3, oiio.HALF if half else oiio.FLOAT)
    spec.attribute("compression", "zip")
    spec.attribute("Software", f"reexposure {__version__}")
    if kind == ".exr":
        spec.attribute("chromaticities", "float[8]", [v for xy in space.primaries for v in xy])
        spec.attribute("whiteLuminance", WHITE_NITS)
        spec.attribute("colorInteropID", INTEROP.get(space.name, "unknown"))
    elif kind != ".hdr":
        with_openimageio.add_profile(spec, colour.profile_of(colour.linear(space)))
        spec.attribute("ImageDescription", f"linear light, {space.name} primaries; 1.0 is white, {WHITE_NITS:g} cd/m2")
    target = oiio.ImageOutput.create(f"radiance{kind}")
    if target is None or not target.open(str(path), spec):
        raise OSError(f"{path}: {_reason(target or oiio)}")
    limited = radiance.clip(0, 65504) if half else radiance
    written = target.write_image(np.ascontiguousarray(limited))
    if not (target.close() and written):
        raise OSError(f"{path}: {_reason(target)}")
    if kind == ".hdr":
        _describe_hdr(path, space)


def _describe_hdr(path: Path, space: ColourSpace) -> None:
    """Add primaries and white level to a Radiance header, which OpenImageIO leaves out."""
    first, rest = path.read_bytes().split(b"\n", 1)
    primaries = " ".join(f"{v:g}" for xy in space.primaries for v in xy)
    note = f"# linear light, {space.name} primaries; 1.0 is white, {WHITE_NITS:g} cd/m2\nPRIMARIES= {primaries}\n"
    path.write_bytes(first + b"\n" + note.encode() + rest)


def _open(path: Path) -> oiio.ImageInput:
    source = oiio.ImageInput.open(str(path))
    if source is None:
        raise OSError(f"{path}: damaged picture ({_reason(oiio)})")
    return source


def _reason(source: object) -> str:
    """OpenImageIO's own words on what failed, on one line; damaged files can garble them."""
    try:
        return str(source.geterror()).strip().splitlines()[0]  # type: ignore[attr-defined]
    except (UnicodeDecodeError, IndexError):
        return "damaged file"
