"""The same radiance map by another curve, without asking the network again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reexposure.light import bands, camera
from reexposure.radiance.radiance import RadianceMap, curve_of


def redecoded(radiance: RadianceMap, response: str) -> RadianceMap:
    """``radiance`` as if its photo had been decoded by the curve named ``response`` before it was reconstructed.

    The network's gains count from the clip level and its shadows are encoded, so neither depends on
    the curve: what a photo's light was multiplied and moved by is still in it. Light that a file
    holds is no photo's, and returned as it is.
    """
    if radiance.origin != "network" or radiance.response == response:
        return radiance
    photo, old, new = radiance.photo, radiance.curve, curve_of(radiance.photo, response)
    if new == old:  # the photo's own
        return replace(radiance, response=response)
    linear = np.empty_like(radiance.linear)

    def decode(rows: slice) -> None:
        encoded = photo.pixels[rows] / np.float32(photo.levels)
        known, over = radiance.linear[rows], camera.over_exposure(encoded)
        own = new.decode(encoded)
        # `blend.over_exposed_light` kept this share of the photo's own value.
        bright = known * (own / old.decode(np.maximum(encoded, np.float32(camera.OVER_FROM)))) ** (1 - over)
        dark = new.decode(old.encode(known.clip(0, 1)))
        linear[rows] = np.where(over > 0, bright, np.where(camera.under_exposure(encoded) > 0, dark, own))

    bands.over_rows(decode, *linear.shape[:2])
    return replace(radiance, light=linear, response=response)
