"""The light of a radiance map as it is developed, band by band: what `light.develop` needs, brought together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from reexposure.arrays import Float32
from reexposure.light import bands, resampling, surroundings
from reexposure.light.develop import Settings, developed
from reexposure.light.gradient import Gradient, along

if TYPE_CHECKING:
    from reexposure.radiance.radiance import RadianceMap

Work = Callable[[slice, np.ndarray], None]
"""Takes a band of rows, and its light."""


def each_band(radiance: RadianceMap, settings: Settings, work: Work) -> None:
    """Call ``work`` with each band of rows, and its light as it is to be clipped and encoded."""
    height, width = radiance.linear.shape[:2]
    moves = settings.highlights != 0 or settings.shadows != 0
    full = resampling.Enlarged(radiance.surroundings, height, width, sphere=radiance.photo.panorama) if moves else None
    share = _share_of(radiance, settings.gradient)

    def develop(rows: slice) -> None:
        around = None if full is None else full.cut(rows, slice(None))
        work(rows, developed(radiance.linear[rows], around, settings, radiance.weights, share(rows)))

    bands.over_rows(develop, height, width)


def exposed(radiance: RadianceMap, settings: Settings) -> Float32[np.ndarray, "h w 3"]:
    """The light at the exposure and with the gradient of ``settings``, all of it."""
    light = np.empty(radiance.linear.shape, np.float32)
    each_band(radiance, Settings(settings.ev, gradient=settings.gradient), light.__setitem__)
    return light


def area_of(radiance: RadianceMap) -> Float32[np.ndarray, "rows columns 2"]:
    """Where highlights were reconstructed, as `surroundings.fitted` tells it from a pixel's own luminance."""
    rows, columns = radiance.reduced_ev.shape
    mask = resampling.box_means(resampling.box_means(radiance.reconstructed, rows), columns, axis=1)
    return surroundings.fitted(radiance.reduced_ev, mask, radiance.photo.panorama)


def _share_of(
    radiance: RadianceMap, gradient: Gradient | None
) -> Callable[[slice], Float32[np.ndarray, "rows w"] | None]:
    """How much of the gradient there is in some rows."""
    height, width = radiance.linear.shape[:2]
    if gradient is None:
        return lambda rows: None
    if gradient.where == "line":
        return lambda rows: along(gradient, height, width, rows)
    area = resampling.Enlarged(area_of(radiance), height, width, sphere=radiance.photo.panorama)

    def within(rows: slice) -> Float32[np.ndarray, "rows w"]:
        slope, offset = np.moveaxis(area.cut(rows, slice(None)), -1, 0)
        own = surroundings.luminance_ev(radiance.linear[rows], radiance.weights)
        return (slope * own + offset).clip(0, 1)

    return within
