"""OpenEXR, Radiance .hdr and float TIFF, read and written with OpenImageIO."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from reexposure import __version__
from reexposure.arrays import Float32, Shaped
from reexposure.errors import PhotoError, one_line
from reexposure.files import scratch_folder
from reexposure.light import colour, icc
from reexposure.light.camera import BRIGHTEST
from reexposure.light.colour import ColourSpace
from reexposure.light.transfer import WHITE_NITS
from reexposure.photo import limits, pnm, with_openimageio
from reexposure.photo.orientation import upright
from reexposure.radiance import exr, hdr, primaries
from reexposure.radiance.spaces import HALF_MOST

SUFFIXES = (".exr", ".hdr", ".tif", ".tiff")
INTEROP = {
    "sRGB": "lin_rec709_scene", "Display P3": "lin_p3d65_scene", "Rec. 2020": "lin_rec2020_scene",
    "Adobe RGB": "lin_adobergb_scene", "ACEScg": "lin_ap1_scene",
}  # fmt: skip
"""Names of linear colour spaces by the Color Interop Forum."""

STRIP_ROWS = 128
"""Rows that are written at a time: a whole picture need not be copied."""
MAX_PARTS, GREY, RGB = 64, 1, 2
_choosing_reader = threading.Lock()


def scenes(folder: Path) -> list[Path]:
    """The .hdr and .exr files in ``folder`` and below it, in order."""
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".hdr", ".exr"))


def size(path: Path) -> tuple[int, int]:
    """Height and width of the picture, as a file's header states them. Raises OSError naming the file."""
    if path.suffix.lower() == ".hdr":
        with path.open("rb") as file, _naming(path):
            return hdr.header(file.read(hdr.MAX_HEADER)).size
    source = _open(path)
    spec = source.spec()
    source.close()
    return spec.full_height, spec.full_width


def read(path: Path, max_px: int | None = None) -> Float32[np.ndarray, "h w 3"]:
    """Linear RGB of a radiance file, see `load`."""
    return load(path, max_px)[0]


def load(path: Path, max_px: int | None = None) -> tuple[Float32[np.ndarray, "h w 3"], ColourSpace]:
    """Linear RGB of a radiance file, finite and >= 0, and the colour space that it is in.

    A grey picture is read as three equal channels. The space has the primaries that the file names,
    sRGB's where it names none, and sRGB's curve to show them. Raises OSError naming the file if it
    cannot be read, holds no picture of a kind known here, or has more than ``max_px`` pixels.
    """
    with _naming(path):
        light, space = LOADERS.get(path.suffix.lower(), _load)(path, max_px)
    return np.ascontiguousarray(np.clip(light, 0, BRIGHTEST, out=light)), space


def decode(data: bytes, suffix: str, name: str, max_px: int) -> tuple[Float32[np.ndarray, "h w 3"], ColourSpace]:
    """See `load`, of a radiance file's bytes, one of SUFFIXES; errors call it ``name``. Raises PhotoError."""
    with scratch_folder() as folder:
        path = folder / f"radiance{suffix}"
        path.write_bytes(data)
        try:
            return load(path, max_px)
        except MemoryError as error:
            raise PhotoError(f"{name}: not enough memory for this picture") from error
        except (OSError, ValueError) as error:
            raise PhotoError(f"{name}: {one_line(error).removeprefix(f'{path}: ')}") from error


def _load(path: Path, max_px: int | None) -> tuple[Float32[np.ndarray, "h w 3"], ColourSpace]:
    """OpenEXR or TIFF."""
    with path.open("rb") as file:
        exr.check(file.read(exr.MAX_HEADER))
    source = _open(path)
    try:
        parts = _parts(source)
        layer = exr.choose(parts)
        spec = parts[layer.part]
        if spec.get_int_attribute("tiff:PhotometricInterpretation", RGB) not in (GREY, RGB):
            raise ValueError("a float TIFF that is neither RGB nor grey from black to white, which is not read")
        for height, width in ((spec.height, spec.width), (spec.full_height, spec.full_width)):
            limits.check(height, width, path.stat().st_size, max_px or sys.maxsize)
        values = _channels(source, path, layer.part, layer.places)
    finally:
        source.close()
    light = exr.rgb(layer, exr.in_frame(values, spec))
    space = primaries.space(spec.get("chromaticities"))
    if profile := with_openimageio.attribute(spec, "ICCProfile"):
        space = primaries.space([v for xy in icc.space(profile).primaries for v in xy])
    if layer.kind == ("X", "Y", "Z"):
        light, space = primaries.of_xyz(light, space)
    return upright(light, spec.get_int_attribute("Orientation", 1)), space


