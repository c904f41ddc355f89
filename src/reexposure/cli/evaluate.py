"""The command evaluate: reexposure and others, measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from reexposure.cli.app import Overwrite, app, within
from reexposure.cli.signatures import Parameter
from reexposure.cli.targets import Target, check
from reexposure.errors import UsageError


@app.command
def evaluate(
    *folder: Path,
    out: Annotated[Path, Parameter("--out", "-o")],
    peer: tuple[str, ...] = (),
    views: Annotated[int, Parameter(least=1)] = 3,
    limit: Annotated[int | None, Parameter(least=1)] = None,
    quick: bool = False,
    shown: int = 100,
    vgg19: Path | None = None,
    timeout: float = 300.0,
    overwrite: Overwrite = False,
) -> int:
    """Measure reexposure, and others beside it, on your own HDR files and photos; write a report.

    Parameters
    ----------
    folder
        HDR files (.hdr, .exr) that no network was trained on, searched with its subfolders; of a folder without any,
        photographs that are hardly burnt, which are over-exposed to be reconstructed. May be given several times.
    out
        Folder for the report: index.html, summary.md, cases.csv, plots, pictures and cases.
    peer
        NAME='COMMAND {photo} {out}': a command that reads the JPEG {photo} and writes linear light
        as {out}.exr, .hdr or .npy. May be given several times.
    views
        Views cut out of each panorama (2:1); other pictures are taken whole.
    limit
        Measure at most so many cases, evenly spread.
    quick
        Leave out HDR-FLIP, the field's protocol and stability, which take most of the time.
    shown
        Cases of each kind on the page, worst first.
    vgg19
        Weights of VGG19 up to conv3_4 (.safetensors, .pth): also measure how far patches are from real ones.
    timeout
        Seconds after which a peer's command is ended and counted as failed.
    """
    if not folder:
        raise UsageError("name a folder of HDR files, or of photos")
    within("--timeout", timeout, 0.001, 1e6)
    from reexposure.evaluation.peers import parse_peer
    from reexposure.evaluation.perceptual import missing

    if lacking := missing(quick):
        raise UsageError(f"evaluate needs {', '.join(lacking)}; install with: pip install 'reexposure[evaluate]'")
    try:
        peers = [parse_peer(text, timeout) for text in peer]
    except ValueError as error:
        raise UsageError(f"--peer {error}") from None
    names = ["brightness change", "faithful", "detail", "truth", *(p.name for p in peers)]
    if len(set(names)) < len(names):
        raise UsageError("--peer: every name can be used once, and not brightness change, faithful, detail or truth")

    check([], [Target(out / name, out) for name in ("index.html", "summary.md", "cases.csv")], overwrite)
    from reexposure.evaluation import cases, report

    done = report.evaluate(
        folder, out, peers, settings=cases.Settings(views=views), limit=limit, quick=quick, shown=shown, vgg19=vgg19
    )
    for line in done.skipped:
        print(f"skipped {line}", file=sys.stderr)
    for table in done.tables:
        print(table.markdown())
    for name, count in done.failures.items():
        print(f"{name} failed on {count} cases")
    print(done.page)
    return 1 if done.failures["faithful"] else 0
