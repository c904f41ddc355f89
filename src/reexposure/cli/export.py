"""The command export: a checkpoint to a network that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from reexposure.cli.app import Overwrite, app
from reexposure.cli.extras import needs
from reexposure.cli.signatures import Parameter
from reexposure.cli.targets import Target, check
from reexposure.errors import UsageError


@app.command
def export(
    checkpoint: Path,
    /,
    *others: Path,
    out: Annotated[Path, Parameter("--out", "-o")],
    shares: Annotated[str | None, Parameter("--shares")] = None,
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
    shares
        How much each checkpoint counts in the mean, such as 0.35,0.65; by default all the same.
    """
    parts = _parsed(shares, 1 + len(others))
    with needs("export", "train"):
        from reexposure.training.export import export as write
        from reexposure.training.export import files_of

    check([checkpoint, *others], [Target(out / f"{graph}.onnx", out) for graph in files_of(checkpoint)], overwrite)
    ev, levels = write([checkpoint, *others], out, overwrite, parts)
    size = sum(file.stat().st_size for file in out.glob("*.onnx")) / 1e6
    print(f"{out}: {size:.2f} MB, differs from torch by at most {ev:.4f} EV and {levels:.4f} levels of 255")


def _parsed(text: str | None, count: int) -> list[float] | None:
    """``count`` shares out of ``text``. Raises UsageError for what is none."""
    if text is None:
        return None
    try:
        shares = [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--shares {text}: numbers with commas between them, such as 0.35,0.65") from None
    if len(shares) != count or not all(0 < share < float("inf") for share in shares):
        raise UsageError(f"--shares {text}: needs a number above 0 for each of {count} checkpoints")
    return shares
