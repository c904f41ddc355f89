"""The radiance map of light alone, that no photo was taken of."""

from __future__ import annotations

import numpy as np

from reexposure.arrays import Float32
from reexposure.light import bands, camera, colour, icc
from reexposure.photo.metadata import Metadata
from reexposure.photo.photo import Photo
from reexposure.radiance.radiance import RadianceMap


def of_light(
    linear: Float32[np.ndarray, "h w 3"],
    space: colour.ColourSpace | None = None,
    alpha: Float32[np.ndarray, "h w"] | None = None,
) -> RadianceMap:
    """The radiance map of ``linear`` light in the primaries of ``space``, sRGB if none; ``alpha`` is in [0, 1].

    It is finite and >= 0. Its photo is what a camera that clips at 1.0 sees of it, in 16 bits.
    """
    space, top = space or colour.ColourSpace(), np.float32(65535)
    pixels = np.empty(linear.shape, np.uint16)

    def photograph(rows: slice) -> None:
        pixels[rows] = np.rint(camera.photograph(linear[rows], 0.0, space.response) * top)

    bands.over_rows(photograph, *linear.shape[:2])
    matte = None if alpha is None else np.rint(alpha * top).astype(np.uint16)
    profile = b"" if space.is_srgb else icc.profile_of(space)
    photo = Photo(pixels, matte, metadata=Metadata(profile=profile))
    return RadianceMap(linear, photo, "srgb", "file")
