"""Colour spaces, as ICC profiles describe them: primaries, and the curve from encoded to linear."""

from __future__ import annotations

import functools
import io
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from reexposure.arrays import Float64
from reexposure.light import camera

D50 = np.array([0.9642, 1.0, 0.8249])
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D65_XY = (0.3127, 0.3290)
KNOWN = {
    "sRGB": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65_XY),
    "Display P3": ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), D65_XY),
    "Adobe RGB": ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65_XY),
    "Rec. 2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65_XY),
    "ProPhoto RGB": ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), (0.3457, 0.3585)),
}

Chromaticities = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ColourSpace:
    """``primaries`` are the CIE xy of red, green, blue and white; ``response`` is its curve."""

    name: str = "sRGB"
    primaries: Chromaticities = KNOWN["sRGB"]
    response: camera.Response = camera.RESPONSES["srgb"]

    @property
    def is_srgb(self) -> bool:
        """Whether values mean what they mean in a file without a profile."""
        return self.name == "sRGB" and self.response == camera.RESPONSES["srgb"]


@functools.lru_cache(maxsize=16)
def space(profile: bytes) -> ColourSpace:
    """What an ICC profile of matrix and curves says; sRGB for none, or for one of another kind.

    Source: ICC.1:2022. Colorants there are adapted to D50, which is undone by the profile's own
    matrix, or by Bradford's where it names none.
    """
    try:
        tags = _tags(profile)
        colorants = np.array([_fixed(tags[name][8:20]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")])
        adapted = _adapted(tags)
        response = _response(tags[b"rTRC"])
    except (KeyError, ValueError, IndexError, struct.error, np.linalg.LinAlgError):
        return ColourSpace()
    native = np.vstack([colorants, colorants.sum(0)]) @ np.linalg.inv(adapted).T
    xy = tuple((round(float(x / (x + y + z)), 4), round(float(y / (x + y + z)), 4)) for x, y, z in native)
    return named(xy, response)


def named(primaries: Chromaticities, response: camera.Response = camera.RESPONSES["srgb"]) -> ColourSpace:
    """The colour space of these primaries, by its name if it is a known one."""
    for name, known in KNOWN.items():
        if np.abs(np.subtract(primaries, known)).max() < 0.003:
            return ColourSpace(name, known, response)
    return ColourSpace("RGB", primaries, response)


def conversion(source: ColourSpace, target: ColourSpace) -> Float64[np.ndarray, "3 3"]:
    """The matrix from linear light in one colour space to another; white stays white."""
    return np.linalg.solve(to_xyz(target), to_xyz(source))


def linear(of: ColourSpace) -> ColourSpace:
    """Linear light in the primaries of a colour space."""
    return ColourSpace(f"{of.name} linear", of.primaries, camera.PowerResponse(1.0))


def profile_of(of: ColourSpace) -> bytes:
    """An ICC profile (version 2) that describes a colour space."""
    colorants, white = to_xyz(of), _xyz_of(of)[:, 3]
    table = np.round(of.response.decode(np.linspace(0, 1, 2048)) * 65535).astype(">u2").tobytes()
    straight = of.response == camera.PowerResponse(1.0)
    curve = b"curv" + bytes(4) + (struct.pack(">I", 0) if straight else struct.pack(">I", 2048) + table)
    text = of.name.encode() + b"\0"
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text" + bytes(4) + b"No copyright, use freely\0",
        b"wtpt": _xyz(white),
        b"rXYZ": _xyz(colorants[:, 0]),
        b"gXYZ": _xyz(colorants[:, 1]),
        b"bXYZ": _xyz(colorants[:, 2]),
        b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }  # fmt: skip
    index, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        index += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = start + len(body)
    head = struct.pack(">I4xI4s4s4s12x4s", size, 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head = head.ljust(68, b"\0") + _xyz(D50)[8:]
    return head.ljust(128, b"\0") + index + body


def to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """An 8-bit picture converted from ``profile`` to sRGB; as it is where the profile says sRGB.

    Raises ValueError for a profile that cannot be used on it.
    """
    from PIL import ImageCms

    if picture.mode == "RGB" and (not profile or space(profile).is_srgb):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            picture, source, _srgb(), ImageCms.Intent.RELATIVE_COLORIMETRIC, "RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )  # fmt: skip
    except (ImageCms.PyCMSError, OSError) as error:
        raise ValueError(f"colour profile cannot be used ({error})") from error
    assert converted is not None
    return converted


def lab_to_srgb(picture: Image.Image) -> Image.Image:
    """A CIE Lab picture as sRGB."""
    from PIL import ImageCms

    converted = ImageCms.profileToProfile(picture, ImageCms.createProfile("LAB"), _srgb(), outputMode="RGB")
    assert converted is not None
    return converted


@functools.cache
def _srgb() -> Any:
    from PIL import ImageCms

    return ImageCms.createProfile("sRGB")


def _xyz_of(space: ColourSpace) -> Float64[np.ndarray, "3 4"]:
    """CIE XYZ, at Y = 1, of red, green, blue and white."""
    x, y = np.array(space.primaries).T
    return np.stack([x / y, np.ones(4), (1 - x - y) / y])


def to_xyz(space: ColourSpace) -> Float64[np.ndarray, "3 3"]:
    """The matrix from linear RGB to CIE XYZ adapted to D50."""
    native = _xyz_of(space)
    scale = np.linalg.solve(native[:, :3], native[:, 3])
    return _bradford(native[:, 3]) @ (native[:, :3] * scale)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    if profile[16:20] != b"RGB " or profile[36:40] != b"acsp":
        raise ValueError("no RGB profile")
    count = min(struct.unpack_from(">I", profile, 128)[0], 100)
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * n) for n in range(count))
    return {name: profile[at : at + size] for name, at, size in entries}


def _adapted(tags: dict[bytes, bytes]) -> Float64[np.ndarray, "3 3"]:
    """The matrix that took the colorants from their own white to D50."""
    if b"chad" in tags:
        return _fixed(tags[b"chad"][8:44]).reshape(3, 3)
    return _bradford(_fixed(tags[b"wtpt"][8:20]))


def _bradford(white: Float64[np.ndarray, " 3"]) -> Float64[np.ndarray, "3 3"]:
    return np.linalg.inv(BRADFORD) @ np.diag((BRADFORD @ D50) / (BRADFORD @ white)) @ BRADFORD


def _response(curve: bytes) -> camera.Response:
    """A tone curve: one of ours where it is that within a tenth of a per cent, else a table."""
    grid = np.linspace(0, 1, 1024)
    kind, count = curve[:4], struct.unpack_from(">I", curve, 8)[0]
    if kind == b"para":
        linear = _parametric(grid, curve[8] * 256 + curve[9], _fixed(curve[12:]))
    elif kind == b"curv" and count > 1:
        table = np.frombuffer(curve, ">u2", count, 12) / 65535
        linear = np.interp(grid, np.linspace(0, 1, count), table)
    elif kind == b"curv":
        linear = grid ** (struct.unpack_from(">H", curve, 12)[0] / 256 if count else 1.0)
    else:
        raise ValueError("unknown curve")
    if not (np.isfinite(linear).all() and (np.diff(linear) >= 0).all() and linear[-1] > linear[0]):
        raise ValueError("curve does not rise")
    gamma = float(np.round(np.log(linear[512]) / np.log(grid[512]), 3))
    for known in (camera.RESPONSES["srgb"], camera.PowerResponse(gamma)):
        if np.abs(known.decode(grid) - linear).max() < 1e-3:
            return known
    return camera.TableResponse(tuple(map(float, linear)))


def _parametric(x: Float64[np.ndarray, " n"], kind: int, p: Float64[np.ndarray, " k"]) -> Float64[np.ndarray, " n"]:
    """ICC.1:2022, table 68: ``(a x + b) ** g + e`` from d on, ``c x + f`` below."""
    g = p[0]
    a, b = (p[1], p[2]) if kind >= 1 else (1.0, 0.0)
    offset = p[3] if kind == 2 else p[5] if kind == 4 else 0.0
    high = np.maximum(a * x + b, 0) ** g + offset
    if kind <= 2:
        below = offset if kind == 2 else 0.0
        return np.where(x >= -b / a, high, below)
    return np.where(x >= p[4], high, p[3] * x + (p[6] if kind == 4 else 0.0))


def _fixed(data: bytes) -> Float64[np.ndarray, " n"]:
    return np.frombuffer(data[: len(data) // 4 * 4], ">i4") / 65536


def _xyz(values: Float64[np.ndarray, " 3"]) -> bytes:
    return b"XYZ " + bytes(4) + np.round(np.asarray(values) * 65536).astype(">i4").tobytes()
