"""Many photos on a Ray cluster: started or joined, given its work, and left."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reexposure.cli.extras import needs
from reexposure.errors import PhotoError, UsageError, one_line

if TYPE_CHECKING:
    from reexposure.cli.batch import Batch
    from reexposure.many.job import Job
    from reexposure.many.results import Item, Result

LOCAL = "local"
STORE_BYTES = 200_000_000
"""What photos on their way through a cluster of this machine share, at least."""

CONNECT_S = 10.0
"""How long an address is waited for."""


def on_cluster(
    photos: Sequence[str], out: str | None, job: Job, batch: Batch
) -> tuple[int | None, Generator[Result, None, None]]:
    """How many photos there are, if that is known, and what becomes of each, on ``batch.cluster``.

    Raises UsageError, PhotoError or OSError for what cannot be done at all, before any work.
    """
    if out is None:
        raise UsageError("--cluster: say where to write with -o")
    if batch.cluster != LOCAL and (batch.threads is not None or batch.memory is not None):
        raise UsageError("--threads and --memory go with this machine; a cluster has its own")
    with needs("--cluster", "cluster"):
        import pyarrow.fs  # noqa: F401
        import ray.data  # noqa: F401
    from reexposure.many import cluster
    from reexposure.many.places import place, within
    from reexposure.many.results import plan
    from reexposure.many.sources import sources

    source, items = "/", list["Item"]()
    target = place(out)
    if len(photos) == 1 and ("://" in photos[0] or os.path.isdir(photos[0])):
        source = photos[0]
        if within(target, place(source)):
            raise UsageError(f"-o {out}: is in the folder of the photos; say another one")
    elif far := next((name for name in photos if "://" in name), None):
        raise UsageError(f"{far}: of an address there can be only one, a folder")
    else:
        items = plan(sources(map(os.path.abspath, photos), batch.frames), Path(target.root), job.names)
    work = cluster.Work(job, source, out)
    _start(batch)
    return len(items) or None, _work(work, items)


def _work(work: Any, items: list[Item]) -> Generator[Result, None, None]:
    """The results as they come; each is in the table, too."""
    import ray

    from reexposure.many import cluster
    from reexposure.many.places import place
    from reexposure.many.table import ResultsTable

    table, count = ResultsTable(place(work.target)), 0
    try:
        for result in cluster.stream(work, items or None):
            count += 1
            table.add(result)
            yield result
    except ray.exceptions.RayError as error:
        raise RuntimeError(f"the cluster failed: {str(error).strip().splitlines()[-1].strip()}") from error
    finally:
        try:
            table.close()
        finally:
            ray.shutdown()
    if not count:
        raise PhotoError(f"{work.source}: no photos in this folder")


def _start(batch: Batch) -> None:
    """A cluster on this machine, or the one at the address. Raises OSError naming one that is not there."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would report to its maker
    import logging
    import socket

    import ray

    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    quiet: dict[str, Any] = {"configure_logging": False, "log_to_driver": False}
    if batch.cluster == LOCAL:
        memory = None if batch.memory is None else int(batch.memory * 1e9)
        ray.init(
            "local", num_cpus=batch.threads, include_dashboard=False,
            object_store_memory=None if memory is None else max(STORE_BYTES, memory // 3), **quiet,
        )  # fmt: skip
        return
    address = batch.cluster or ""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        if port.isdigit():
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
        ray.init(address, **quiet)
    except Exception as error:  # of many kinds
        reason = (error.strerror if isinstance(error, OSError) else None) or one_line(error)
        raise OSError(f"--cluster {address}: cannot be reached ({reason.lower()})") from error
