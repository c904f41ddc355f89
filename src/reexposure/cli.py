"""The command line: `reexpose PHOTO --ev -2`, and everything around it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from reexposure import __version__
from reexposure.errors import one_line

if TYPE_CHECKING:
    from reexposure.radiance import RadianceMap

app = App(
    name="reexpose",
    help="Change the exposure of a photo after it was taken.",
    version=__version__,
    exit_on_error=False,
    print_error=False,
    result_action="return_value",
)
Out = Annotated[str | None, Parameter(name=["--out", "-o"], allow_leading_hyphen=True)]
Evs = Annotated[str, Parameter(name="--ev", allow_leading_hyphen=True)]
PhotoPath = Annotated[str, Parameter(allow_leading_hyphen=True)]
Response = Literal["sqrt", "srgb"]


class UsageError(Exception):
    """A command line that asks for something that cannot be."""


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code: 1 for bad input, 2 for bad use.

    Errors are one line on stderr; `--debug` shows the traceback instead.
    """
    debug = "--debug" in arguments
    try:
        return int(app([a for a in arguments if a != "--debug"] or ["--help"]) or 0)
    except (UsageError, CycloptsError) as error:
        code, message = 2, one_line(error)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if debug:
            raise
        code, message = 1, one_line(error)
    print(f"reexpose: {message}", file=sys.stderr)
    return code


def parse_evs(text: str) -> list[float]:
    """Exposures in stops: one (`-2`), several (`-1,-2,-4`) or a range `first:last:step` (`-4:2:1`).

    >>> parse_evs("-4:2:3")
    [-4.0, -1.0, 2.0]

    Raises UsageError for anything else.
    """
    try:
        if ":" not in text:
            evs = [float(part) for part in text.split(",")]
        else:
            first, last, step = [float(part) for part in f"{text}:1".split(":")][:3]
            if step <= 0 or last < first:
                raise ValueError
            evs = [first + i * step for i in range(min(int((last - first) / step + 1e-6) + 1, 1000))]
    except (ValueError, OverflowError):
        raise UsageError(f"--ev {text}: not an exposure; write stops such as -2, -1,-2,-4 or -4:2:1") from None
    if not all(abs(ev) <= 30 for ev in evs):  # also false for nan
        raise UsageError(f"--ev {text}: out of range; exposures go from -30 to 30 stops")
    return evs


@app.default
def expose(photo: PhotoPath, *, ev: Evs = "-2", out: Out = None, response: Response = "sqrt") -> None:
    """Write the photo at another exposure.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP or TIFF file; `-` reads standard input.
    ev
        Stops brighter (+) or darker (-): one, several (-1,-2,-4) or a range (-4:2:1).
    out
        Where to write: a file, or a folder (a name without suffix; made if missing); `-` is standard output.
        Default: beside the photo, as NAME_ev-2.jpg.
    response
        The camera's response curve.
    """
    evs = parse_evs(ev)
    if out == "-" and len(evs) > 1:
        raise UsageError("standard output takes one exposure only")
    radiance = _reconstruct(photo, response)
    for stops in evs:
        picture = radiance.expose(stops)
        if out == "-" or (photo == "-" and out is None):
            sys.stdout.buffer.write(picture.encoded())
            continue
        target = _target(photo, out, stops, len(evs) > 1, picture.format)
        picture.save(target)
        print(target)


@app.command
def radiance(photo: PhotoPath, *, out: Out = None, response: Response = "sqrt") -> None:
    """Write the photo's radiance map: linear light, 1.0 where the photo clipped.

    Parameters
    ----------
    photo
        A JPEG, PNG, WebP or TIFF file; `-` reads standard input.
    out
        An .exr (half floats, ZIP), .hdr or .tif (32-bit float) file. Default: NAME.exr.
    response
        The camera's response curve.
    """
    if out is None and photo == "-":
        raise UsageError("standard input has no name; say where to write with -o")
    target = Path(out) if out else Path(photo).with_suffix(".exr")
    _reconstruct(photo, response).save(target)
    print(target)


