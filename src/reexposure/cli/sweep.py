"""The command sweep: a film through the exposures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from reexposure.cli.app import READING, Out, Overwrite, Reading, Response, app, within
from reexposure.cli.batch import ONE_EACH_CORE, Batch, many, recorded, run
from reexposure.cli.extras import needs
from reexposure.cli.signatures import Parameter
from reexposure.cli.sources import Source
from reexposure.cli.targets import Target, check, check_suffix, target
from reexposure.errors import UsageError

if TYPE_CHECKING:
    from reexposure.many.job import Job
    from reexposure.photo.photo import Photo
    from reexposure.radiance.radiance import RadianceMap


@app.command
def sweep(
    *photo: str,
    out: Out = None,
    first: Annotated[float | None, Parameter("--from")] = None,
    last: Annotated[float | None, Parameter("--to")] = None,
    seconds: float = 8.0,
    fps: float | None = None,
    size: int | None = None,
    response: Response = "sqrt",
    reading: Reading = READING,
    overwrite: Overwrite = False,
    format: Literal["mp4", "webm"] = "mp4",
    batch: Batch = ONE_EACH_CORE,
) -> int:
    """Write a film whose exposure glides through the stops and back again; it loops.

    It starts at the photo's own exposure, 0 EV, where that lies between --from and --to, else at --from.
    Films too small for it show no exposure scale.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP, TIFF, AVIF, JPEG XL or HEIC file, or a radiance map; `-` reads standard input. Folders,
        image sequences and lists, as for `reexpose`.
    out
        An .mp4, .webm, .webp or .gif file, or a folder (a slash at its end, or no suffix; made if missing).
        Default: beside the photo, as NAME_sweep.mp4.
    first
        The exposure it goes to first, in stops. Default: where the highlights come back.
    last
        The exposure it goes to then. Default: where the shadows open.
    seconds
        How long it is, 0.2 to 600.
    fps
        Frames a second, 1 to 120; to 50 for .gif, whose frames last whole hundredths of a second.
        Default: 30; 20 for .webp, 12.5 for .gif.
    size
        Pixels of its longer side, 64 to 4096. Default: 1280; 800 for .webp, 560 for .gif.
    response
        The camera's response curve.
    format
        What is written of several photos.
    """
    with needs("sweep", "film"):
        from reexposure.films import encoding
        from reexposure.films import sweep as films

    several = many(photo, batch)
    film = Target(Path(f"sweep.{format}")) if several else target(photo[0], out, "_sweep.mp4")
    check_suffix(film.path, encoding.KINDS)
    kind = encoding.kind_of(film.path)
    fps, size = kind.fps if fps is None else fps, kind.size_px if size is None else size
    within("--seconds", seconds, 0.2, 600)
    within("--fps", fps, 1, kind.max_fps, f" for {film.path.suffix}")
    within("--size", size, 64, 4096)
    for name, ev in (("--from", first), ("--to", last)):
        if ev is not None:
            within(name, ev, -30, 30)
    if first is not None and last is not None and abs(first - last) <= films.STILL_EV:
        raise UsageError("--from and --to are the same: nothing would move")
    shoot = partial(
        films.sweep, first_ev=first, last_ev=last, seconds=seconds, fps=fps, size_px=size, response=response,
        detail=reading.detail, seed=reading.seed,
    )  # fmt: skip
    if several:
        how = recorded(
            "sweep", **reading.recorded, **{"from": first, "to": last}, seconds=seconds, fps=fps,
            size=size, response=response,
        )  # fmt: skip
        return run(photo, out, _job(shoot, f"_sweep.{format}", how, reading, overwrite), batch)
    check(photo, [film], overwrite)
    scene = Source(photo[0], reading).opened
    path = film.ready()
    shoot(scene, path, overwrite=overwrite)
    print(path)
    return 0


def _job(shoot: Callable[..., RadianceMap], ending: str, command: str, reading: Reading, overwrite: bool) -> Job:
    """What is made of each of many photos."""
    from reexposure.many.job import Job
    from reexposure.photo.photo import Photo
    from reexposure.radiance import opening

    def make(found: Photo | RadianceMap, targets: Mapping[int, Path]) -> RadianceMap:
        known = opening.lit(found) if isinstance(found, Photo) and not reading.ignore_gain_map else None
        return shoot(known or found, targets[0], command=command, watch=lambda frames, count, name: frames)

    return Job(
        lambda source: [(source.stem, source.numbered(ending))], lambda _: command, make, (), overwrite,
        reading.max_pixels, reading.lenient,
    )  # fmt: skip
