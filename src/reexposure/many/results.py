"""Where each of many results goes, whether it is there already, and what is told of it."""

from __future__ import annotations

import json
import mmap
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from reexposure.errors import UsageError
from reexposure.many.sources import Source


@dataclass(frozen=True)
class Item:
    """A photo of many and the files that are made of it."""

    source: Source
    targets: tuple[Path, ...]


@dataclass(frozen=True)
class Result:
    """What became of one photo: the fields of a line of ``--json``, and of a row of a cluster's table."""

    input: str
    status: str
    """``written``, ``skipped`` (there already, by the same settings) or ``failed``."""
    output: list[str] = field(default_factory=list)
    ev: list[float] = field(default_factory=list)
    """Exposures of the outputs, in stops; none for radiance maps and films."""
    highlights: float = 0.0
    """The share of pixels whose highlights were reconstructed."""
    shadows: float = 0.0
    """The share of pixels whose shadows were cleaned."""
    brightest_ev: float | None = None
    """The brightest light, in stops over the level at which the photo clipped; None for black."""
    seconds: float = 0.0
    error: str = ""
    notes: list[str] = field(default_factory=list)
    """What a user should read of how the file was read."""

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


def plan(found: Sequence[Source], out: Path | None, names: Callable[[Source], Sequence[tuple[str, str]]]) -> list[Item]:
    """Where the results of each source go: into ``out``, in the folders they were in, or beside the photos.

    ``names`` gives the (stem, suffix) of each result of a source. Where results of several photos would share a name
    (``x.jpg`` beside ``x.png``), all of them get their photo's suffix into it. Raises UsageError where that is not
    enough, or where a result would be one of the photos.
    """

    def targets(source: Source, told_apart: bool) -> tuple[Path, ...]:
        folder = source.path.parent if out is None else out / source.folder
        kind = source.path.suffix.lstrip(".").lower()
        return tuple(
            folder / f"{stem}{f'_{kind}' if told_apart and kind else ''}{suffix}" for stem, suffix in names(source)
        )

    first = [Item(source, targets(source, False)) for source in found]
    counts = Counter(key for item in first for key in set(map(_key, item.targets)))
    items = [
        Item(item.source, targets(item.source, True)) if any(counts[_key(t)] > 1 for t in item.targets) else item
        for item in first
    ]
    _check(items)
    return items


def _key(path: Path) -> str:
    return os.path.abspath(path).casefold()  # as on drives that do not tell A from a


def _check(items: Sequence[Item]) -> None:
    taken = dict[str, Path]()
    photos = {os.path.realpath(item.source.path) for item in items}
    for item in items:
        for target in item.targets:
            other = taken.setdefault(_key(target), item.source.path)
            if other is not item.source.path or len(set(map(_key, item.targets))) < len(item.targets):
                raise UsageError(f"{target}: would be made of {other} and of {item.source.path}")
            if os.path.realpath(target) in photos:
                raise UsageError(f"{target}: is one of the photos; say another folder with -o")


def waiting(item: Item, note: Callable[[int], str], overwrite: bool) -> tuple[list[int], str]:
    """Which targets of ``item`` are still to be made, by number, and an error if one is in the way.

    A target that records ``note`` of its number and is not older than its photo is there already. Any other file is in
    the way, unless it is to be overwritten.
    """
    left = []
    for number, target in enumerate(item.targets):
        if not os.path.lexists(target):
            left.append(number)
        elif not _is_made(target, item.source.path, note(number)):
            if not overwrite:
                return [], f"{target}: exists; --overwrite replaces it"
            left.append(number)
    return left, ""


def _is_made(target: Path, source: Path, note: str) -> bool:
    try:
        if os.stat(target).st_mtime_ns < os.stat(source).st_mtime_ns:
            return False
        with target.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(note.encode()) >= 0
    except (OSError, ValueError):  # an empty file cannot be mapped
        return False
