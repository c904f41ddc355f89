"""Where results go."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reexposure.errors import UsageError


def exposure_target(photo: str, out: str | None, ev: float, several: bool, format: str) -> Path:
    """Where an exposure is written: ``out`` itself, named after the photo in it, or beside the photo."""
    from reexposure.photo.photo import FORMATS

    source = Path("photo" if photo == "-" else photo)
    own = f".{format.lower()}"
    suffix = source.suffix if source.suffix.lower() in FORMATS else own if own in FORMATS else ".jpg"
    name = f"{source.stem}_ev{ev:+g}{suffix}"
    if out is None:
        return source.with_name(name)
    target = Path(out)
    if target.is_dir() or not target.suffix:
        target.mkdir(exist_ok=True)
        return target / name
    return target.with_name(f"{target.stem}_ev{ev:+g}{target.suffix}") if several else target


def named_target(photo: str, out: str | None, ending: str, suffixes: Iterable[str]) -> Path:
    """Where to write: ``out``; or, named after the photo with ``ending``, in that folder or beside the photo."""
    if photo == "-" and out is None:
        raise UsageError("standard input has no name; say where to write with -o")
    if out == "-":
        raise UsageError("-o -: figures and films do not go to standard output; name a file")
    source = Path("photo" if photo == "-" else photo)
    target = source.with_name(source.stem + ending)
    if out is not None:
        target = Path(out) / target.name if Path(out).is_dir() or not Path(out).suffix else Path(out)
    if target.suffix.lower() not in suffixes:
        raise UsageError(f"{target}: unknown format; write one of {', '.join(suffixes)}")
    if target.resolve() == source.resolve():
        raise UsageError(f"{target}: is the photo itself; say another name with -o")
    return target


def make_folder(target: Path, out: str | None) -> None:
    """Make the folder that ``out`` is, if ``target`` lies in it; last, so that errors leave nothing."""
    if out is not None and target.parent == Path(out):
        target.parent.mkdir(exist_ok=True)
