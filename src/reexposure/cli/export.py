"""The command export: a checkpoint to a network that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from reexposure.cli.app import app
from reexposure.errors import UsageError


@app.command
def export(*checkpoints: Path, out: Annotated[Path, Parameter(name=["--out", "-o"])]) -> None:
    """Export a checkpoint's averaged generator as ONNX with fp16 weights.

    Parameters
    ----------
    checkpoints
        A last.ckpt written by `reexpose train`; of several, the mean of their weights.
    out
        The .onnx file.
    """
    from reexposure.training.export import export as write

    if not checkpoints:
        raise UsageError("export: name a checkpoint")
    ev, levels = write(checkpoints, out)
    size = out.stat().st_size / 1e6
    print(f"{out}: {size:.2f} MB, differs from torch by at most {ev:.4f} EV and {levels:.4f} levels of 255")
