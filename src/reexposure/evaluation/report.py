"""A whole evaluation: cases, methods, errors, and a folder to look at."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reexposure import __version__
from reexposure.evaluation import cases, plots, report_page, summary, tables
from reexposure.evaluation.benchmark import Result, measure
from reexposure.evaluation.methods import BrightnessChange, Method, Reexposure
from reexposure.evaluation.pictures import Pictures
from reexposure.files import written_aside
from reexposure.progress import track


@dataclass(frozen=True)
class Report:
    """Where the page is, what the tables say, and what was skipped or failed."""

    page: Path
    tables: Sequence[tables.Table]
    skipped: Sequence[str]
    failures: Counter[str]


def evaluate(
    folder: Path,
    out: Path,
    peers: Sequence[Method] = (),
    *,
    settings: cases.Settings,
    limit: int | None = None,
    quick: bool = False,
    shown: int = 100,
) -> Report:
    """Measure reexposure and its peers on the HDR scenes under ``folder``; write a report into ``out``.

    With ``limit``, at most so many cases are measured, evenly spread over all. ``quick`` leaves out
    HDR-FLIP, the field's protocol and stability. The page has at most ``shown`` cases of each kind. Raises
    ValueError if there is nothing to measure.
    """
    methods = [BrightnessChange(), *peers, Reexposure()]
    chosen, skipped = cases.cut(folder, out / "cases", settings)
    if not chosen:
        raise ValueError(f"{folder}: no case can be cut ({'; '.join(skipped)})")
    if limit is not None and limit < len(chosen):
        # Rounded steps, as a whole one would meet the same clip level again and again.
        chosen = [chosen[round(i)] for i in np.linspace(0, len(chosen) - 1, limit)]
    pictures, results, failures = Pictures(out / "pictures"), list[Result](), Counter[str]()
    for case in track(chosen, len(chosen), "evaluating"):
        for result in measure(case, methods, quick, pictures.write):
            results.append(result)
            failures[result.method] += bool(result.failure)
            if failures[result.method] == 1 and result.failure:  # the first of many is worth a line at once
                print(f"{result.method} failed on {case.name}: {result.failure}", file=sys.stderr)
    found = [summary.highlight_table(results), summary.shadow_table(results)]
    if not quick:
        found += [summary.field_table(results)]
        found += [summary.stability_table(results, kind) for kind in ("highlights", "shadows")]
    found = [table for table in found if table.rows]
    broken = summary.failure_table(results)
    tables.write_csv(out / "cases.csv", results)
    with written_aside(out / "summary.md") as aside:
        aside.write_text(_markdown(folder, results, [*found, broken] if broken else found, skipped), encoding="utf-8")
    names = plots.write_plots(out / "plots", results)
    report_page.write_page(
        out / "index.html", results, tables=found, failures=broken, plots=names, pictures=pictures, shown=shown
    )
    return Report(out / "index.html", found, skipped, +failures)


def _markdown(folder: Path, results: Sequence[Result], found: Sequence[tables.Table], skipped: Sequence[str]) -> str:
    count = len({result.case.name for result in results})
    head = f"# Evaluation\n\nreexposure {__version__} on {count} cases cut from `{folder.name}`.\n"
    left_out = ["## Skipped", "", *(f"- {line}" for line in skipped), ""] if skipped else []
    return "\n".join([head, *(table.markdown() for table in found), *left_out])
