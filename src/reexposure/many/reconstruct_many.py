"""Radiance maps of many photos, one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reexposure.many.in_order import in_order
from reexposure.radiance.radiance import RadianceMap
from reexposure.reconstruction.reconstruction import reconstruct

if TYPE_CHECKING:
    from reexposure.radiance.opening import Source


def reconstruct_many(
    sources: Iterable[Source],
    response: str = "sqrt",
    *,
    threads: int | None = None,
    ignore_gain_map: bool = False,
    network: str | Path | None = None,
    detail: float | None = None,
    seed: int = 0,
) -> Iterator[RadianceMap]:
    """The radiance maps of ``sources``, in their order, on so many ``threads``, by default one for each core.

    The network is loaded once, and only a few photos for each thread are in memory. What `reconstruct` raises for a
    photo is raised in its turn and ends it all: who would rather go on opens the photos one by one with `open`, and
    leaves out those that it refuses. See `reconstruct` for the rest.
    """

    def one(source: Source) -> RadianceMap:
        found = reconstruct(
            source, response, ignore_gain_map=ignore_gain_map, network=network, detail=detail, seed=seed
        )
        return found.kept()  # worked out here, where photos are worked on at a time

    return in_order(one, sources, threads or os.cpu_count() or 1)
