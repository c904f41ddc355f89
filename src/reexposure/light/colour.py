"""Colour spaces: primaries, and the curve from encoded to linear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reexposure.arrays import Float64
from reexposure.light import camera, transfer
from reexposure.light.numbers import NUMBERS

D50, BRADFORD = np.array(NUMBERS["d50"]), np.array(NUMBERS["bradford"])
D65_XY = (0.3127, 0.3290)
KNOWN = {name: tuple((x, y) for x, y in primaries) for name, primaries in NUMBERS["spaces"].items()}
"""CIE xy of red, green, blue and white of colour spaces with a name."""
PRIMARIES = {
    1: KNOWN["sRGB"],
    5: ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), D65_XY),
    6: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), D65_XY),
    7: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), D65_XY),
    9: KNOWN["Rec. 2020"],
    11: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.314, 0.351)),
    12: KNOWN["Display P3"],
}
"""Primaries by their code (ITU-T H.273, table 2)."""
UNSPECIFIED = 2

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

    @property
    def is_light(self) -> bool:
        """Whether values are light in cd/m2 (PQ, HLG), which goes far beyond a photo's white."""
        return transfer.is_light(self.response)


ADOBE_RGB = ColourSpace("Adobe RGB", KNOWN["Adobe RGB"], camera.PowerResponse(563 / 256))


def named(primaries: Chromaticities, response: camera.Response = camera.RESPONSES["srgb"]) -> ColourSpace:
    """The colour space of these primaries, by its name if it is a known one; of sRGB's if they cannot be (`sound`)."""
    if not sound(primaries):
        return ColourSpace(response=response)
    for name, known in KNOWN.items():
        if np.abs(np.subtract(primaries, known)).max() < 0.003:
            return ColourSpace(name, known, response)
    return ColourSpace("RGB", primaries, response)


def of_codes(primaries: int, curve: int) -> ColourSpace | None:
    """The colour space that code points name (ITU-T H.273; PNG's cICP, AVIF's and HEIC's nclx).

    What one of them leaves unspecified is sRGB's; None where both do, or where one is not known here.

    >>> of_codes(12, 13).name, of_codes(2, 2)
    ('Display P3', None)
    """
    if (primaries, curve) == (UNSPECIFIED, UNSPECIFIED):
        return None
    known = {**PRIMARIES, UNSPECIFIED: KNOWN["sRGB"]}.get(primaries)
    response = {**transfer.TRANSFERS, UNSPECIFIED: camera.RESPONSES["srgb"]}.get(curve)
    if known is None or response is None:
        return None
    space = named(known, response)
    if curve != transfer.HLG:
        return space
    red, green, blue = luminances(space)
    return named(known, transfer.HlgResponse((red, green, blue)))


def sound(primaries: Chromaticities) -> bool:
    """Whether primaries are numbers that can be: three corners of a triangle, with white inside it."""
    xy = np.array(primaries, np.float64)
    if xy.shape != (4, 2) or not (np.isfinite(xy).all() and np.abs(xy).max() < 2 and np.abs(xy[:, 1]).min() > 1e-5):
        return False
    x, y = xy.T
    points = np.stack([x, y, 1 - x - y])  # not scaled to Y = 1: the blue of ACES has less than none
    if np.linalg.cond(points[:, :3]) > 1e4:
        return False
    amounts = np.linalg.solve(points[:, :3], points[:, 3] / y[3])
    return bool(amounts.min() > 1e-3 and np.linalg.cond(points[:, :3] * amounts) < 1e3)


def conversion(source: ColourSpace, target: ColourSpace) -> Float64[np.ndarray, "3 3"]:
    """The matrix from linear light in one colour space to another; white stays white."""
    return np.linalg.solve(to_xyz(target), to_xyz(source))


def linear(of: ColourSpace) -> ColourSpace:
    """Linear light in the primaries of a colour space."""
    return ColourSpace(f"{of.name} linear", of.primaries, camera.PowerResponse(1.0))


def to_xyz(space: ColourSpace) -> Float64[np.ndarray, "3 3"]:
    """The matrix from linear RGB to CIE XYZ adapted to D50."""
    native = _xyz_of(np.array(space.primaries))
    scale = np.linalg.solve(native[:, :3], native[:, 3])
    return bradford(native[:, 3]) @ (native[:, :3] * scale)


def white(space: ColourSpace) -> Float64[np.ndarray, " 3"]:
    """CIE XYZ of a colour space's white, at Y = 1."""
    return _xyz_of(np.array(space.primaries))[:, 3]


def luminances(space: ColourSpace) -> tuple[float, float, float]:
    """How much red, green and blue add to the luminance of white.

    >>> [round(share, 4) for share in luminances(ColourSpace())]
    [0.2126, 0.7152, 0.0722]
    """
    native = _xyz_of(np.array(space.primaries))
    red, green, blue = np.linalg.solve(native[:, :3], native[:, 3]).tolist()
    return red, green, blue


def bradford(white: Float64[np.ndarray, " 3"]) -> Float64[np.ndarray, "3 3"]:
    """The matrix that adapts CIE XYZ under ``white`` to D50."""
    return np.linalg.inv(BRADFORD) @ np.diag((BRADFORD @ D50) / (BRADFORD @ white)) @ BRADFORD


def _xyz_of(primaries: Float64[np.ndarray, "4 2"]) -> Float64[np.ndarray, "3 4"]:
    """CIE XYZ, at Y = 1, of red, green, blue and white."""
    x, y = primaries.T
    return np.stack([x / y, np.ones(4), (1 - x - y) / y])
