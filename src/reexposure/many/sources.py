"""What was named: files, folders, patterns, lists and image sequences, as the photos they stand for."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reexposure.errors import PhotoError, UsageError

SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".avif", ".jxl", ".heic", ".heif", ".hif",
    ".bmp", ".gif", ".ppm", ".pgm", ".pnm", ".exr", ".hdr",
})  # fmt: skip
"""What a folder is searched for; a file that is named itself may be called anything."""

SYSTEM = frozenset({"__macosx", "@eadir", "$recycle.bin", "system volume information", "lost+found"})
"""Folders that systems make for themselves. What begins with a dot is hidden, and passed over, too."""

FRAME = re.compile(r"#+|%0?(\d*)d")


@dataclass(frozen=True)
class Source:
    """A photo of many: where it is, and where its result lies in the folder of results."""

    path: Path
    folder: Path = Path()
    """Below the folder of results: that of the photo below the folder that was named."""
    frame: str = ""
    """The number of a sequence's frame as its name has it, ``0017``."""

    @property
    def stem(self) -> str:
        """What results are named after: the name without suffix, and without the frame's number."""
        stem = self.path.stem
        if not self.frame:
            return stem
        at = stem.rindex(self.frame)
        return (stem[:at].rstrip("._-") + stem[at + len(self.frame) :]) or "frame"

    def numbered(self, suffix: str) -> str:
        """``suffix`` after the frame's number, if this is a frame: what other programs know a sequence by."""
        return f".{self.frame}{suffix}" if self.frame else suffix


def sources(names: Iterable[str], frames: str | None = None) -> list[Source]:
    """The photos that ``names`` stand for, each once, in the order in which they were named.

    A folder stands for the photos in it and in its folders, in the order of their names; ``@list.txt`` for the names in
    its lines; ``plate.####.jpg`` and ``plate.%04d.jpg`` for an image sequence, of which ``frames``, ``first-last``, are
    taken, or all there are; a name with ``*``, ``?`` or ``[`` that no file has for the files it fits. Files that are
    missing are listed all the same: whoever opens them says so. Raises PhotoError for a folder, pattern or sequence
    without photos and for a list that cannot be read, UsageError for ``frames`` that are none.
    """
    found = dict[str, Source]()
    for name in names:
        for source in _named(name, frames):
            found.setdefault(os.path.abspath(source.path), source)
    return list(found.values())


def are_many(names: Sequence[str]) -> bool:
    """Whether ``names`` may stand for more than one photo. Raises UsageError for no name."""
    if not names:
        raise UsageError("name a photo, or a folder of photos")
    if len(names) > 1 or os.path.isdir(names[0]):
        return True
    one = names[0]
    return not os.path.lexists(one) and (one.startswith("@") or bool(FRAME.search(one)) or glob.has_magic(one))


def _named(name: str, frames: str | None) -> Iterator[Source]:
    if name == "-":
        raise UsageError("standard input is one photo; name files or folders beside it")
    if os.path.isdir(name):
        yield from _in_folder(Path(name))
    elif os.path.lexists(name):
        yield Source(Path(name))
    elif name.startswith("@"):
        for line in _lines(Path(name[1:])):
            yield from _named(line, frames)
    elif FRAME.search(os.path.basename(name)):
        yield from _sequence(name, frames)
    elif glob.has_magic(name):
        fitting = sorted(glob.glob(name, recursive=True))
        if not fitting:
            raise PhotoError(f"{name}: no file has such a name")
        for one in fitting:
            yield from _in_folder(Path(one)) if os.path.isdir(one) else [Source(Path(one))]
    else:
        yield Source(Path(name))


def _in_folder(folder: Path) -> Iterator[Source]:
    count = 0
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not is_hidden(f))
        for file in sorted(files):
            if not is_hidden(file) and os.path.splitext(file)[1].lower() in SUFFIXES:
                count += 1
                path = Path(place, file)
                yield Source(path, path.parent.relative_to(folder))
    if not count:
        raise PhotoError(f"{folder}: no photos in this folder")


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is passed over."""
    return name.startswith(".") or name.lower() in SYSTEM


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no list of names in UTF-8"
        raise PhotoError(f"{path}: {reason.lower()}") from error
    lines = [line.strip() for line in text.splitlines()]
    names = [line for line in lines if line and not line.startswith(("#", "@"))]
    if not names:
        raise PhotoError(f"{path}: no names in this list")
    return names


def _sequence(pattern: str, frames: str | None) -> Iterator[Source]:
    """The frames of ``plate.####.jpg``: all there are, or those from ``first`` to ``last``, there or not."""
    folder, name = os.path.split(pattern)
    place = next(iter(FRAME.finditer(name)))
    digits = len(place[0]) if place[0].startswith("#") else int(place[1] or 1)
    before, after = name[: place.start()], name[place.end() :]
    if frames is not None:
        first, last = _range(frames)
        numbers = [f"{number:0{digits}d}" for number in range(first, last + 1)]
    else:
        fitting = re.compile(re.escape(before) + rf"(\d{{{digits},}})" + re.escape(after))
        there = (fitting.fullmatch(file) for file in os.listdir(folder or ".")) if os.path.isdir(folder or ".") else ()
        numbers = sorted((match[1] for match in there if match and _width_fits(match[1], digits)), key=int)
    if not numbers:
        raise PhotoError(f"{pattern}: no frames of such a sequence")
    for number in numbers:
        yield Source(Path(folder, before + number + after), frame=number)


def _width_fits(number: str, digits: int) -> bool:
    return len(number) == digits or not number.startswith("0")  # 10000 comes after 9999


def _range(frames: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,9})(?:[-:](\d{1,9}))?", frames.strip())
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        raise UsageError(f"--frames {frames}: no range of frames; write 1-100")
    first = int(match[1])
    last = int(match[2] or first)
    if last - first >= 1_000_000:
        raise UsageError(f"--frames {frames}: more than a million frames")
    return first, last
