"""Photos whose values are light in cd/m2, as television has it (PQ, HLG) -> radiance maps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reexposure.light import bands, colour
from reexposure.photo import colours
from reexposure.photo.photo import Photo
from reexposure.radiance.of_light import of_light
from reexposure.radiance.radiance import RadianceMap

GAIN_MAP = "brings a gain map for other displays; the picture itself holds all light"


def lit(photo: Photo) -> RadianceMap | None:
    """The light of a photo in PQ or HLG, 1.0 being 203 cd/m2, in its own primaries; None for any other photo.

    Its photo is what a camera that clips at 1.0 sees of it, in 16 bits, and says what the file says.
    """
    space = photo.colour_space
    if not space.is_light:
        return None
    linear = np.empty(photo.pixels.shape, np.float32)

    def decode(rows: slice) -> None:
        linear[rows] = space.response.decode(photo.pixels[rows] / np.float32(photo.levels))

    bands.over_rows(decode, *photo.pixels.shape[:2])
    # Grey is grey in any primaries.
    shown = colour.ColourSpace() if photo.grey else colour.named(space.primaries)
    alpha = None if photo.alpha is None else photo.alpha / np.float32(photo.levels)
    found = of_light(linear, shown, alpha)
    metadata = colours.naming(shown, photo.metadata, photo.grey)
    notes = photo.notes + ((GAIN_MAP,) if photo.gain_map else ())
    shown_photo = replace(found.photo, format=photo.format, metadata=metadata, grey=photo.grey, notes=notes)
    return replace(found, photo=shown_photo)
