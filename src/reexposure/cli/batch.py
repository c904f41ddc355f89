"""What all commands do with many photos: plan, work, report. A photo that fails does not keep the others back."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from reexposure.cli.app import within
from reexposure.cli.cluster import on_cluster
from reexposure.cli.quiet import unprinted
from reexposure.cli.signatures import Parameter
from reexposure.errors import UsageError
from reexposure.many.sources import are_many, sources
from reexposure.progress import track

if TYPE_CHECKING:
    from reexposure.many.job import Job
    from reexposure.many.results import Result


@dataclass(frozen=True)
class Batch:
    """How several photos are worked on."""

    frames: Annotated[str | None, Parameter(help="Frames of an image sequence, FIRST-LAST. Default: all.")] = None
    threads: Annotated[int | None, Parameter(help="Photos in work at a time. Default: one for each core.")] = None
    memory: Annotated[float | None, Parameter(help="Gigabytes they share. Default: half of what there is.")] = None
    quiet: Annotated[bool, Parameter(help="Say only what failed.")] = False
    json: Annotated[bool, Parameter(help="A line of JSON for each photo on standard output.")] = False
    cluster: Annotated[
        str | None, Parameter(help="Work on a Ray cluster: local, or its address. Folders may be s3://, gs://, ...")
    ] = None


ONE_EACH_CORE = Batch()


def run(photos: Sequence[str], out: str | None, job: Job, batch: Batch) -> int:
    """Make the results of all ``photos`` and return the exit code: 1 if one failed."""
    if batch.threads is not None:
        within("--threads", batch.threads, 1, 256)
    if batch.memory is not None:
        within("--memory", batch.memory, 0.1, 100_000)
    if out is not None and (out == "-" or (os.path.lexists(out) and not os.path.isdir(out))):
        raise UsageError(f"-o {out}: several photos go into a folder")
    counts = Counter[str]()
    total, work = _here(photos, out, job, batch) if batch.cluster is None else on_cluster(photos, out, job, batch)
    streams = sys.stdout, sys.stderr
    with contextlib.closing(work) as results, contextlib.nullcontext() if batch.cluster is None else unprinted():
        for result in results if batch.quiet else track(results, total, "photos", to=streams[1]):
            counts[result.status] += 1
            _report(result, batch, *streams)
    if not batch.quiet:
        print(", ".join(f"{counts[status]} {status}" for status in ("written", "skipped", "failed")), file=sys.stderr)
    return 1 if counts["failed"] else 0


def many(photos: Sequence[str], batch: Batch) -> bool:
    """Whether these are several photos, or one for a cluster. Raises UsageError for no name."""
    return are_many(photos) or batch.cluster is not None


def _here(photos: Sequence[str], out: str | None, job: Job, batch: Batch) -> tuple[int, Generator[Result, None, None]]:
    """How many photos there are, and what becomes of each, on this machine."""
    from PIL import Image

    from reexposure.many.budget import BLOCKS, Budget, default_bytes
    from reexposure.many.in_order import in_order
    from reexposure.many.job import do
    from reexposure.many.results import plan

    # What a photo is decoded to goes where the last one was.
    Image.core.set_blocks_max(BLOCKS)  # type: ignore[attr-defined]
    items = plan(sources(photos, batch.frames), None if out is None else Path(out), job.names)
    budget = Budget(default_bytes() if batch.memory is None else int(batch.memory * 1e9))
    threads = min(batch.threads or os.cpu_count() or 1, len(items))
    return len(items), in_order(lambda item: do(item, job, budget), items, threads)


def recorded(*words: str, **settings: object) -> str:
    """The command that a result says it was made by. What changes the result is in it, and in one way only.

    >>> recorded(strip=False, ignore_gain_map=True, ev=-2.0, response="sqrt")
    'reexpose --ignore-gain-map --ev -2 --response sqrt;'
    """
    flags = [
        f"--{name.replace('_', '-')}"
        + ("" if value is True else f" {value:g}" if isinstance(value, float) else f" {value}")
        for name, value in settings.items()
        if value not in (False, None)
    ]
    return " ".join(["reexpose", *words, *flags]) + ";"  # so that none is the beginning of another


def _report(result: Result, batch: Batch, said: Any, told: Any) -> None:
    if batch.json:
        print(result.line(), file=said, flush=True)
    elif result.status == "written" and not batch.quiet:
        print(*result.output, sep="\n", file=said, flush=True)
    for note in () if batch.quiet else result.notes:
        print(f"{result.input}: {note}", file=told)
    if result.error:
        named = result.error.startswith(result.input) or any(result.error.startswith(o) for o in result.output)
        print(f"reexpose: {'' if named else f'{result.input}: '}{result.error}", file=told)
