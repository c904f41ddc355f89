"""A whole evaluation: cases, methods, errors, and a folder to look at."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reexposure import __version__
from reexposure.arrays import Float32, UInt8
from reexposure.evaluation import cases, photo_cases, plots, report_page, summary, tables
from reexposure.evaluation.benchmark import Result, measure
from reexposure.evaluation.methods import BrightnessChange, Detailed, Faithful, Method
from reexposure.evaluation.patches import Patches
from reexposure.evaluation.pictures import Pictures
from reexposure.files import written_aside
from reexposure.progress import track
from reexposure.radiance import with_openimageio
from reexposure.reconstruction import network


@dataclass(frozen=True)
class Report:
    """Where the page is, what the tables say, and what was skipped or failed."""

    page: Path
    tables: Sequence[tables.Table]
    skipped: Sequence[str]
    failures: Counter[str]


def evaluate(
    folders: Sequence[Path],
    out: Path,
    peers: Sequence[Method] = (),
    *,
    settings: cases.Settings,
    limit: int | None = None,
    quick: bool = False,
    shown: int = 100,
    vgg19: Path | None = None,
) -> Report:
    """Measure reexposure and its peers on what is under ``folders``; write a report into ``out``.

    Of a folder with HDR files those are the scenes; of one without, its photographs are, over-exposed. ``vgg19`` are
    weights for the distance of patches.
    With ``limit``, at most so many cases are measured, evenly spread over all. ``quick`` leaves out
    HDR-FLIP, the field's protocol and stability. The page has at most ``shown`` cases of each kind. Raises
    ValueError if there is nothing to measure.
    """
    methods = [BrightnessChange(), *peers, Faithful()]
    methods += [Detailed()] if network.open().has_detail else []
    patches = None if vgg19 is None else Patches(vgg19)
    chosen, skipped = list[cases.Case](), list[str]()
    for folder in folders:
        made, left_out = _cut(folder, out / "cases", settings)
        if not made:
            raise ValueError(f"{folder}: no case can be cut ({'; '.join(left_out)})")
        chosen += made
        skipped += left_out
    if limit is not None and limit < len(chosen):
        # Rounded steps, as a whole one would meet the same clip level again and again.
        chosen = [chosen[round(i)] for i in np.linspace(0, len(chosen) - 1, limit)]
    pictures, results, failures = Pictures(out / "pictures"), list[Result](), Counter[str]()

    def show(
        case: cases.Case, photo: UInt8[np.ndarray, "h w 3"], method: str, light: Float32[np.ndarray, "h w 3"]
    ) -> None:
        pictures.write(case, photo, method, light)
        if patches is not None:
            patches.add(case, photo, method, light)

    for case in track(chosen, len(chosen), "evaluating"):
        for result in measure(case, methods, quick, show):
            results.append(result)
            failures[result.method] += bool(result.failure)
            if failures[result.method] == 1 and result.failure:  # the first of many is worth a line at once
                print(f"{result.method} failed on {case.name}: {result.failure}", file=sys.stderr)
    found = list[tables.Table]()
    bright: tuple[cases.Kind, ...] = ("highlights", "photos")
    for kind in bright:
        found += [summary.highlight_table(results, kind)]
        found += [summary.realism_table(results, kind, patches.distances(kind) if patches else {})]
    found += [summary.shadow_table(results)]
    if not quick:
        found += [summary.field_table(results)]
        found += [summary.stability_table(results, kind) for kind in (*bright, "shadows")]
    found = [table for table in found if table.rows]
    broken = summary.failure_table(results)
    tables.write_csv(out / "cases.csv", results)
    with written_aside(out / "summary.md") as aside:
        aside.write_text(_markdown(folders, results, [*found, broken] if broken else found, skipped), encoding="utf-8")
    names = plots.write_plots(out / "plots", results)
    report_page.write_page(
        out / "index.html", results, tables=found, failures=broken, plots=names, pictures=pictures, shown=shown
    )
    return Report(out / "index.html", found, skipped, +failures)


def _cut(folder: Path, out: Path, settings: cases.Settings) -> tuple[list[cases.Case], list[str]]:
    """The cases of a folder. Raises ValueError where it holds neither HDR files nor photos."""
    if with_openimageio.scenes(folder):
        return cases.cut(folder, out, settings)
    if found := photo_cases.photos(folder):
        return photo_cases.cut(found, out, settings)
    raise ValueError(f"{folder}: no .hdr or .exr files, and no photos")


def _markdown(
    folders: Sequence[Path], results: Sequence[Result], found: Sequence[tables.Table], skipped: Sequence[str]
) -> str:
    count = len({result.case.name for result in results})
    names = ", ".join(f"`{folder.name}`" for folder in folders)
    head = f"# Evaluation\n\nreexposure {__version__} on {count} cases cut from {names}.\n"
    left_out = ["## Skipped", "", *(f"- {line}" for line in skipped), ""] if skipped else []
    return "\n".join([head, *(table.markdown() for table in found), *left_out])