def _load_hdr(path: Path, max_px: int | None) -> tuple[Float32[np.ndarray, "h w 3"], ColourSpace]:
    data = path.read_bytes()
    head = hdr.header(data)
    limits.check(*head.size, len(data), max_px or sys.maxsize)
    with scratch_folder() as folder:
        plain = folder / "plain.hdr"
        plain.write_bytes(head.plain() + data[head.start :])
        source = _open(plain)
        try:
            light = head.light(_channels(source, plain, 0, (0, 1, 2)))
        finally:
            source.close()
    space = primaries.space(head.primaries)
    return primaries.of_xyz(light, space) if head.xyz else (light, space)


def _load_pfm(path: Path, max_px: int | None) -> tuple[Float32[np.ndarray, "h w 3"], ColourSpace]:
    data = path.read_bytes()
    head = pnm.header(data)
    if head is None:
        raise ValueError("damaged header")
    limits.check(head.height, head.width, len(data), max_px or sys.maxsize)
    return _finite(pnm.light(data, head)), ColourSpace()


LOADERS = {".hdr": _load_hdr, ".pfm": _load_pfm}


def _parts(source: oiio.ImageInput) -> list[oiio.ImageSpec]:
    """The headers of a file's pictures: one, or the parts of an OpenEXR file."""
    parts: list[oiio.ImageSpec] = []
    while len(parts) < MAX_PARTS and source.seek_subimage(len(parts), 0):
        parts.append(source.spec())
        if source.format_name() != "openexr":
            break
    source.geterror()  # that there is no further one
    return parts


def _channels(source: oiio.ImageInput, path: Path, part: int, places: tuple[int, ...]) -> Float32[np.ndarray, "h w c"]:
    """These channels of a part, in this order; others, of which there may be many, are not read."""
    first, after = min(places), max(places) + 1
    runs = [(first, after)] if after - first <= len(places) + 1 else [(place, place + 1) for place in places]
    read = []
    for start, end in runs:
        pixels = source.read_image(part, 0, start, end, oiio.FLOAT)
        if pixels is None:
            raise ValueError(f"damaged picture ({_reason(source, path)})")
        read.append(pixels if pixels.ndim == 3 else pixels[..., None])
    if len(runs) > 1:
        return _finite(np.concatenate(read, axis=-1))
    order = [place - first for place in places]
    return _finite(read[0] if order == list(range(read[0].shape[-1])) else read[0][..., order])


def _finite(values: Float32[np.ndarray, "h w c"]) -> Float32[np.ndarray, "h w c"]:
    """The same array without what is no number, and without more than light can be."""
    np.nan_to_num(values, copy=False, nan=0.0, posinf=HALF_MOST, neginf=0.0)
    return np.clip(values, -BRIGHTEST, BRIGHTEST, out=values)


