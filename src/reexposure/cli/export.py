"""The command export: a checkpoint to a network that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from reexposure.cli.app import Overwrite, app
from reexposure.cli.extras import needs
from reexposure.cli.signatures import Parameter
from reexposure.cli.targets import Target, check


@app.command
def export(
    checkpoint: Path,
    /,
    *others: Path,
    out: Annotated[Path, Parameter("--out", "-o")],
    overwrite: Overwrite = False,
) -> None:
    """Export a checkpoint's averaged generator as ONNX with fp16 weights.

    Of a run that taught detail, detail.onnx joins the graphs that are in the folder.

    Parameters
    ----------
    checkpoint
        A last.ckpt written by `reexpose train`.
    others
        Further ones: the mean of their weights is exported.
    out
        The folder of the network's graphs, made if missing.
    """
    with needs("export", "train"):
        from reexposure.training.export import export as write
        from reexposure.training.export import files_of

    check([checkpoint, *others], [Target(out / f"{graph}.onnx", out) for graph in files_of(checkpoint)], overwrite)
    ev, levels = write([checkpoint, *others], out, overwrite)
    size = sum(file.stat().st_size for file in out.glob("*.onnx")) / 1e6
    print(f"{out}: {size:.2f} MB, differs from torch by at most {ev:.4f} EV and {levels:.4f} levels of 255")