@app.command
def prepare(
    folder: Path,
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    views: int = 160,
    view_px: int = 256,
    validation: float = 0.05,
    workers: int | None = None,
) -> int:
    """Cut HDR files (.hdr, .exr) into shards of training views.

    Parameters
    ----------
    folder
        Searched with its subfolders; or a paired data set with HDR_gt/ and LDR_in/.
    out
        Folder for the shards. A rerun goes on where the last one stopped.
    views
        Views cut out of each panorama.
    view_px
        Height and width of a view.
    validation
        Share of scenes, never of views, kept for validation.
    workers
        Processes; default: one for each core.
    """
    from reexposure.training.prepare import Settings
    from reexposure.training.prepare import prepare as cut

    settings = Settings(view_px=view_px, views_per_panorama=views, validation_share=validation)
    counts = cut(folder, out, settings, workers)
    print(", ".join(f"{what}: {counts[what]}" for what in ("scenes", "done before", "views", "dropped", "bad")))
    return 1 if counts["bad"] else 0


@app.command
def train(
    recipe: Path,
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    resume: bool = False,
    shards: str | None = None,
    vgg19: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    devices: int = 1,
    nodes: int = 1,
) -> None:
    """Train a network by a recipe.

    Parameters
    ----------
    recipe
        A TOML file, see recipes/.
    out
        Folder for checkpoints, logs and samples. Default: runs/NAME of the recipe.
    resume
        Go on with the run in this folder, exactly where its last checkpoint is.
    shards
        Folder made by `reexpose prepare`, instead of the recipe's.
    vgg19
        File with VGG19 weights, instead of the recipe's.
    minutes
        Wall-clock budget, instead of the recipe's.
    steps
        Budget in steps, instead of the recipe's.
    devices
        GPUs, or CPU processes, on each machine.
    nodes
        Machines; start the same command on each, as torchrun does.
    """
    from reexposure.training.recipe import load_recipe
    from reexposure.training.train import train as run

    changes = {"shards": shards, "losses.vgg19": vgg19, "optimisation.minutes": minutes, "optimisation.steps": steps}
    chosen = load_recipe(recipe, {name: value for name, value in changes.items() if value is not None})
    print(run(chosen, out or Path("runs", recipe.stem), resume, devices=devices, nodes=nodes))


@app.command
def export(checkpoint: Path, *, out: Annotated[Path, Parameter(name=["--out", "-o"])]) -> None:
    """Export a checkpoint's averaged generator as ONNX with fp16 weights.

    Parameters
    ----------
    checkpoint
        A last.ckpt written by `reexpose train`.
    out
        The .onnx file.
    """
    from reexposure.training.export import export as write

    difference_ev = write(checkpoint, out)
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB, differs from torch by at most {difference_ev:.4f} EV")


def _reconstruct(photo: str, response: Response) -> RadianceMap:
    """The radiance map of a photo; the network loads while the photo is decoded."""
    from reexposure import network
    from reexposure.photo import load
    from reexposure.reconstruction import reconstruct

    network.preload()
    return reconstruct(load(photo), response)


def _target(photo: str, out: str | None, ev: float, several: bool, format: str) -> Path:
    """Where an exposure is written: ``out`` itself, named after the photo in it, or beside the photo."""
    from reexposure.photo import FORMATS

    source = Path("photo" if photo == "-" else photo)
    suffix = source.suffix if source.suffix.lower() in FORMATS else f".{format.lower()}"
    name = f"{source.stem}_ev{ev:+g}{suffix}"
    if out is None:
        return source.with_name(name)
    target = Path(out)
    if target.is_dir() or not target.suffix:
        target.mkdir(exist_ok=True)
        return target / name
    return target.with_name(f"{target.stem}_ev{ev:+g}{target.suffix}") if several else target
