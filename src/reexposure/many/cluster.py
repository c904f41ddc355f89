"""Many photos on a Ray cluster: read -> actors that hold the network -> write, as one stream.

Rows of Ray's tables are an ``item``, JSON of what is known of a photo, and ``data``: the bytes of the photo, or of what
was made of it. A machine that dies takes rows with it, and Ray has them made again elsewhere: every step may happen
twice, and comes to the same.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from reexposure.errors import UsageError, one_line
from reexposure.files import scratch_folder
from reexposure.light import bands
from reexposure.many import job as jobs
from reexposure.many.isolated import Isolated
from reexposure.many.job import Job
from reexposure.many.places import Place, place
from reexposure.many.results import Item, Result, plan
from reexposure.many.sources import Source
from reexposure.reconstruction import network

STREAMS_A_CORE = 2
"""Photos that are read, and that are written, at a time."""

Row = tuple[dict[str, Any], list[bytes]]


@dataclass(frozen=True)
class Work:
    """What a cluster is to do: what of each photo, and from where to where."""

    job: Job
    source: str
    """The path or address of the folder of photos; of photos that are named one by one, none."""
    target: str
    """The path or address of the folder of results."""


def stream(work: Work, items: Iterable[Item] | None) -> Iterator[Result]:
    """The result of each photo of ``items``, or of the whole source, as they come. Ray is running already.

    Raises PhotoError if the source is no folder, and what Ray raises where the cluster itself fails.
    """
    import ray

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = 1  # each photo travels by itself, and is made again by itself
    cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
    rows: dict[str, Any] = {"batch_format": "pyarrow", "batch_size": None}
    # Who reads and writes waits most of the time: it takes no core from those who work.
    waits = rows | {"num_cpus": 0, "compute": ray.data.TaskPoolStrategy(size=STREAMS_A_CORE * cores)}
    if items is None:
        units = [{"folder": folder, "below": below} for folder, below in place(work.source).units()]
        found = ray.data.from_items(units, override_num_blocks=len(units)).map_batches(_Lister(work), **waits)
    else:
        found = ray.data.from_arrow([_table([_row(work, item)]) for item in items])
    pool = ray.data.ActorPoolStrategy(min_size=1, max_size=cores, initial_size=cores)
    device = _device()
    given = (ray.cloudpickle.dumps(work.job), "num_gpus" in device)
    done = (
        found.map_batches(_ByRow(_Reader(work)), **waits)
        .map_batches(_Actor, fn_constructor_args=given, compute=pool, **rows, **device)
        .map_batches(_ByRow(_Writer(work)), **waits)
    )
    for row in done.iter_rows():
        yield Result(**json.loads(row["item"])["result"])


def _device() -> dict[str, Any]:
    """What an actor holds: a GPU where the cluster has any and ONNX Runtime can use one, or else a core."""
    import ray

    return {"num_gpus": 1} if ray.cluster_resources().get("GPU") and network.runs_on_gpu() else {"num_cpus": 1}


def _row(work: Work, item: Item) -> Row:
    path = item.source.path.as_posix()
    targets = [target.as_posix() for target in item.targets]
    result = Result(place(work.source).named(path), "", ev=list(work.job.evs))
    return {"input": path, "targets": targets, "result": asdict(result)}, []


def _table(rows: Iterable[Row]) -> Any:
    import pyarrow

    schema = pyarrow.schema([("item", pyarrow.string()), ("data", pyarrow.list_(pyarrow.large_binary()))])
    return pyarrow.Table.from_pylist([{"item": json.dumps(item), "data": data} for item, data in rows], schema)


@dataclass(frozen=True)
class _Lister:
    """Folders to the photos in them, each with the names of its results."""

    work: Work

    def __call__(self, table: Any) -> Iterator[Any]:
        for unit in table.to_pylist():
            yield _table(self._photos(unit["folder"], unit["below"]))

    def _photos(self, folder: str, below: bool) -> Iterator[Row]:
        source, target = place(self.work.source), Path(place(self.work.target).root)
        try:
            found = source.photos((folder, below))
        except OSError as error:
            yield {"result": asdict(Result(folder, "failed", error=one_line(error)))}, []
            return
        for _, names in groupby(sorted(found, key=_in_its_folder), source.folder_of):
            photos = [Source(Path(name), Path(source.folder_of(name))) for name in names]
            try:
                yield from (_row(self.work, item) for item in plan(photos, target, self.work.job.names))
            except UsageError as error:  # names that cannot be told apart
                for photo in photos:
                    yield {"result": asdict(Result(photo.path.as_posix(), "failed", error=one_line(error)))}, []


def _in_its_folder(name: str) -> tuple[str, str]:
    path = PurePosixPath(name)
    return str(path.parent), path.name


@dataclass(frozen=True)
class _ByRow:
    """A step from row to row, as one from table to tables. What is done or has failed passes by."""

    step: Callable[[dict[str, Any], list[bytes]], Row]

    def __call__(self, table: Any) -> Iterator[Any]:
        for row in table.to_pylist():
            item = json.loads(row["item"])
            yield _table([(item, []) if item["result"]["status"] else self._tried(item, row["data"])])

    def _tried(self, item: dict[str, Any], data: list[bytes]) -> Row:
        try:
            return self.step(item, data)
        except Exception as error:  # whatever it is, the other photos are not to blame
            return item | {"result": item["result"] | {"status": "failed", "error": one_line(error)}}, []


@dataclass(frozen=True)
class _Reader:
    """Reads the photos of which results are still to be made: the rule of `results.waiting`, anywhere."""

    work: Work

    def __call__(self, item: dict[str, Any], data: list[bytes]) -> Row:
        source, target = place(self.work.source), place(self.work.target)
        changed = source.changed_ns(item["input"])
        if changed is None:
            raise FileNotFoundError("no such file or directory")
        left = []
        for number, path in enumerate(item["targets"]):
            made = target.changed_ns(path)
            if made is None or not (made >= changed and _is_ours(target, path, self.work.job, number)):
                if made is not None and not self.work.job.overwrite:
                    raise FileExistsError(f"{path}: exists; --overwrite replaces it")
                left.append(number)
        if not left:
            there = [target.named(path) for path in item["targets"]]
            return item | {"result": item["result"] | {"status": "skipped", "output": there}}, []
        return item | {"left": left}, [source.read(item["input"])]


def _is_ours(target: Place, path: str, job: Job, number: int) -> bool:
    return target.says(path, job.note(number).encode())


class _Actor:
    """Holds a process that holds the network, and gives it photo after photo."""

    def __init__(self, job: bytes, on_gpu: bool) -> None:
        if on_gpu:
            os.environ[network.DEVICE] = "cuda"  # as the process inherits it
        self.make = Isolated(_begin, job)
        self.rows = _ByRow(self._made)

    def __call__(self, table: Any) -> Iterator[Any]:
        return self.rows(table)

    def _made(self, item: dict[str, Any], data: list[bytes]) -> Row:
        suffixes = {number: PurePosixPath(item["targets"][number]).suffix for number in item["left"]}
        result, files = self.make(data[0], item["result"]["input"], suffixes)
        if result.error:
            raise RuntimeError(result.error)
        return item | {"made": asdict(result)}, files


def _begin(job: bytes) -> Callable[[bytes, str, dict[int, str]], tuple[Result, list[bytes]]]:
    """In the process of its own: what makes the files of a photo, each with its number and suffix."""
    from ray import cloudpickle

    todo: Job = cloudpickle.loads(job)

    def work(photo: bytes, name: str, suffixes: dict[int, str]) -> tuple[Result, list[bytes]]:
        start = time.monotonic()
        try:
            with scratch_folder() as folder, bands.threads(1):
                paths = {number: folder / f"{number}{suffix}" for number, suffix in suffixes.items()}
                result = jobs.make(photo, name, paths, todo)
                files = [path.read_bytes() for path in paths.values()]
            return replace(result, seconds=round(time.monotonic() - start, 3)), files
        except Exception as error:
            return Result(name, "failed", error=one_line(error)), []

    return work


@dataclass(frozen=True)
class _Writer:
    """Writes what was made, where it is not there by now: a row that comes twice is written once."""

    work: Work

    def __call__(self, item: dict[str, Any], data: list[bytes]) -> Row:
        target = place(self.work.target)
        written = []
        for number, content in zip(item["left"], data, strict=True):
            path = item["targets"][number]
            written.append(target.named(path))
            if target.changed_ns(path) is not None and not self.work.job.overwrite:
                if _is_ours(target, path, self.work.job, number):
                    continue
                raise FileExistsError(f"{path}: exists; --overwrite replaces it")
            target.write(path, content)
        return item | {"result": item["made"] | {"output": written}}, []
