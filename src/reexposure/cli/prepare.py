"""The command prepare: HDR files to training views."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from reexposure.cli.app import app
from reexposure.cli.extras import needs
from reexposure.cli.signatures import Parameter


@app.command
def prepare(
    folder: Path,
    *,
    out: Annotated[Path, Parameter("--out", "-o")],
    views: int = 160,
    view_px: int = 256,
    whole: bool = False,
    validation: float = 0.05,
    seed: int = 0,
    workers: int | None = None,
) -> int:
    """Cut HDR files (.hdr, .exr) and photographs into shards of training views.

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
    whole
        Keep panoramas and photographs whole, for recipes whose pairs are made on the device.
    validation
        Share of scenes, never of views, kept for validation.
    seed
        Another one gives other views of the same scenes.
    workers
        Processes; default: one for each core.
    """
    with needs("prepare", "train"):
        from reexposure.training.prepare import Settings
        from reexposure.training.prepare import prepare as cut

    settings = Settings(view_px, views, whole=whole, validation_share=validation, seed=seed)
    counts = cut(folder, out, settings, workers)
    print(", ".join(f"{what}: {counts[what]}" for what in ("scenes", "done before", "views", "dropped", "bad")))
    return 1 if counts["bad"] else 0
