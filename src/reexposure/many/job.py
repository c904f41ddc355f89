"""What is made of each of many photos, and how one of them goes that way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reexposure.errors import one_line
from reexposure.many.budget import BYTES_PER_PX, Budget
from reexposure.many.results import Item, Result, waiting
from reexposure.many.sources import Source
from reexposure.photo.limits import MAX_PX
from reexposure.photo.photo import FORMATS, Photo
from reexposure.photo.size import size_px
from reexposure.radiance import opening
from reexposure.radiance.radiance import RadianceMap


@dataclass(frozen=True)
class Job:
    """What a command makes of each photo."""

    names: Callable[[Source], Sequence[tuple[str, str]]]
    """The (stem, suffix) of each result of a photo."""
    note: Callable[[int], str]
    """What a result says of how it was made, by its number: by it the same command knows that it is done."""
    make: Callable[[Photo | RadianceMap, Mapping[int, Path]], RadianceMap]
    """Writes the results that are still to be made, by their number, and returns the light they were made of."""
    evs: Sequence[float] = ()
    """The exposure of each result, in stops, where results have one."""
    overwrite: bool = False
    max_px: int = MAX_PX
    """Photos with more pixels are refused."""
    lenient: bool = False
    """Whether what there is of a JPEG that was cut short is opened."""


def do(item: Item, job: Job, budget: Budget) -> Result:
    """Make the results of one photo. Nothing is raised: what went wrong is in the answer."""
    start = time.monotonic()
    result = Result(str(item.source.path), "failed")
    try:
        left, error = waiting(item, job.note, job.overwrite)
        if error:
            return replace(result, error=error)
        if not left:
            return replace(result, status="skipped", output=[str(target) for target in item.targets], ev=list(job.evs))
        made = _make(item.source, {number: item.targets[number] for number in left}, job, budget)
        return replace(made, seconds=_since(start))
    except Exception as error:  # whatever it is, the other photos are not to blame
        return replace(result, error=one_line(error), seconds=_since(start))


def _make(source: Source, targets: Mapping[int, Path], job: Job, budget: Budget) -> Result:
    """Open, reconstruct and write."""
    data, name = opening.read(source.path)
    with budget.share(BYTES_PER_PX * size_px(data)):
        for target in targets.values():
            target.parent.mkdir(parents=True, exist_ok=True)
        return make(data, name, targets, job)


def make(data: bytes, name: str, targets: Mapping[int, Path], job: Job) -> Result:
    """Make the results of a photo's bytes, and say what it came to. Raises what `open` and ``job.make`` raise."""
    radiance = job.make(opening.open(data, name, job.max_px, job.lenient), targets)
    brightest = radiance.brightest_ev
    return Result(
        name,
        "written",
        output=[str(target) for target in targets.values()],
        ev=[job.evs[number] for number in targets if job.evs],
        highlights=round(radiance.highlights_share, 4),
        shadows=round(radiance.shadows_share, 4),
        brightest_ev=None if brightest is None else round(brightest, 2),
        notes=[*radiance.photo.notes, *_lost(radiance.photo, targets)],
    )


def _since(start: float) -> float:
    return round(time.monotonic() - start, 3)


def _lost(photo: Photo, targets: Mapping[int, Path]) -> list[str]:
    """What is to be said where the format of results cannot hold all of the photo."""
    formats = {FORMATS.get(target.suffix.lower()) for target in targets.values()}
    return [lost for format in formats if format and (lost := photo.lost_in(format))]
