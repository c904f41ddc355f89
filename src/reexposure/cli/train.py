"""The command train: a network by a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from reexposure.cli.app import app
from reexposure.cli.extras import needs
from reexposure.cli.signatures import Parameter
from reexposure.errors import UsageError


@app.command
def train(
    recipe: Path,
    *,
    out: Annotated[Path | None, Parameter("--out", "-o")] = None,
    resume: bool = False,
    start: Path | None = None,
    set: tuple[str, ...] = (),
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
    start
        A checkpoint of another run, or an exported network: its generator is where this one begins.
    set
        A value instead of the recipe's, such as losses.adversarial=0; can be given several times.
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
    with needs("train", "train"):
        from reexposure.training.recipe import load_recipe
        from reexposure.training.train import train as run

    changes = {"shards": shards, "losses.vgg19": vgg19, "optimisation.minutes": minutes, "optimisation.steps": steps}
    given = {name: value for name, value in changes.items() if value is not None}
    chosen = load_recipe(recipe, given | dict(map(_change, set)))
    print(run(chosen, out or Path("runs", recipe.stem), resume, start, devices=devices, nodes=nodes))


def _change(text: str) -> tuple[str, Any]:
    """NAME=VALUE, the value as TOML writes it; what is no TOML is text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set {text}: write NAME=VALUE, such as losses.adversarial=0")
    import tomllib

    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value