def write(
    path: Path,
    radiance: Shaped[np.ndarray, "h w 3"],
    kind: str,
    space: ColourSpace,
    *,
    float32: bool = False,
    command: str = "",
    layers: Mapping[str, Float32[np.ndarray, "h w"]] | None = None,
    about: Mapping[str, str | float] | None = None,
) -> None:
    """Write linear RGB to ``path`` as ``kind``, one of SUFFIXES, with its primaries and white level.

    OpenEXR holds half floats, unless ``float32``, and with them ``layers`` by the names of their channels, and the
    attributes ``about`` it. Values below zero, which .hdr cannot hold, are 0 there. ``command`` is what made it, if
    that is to be recorded. Raises OSError naming the file if it cannot be written.
    """
    height, width = radiance.shape[:2]
    half = kind == ".exr" and not float32
    more = dict(layers or {}) if kind == ".exr" else {}
    spec = oiio.ImageSpec(width, height, 3 + len(more), oiio.HALF if half else oiio.FLOAT)
    spec.channelnames = ("R", "G", "B", *more)
    # PIZ takes two thirds of the time and of the bytes of ZIP, for half floats.
    spec.attribute("compression", "piz" if half else "zip")
    spec.attribute("Software", " by ".join(filter(None, (f"reexposure {__version__}", command))))
    spec.attribute("DateTime", "")  # else the time of day: the same light is to be the same file
    if kind == ".exr":
        spec.attribute("chromaticities", "float[8]", [v for xy in space.primaries for v in xy])
        spec.attribute("whiteLuminance", WHITE_NITS)
        spec.attribute("colorInteropID", INTEROP.get(space.name, "unknown"))
        for name, value in (about or {}).items():
            spec.attribute(name, value)
    elif kind != ".hdr":
        with_openimageio.add_profile(spec, icc.profile_of(colour.linear(space)))
        spec.attribute("ImageDescription", f"linear light, {space.name} primaries; 1.0 is white, {WHITE_NITS:g} cd/m2")
    target = oiio.ImageOutput.create(f"radiance{kind}")
    if target is None or not target.open(str(path), spec):
        raise OSError(f"{path}: {_reason(target or oiio, path)}")
    least, most = (0, None) if kind == ".hdr" else (-HALF_MOST, HALF_MOST) if half else (None, None)
    written = True
    for top in range(0, height, STRIP_ROWS):
        rows = slice(top, min(top + STRIP_ROWS, height))
        strip = np.empty((rows.stop - top, width, 3 + len(more)), np.float16 if half else np.float32)
        part = radiance[rows] if least is None or radiance.dtype == np.float16 else radiance[rows].clip(least, most)
        for place in range(3):  # all at once takes four times as long
            strip[..., place] = part[..., place]
        for place, layer in enumerate(more.values(), 3):
            strip[..., place] = layer[rows]
        written = written and target.write_scanlines(top, rows.stop, 0, strip)
    if not (target.close() and written):
        raise OSError(f"{path}: {_reason(target, path)}")
    if kind == ".hdr":
        _describe_hdr(path, space, command)


def _describe_hdr(path: Path, space: ColourSpace, command: str) -> None:
    """Add primaries and white level to a Radiance header, which OpenImageIO leaves out."""
    first, rest = path.read_bytes().split(b"\n", 1)
    primaries = " ".join(f"{v:g}" for xy in space.primaries for v in xy)
    note = f"# linear light, {space.name} primaries; 1.0 is white, {WHITE_NITS:g} cd/m2\nPRIMARIES= {primaries}\n"
    if command:
        note = f"# {command}\n{note}"
    path.write_bytes(first + b"\n" + note.encode() + rest)


def _open(path: Path) -> oiio.ImageInput:
    source = oiio.ImageInput.open(str(path))
    reason = "" if source else _reason(oiio, path)
    if reason.startswith("Subsampled channels"):
        # Colours at half size: the older of OpenImageIO's two readers knows them. It is as good for any
        # file, so it does no harm that others may get it meanwhile.
        with _choosing_reader:
            oiio.attribute("openexr:core", 0)
            try:
                source = oiio.ImageInput.open(str(path))
            finally:
                oiio.attribute("openexr:core", 1)
        reason = "" if source else _reason(oiio, path)
    if source is None:
        size, beyond, _ = reason.partition(" exceeds ")  # OpenImageIO's own limits
        raise OSError(f"{path}: {size}: too large" if beyond else f"{path}: damaged picture ({reason})")
    return source


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """What goes wrong meanwhile becomes an OSError that names the file."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise OSError(f"{path}: damaged picture (names that are no text)") from error
    except (ValueError, limits.TooLargeError) as error:
        raise OSError(f"{path}: {error}") from error


def _reason(source: object, path: Path) -> str:
    """OpenImageIO's own words on what failed, on one line; damaged files can garble them."""
    try:
        told = str(source.geterror()).strip().splitlines()[0]  # type: ignore[attr-defined]
        return told.replace(f" ({path})", "").replace(str(path), path.name)
    except (UnicodeDecodeError, IndexError):
        return "damaged file"
