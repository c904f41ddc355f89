"""The colour spaces that radiance files are asked for in."""

from __future__ import annotations

from typing import Literal

import numpy as np

from reexposure.arrays import Float32, Shaped
from reexposure.light import bands, colour
from reexposure.light.colour import ColourSpace
from reexposure.radiance.pieces import Pieces

Space = Literal["photo", "rec709", "rec2020", "p3", "acescg"]
SPACES = {"rec709": "sRGB", "rec2020": "Rec. 2020", "p3": "Display P3", "acescg": "ACEScg"}
"""What other programs call the primaries of the spaces that are known here; ``photo`` is the photo's own."""
HALF_MOST = 65504.0
"""The largest number that a half float holds; of more it makes infinity."""
ROUNDING = 1e-5
"""What is no more than this below zero, of the brightest value, is a colour at the edge of the space."""


def space_of(wanted: str, photo: ColourSpace) -> ColourSpace:
    """The space that ``wanted`` names, ``photo`` being the photo's own. Raises ValueError for a name that is none.

    >>> space_of("acescg", ColourSpace()).name
    'ACEScg'
    """
    if wanted == "photo":
        return photo
    if wanted not in SPACES:
        raise ValueError(f"{wanted}: unknown space; there are photo, {', '.join(SPACES)}")
    return colour.named(colour.KNOWN[SPACES[wanted]])


def converted(
    linear: Float32[np.ndarray, "h w 3"], source: ColourSpace, target: ColourSpace
) -> Float32[np.ndarray, "h w 3"]:
    """Light in the primaries of another space; white stays white (Bradford).

    Colours that lie outside the target have values below zero. Between equal primaries it is the same array.
    """
    if source.primaries == target.primaries:
        return linear
    matrix = colour.conversion(source, target).T.astype(np.float32)
    result = np.empty_like(linear)

    def convert(rows: slice) -> None:
        np.matmul(linear[rows], matrix, out=result[rows])

    bands.over_rows(convert, *linear.shape[:2])
    return result


def stored(
    light: Float32[np.ndarray, "h w 3"] | Pieces, source: ColourSpace, target: ColourSpace, half: bool
) -> Shaped[np.ndarray, "h w 3"]:
    """All the light in the primaries of ``target``; if ``half`` floats are to be written, in those where it can be."""
    if isinstance(light, Pieces):
        if half and source.primaries == target.primaries:
            return light.mapped(lambda linear: linear.clip(None, HALF_MOST), np.dtype(np.float16))
        light = light.whole
    return converted(light, source, target)


def notes(linear: Shaped[np.ndarray, "h w 3"], wanted: str, space: ColourSpace, suffix: str) -> tuple[str, ...]:
    """What is to be known of a file of this light, which is in ``space`` because it was ``wanted``; a line each."""
    told = []
    if wanted == "photo" and space.primaries != colour.KNOWN["sRGB"]:
        told.append(f"{space.name} primaries; --space rec709 is for programs that look past them, as Blender does")
    if suffix == ".hdr" and (share := _outside(linear)):
        told.append(f"colours outside {space.name} are clipped in .hdr (in {share:.1%} of the pixels); .exr keeps them")
    return tuple(told)


def _outside(linear: Shaped[np.ndarray, "h w 3"]) -> float:
    """The share of pixels whose colour lies outside the space they are in."""
    low = -ROUNDING * float(linear.max(initial=0))
    return float((linear.min(-1) < low).mean())
