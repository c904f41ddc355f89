"""The report's page: numbers, plots, and pictures side by side, worst cases first.

The page is one HTML file with its style and script inside, beside a folder of pictures; it asks
nothing of any other host.
"""

from __future__ import annotations

import importlib.resources
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import jinja2

from reexposure.evaluation.benchmark import Result
from reexposure.evaluation.cases import Case, Kind
from reexposure.evaluation.methods import BrightnessChange, Faithful
from reexposure.evaluation.pictures import Pictures
from reexposure.evaluation.summary import Scores, scores
from reexposure.evaluation.tables import Table, number
from reexposure.files import written_aside

PLOT_TITLES = {
    "error-against-ev": "Error against exposure",
    "error-against-clipped-share": "Error against the clipped share, every case and means",
}


def worst_first(results: Sequence[Result]) -> list[Case]:
    """Cases in the order of this program's PSNR of what was lost, lowest first; failures before all."""
    ours = {r.case: r.errors.get("psnr_lost", -math.inf) for r in results if r.method == Faithful.name}
    return sorted(ours, key=lambda case: math.inf if math.isnan(ours[case]) else ours[case])


def write_page(
    path: Path,
    results: Sequence[Result],
    *,
    tables: Sequence[Table],
    failures: Table | None,
    plots: Sequence[str],
    pictures: Pictures,
    shown: int,
) -> None:
    """Write the page with at most ``shown`` cases of each kind, and remove the pictures of all others."""
    order = worst_first(results)
    of_kind = {kind: [case for case in order if case.kind == kind][:shown] for kind in get_args(Kind)}
    pictures.keep_only([case for cases in of_kind.values() for case in cases], order)
    of_case: dict[str, list[Result]] = {}
    for result in results:
        of_case.setdefault(result.case.name, []).append(result)

    def cards(cases: Sequence[Case]) -> list[dict[str, Any]]:
        return [_card(case, of_case[case.name], pictures, path.parent) for case in cases]

    page = _template().render(
        {name: _asset(f"report_page.{name}") for name in ("css", "js")},
        lead=_lead(results),
        figures=_figures(*(scores(results, kind) for kind in ("highlights", "shadows"))),
        tables=tables,
        failures=failures,
        plots=[{"name": name, "title": PLOT_TITLES[name]} for name in plots],
        **{kind: cards(cases) for kind, cases in of_kind.items()},
    )
    with written_aside(path) as aside:
        aside.write_text(page, encoding="utf-8")


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("report_page.html"))


def _asset(name: str) -> str:
    return importlib.resources.files("reexposure.evaluation").joinpath(name).read_text(encoding="utf-8")


def _lead(results: Sequence[Result]) -> str:
    cases = {result.case for result in results}
    methods = list(dict.fromkeys(result.method for result in results))
    scenes = {case.scene for case in cases}
    return (
        f"{len(cases)} photos of {len(scenes)} views, each with light that clipping or darkness took away, and the "
        f"true light to compare with. Compared: {', '.join(methods)}."
    )


def _figures(highlights: Sequence[Scores], shadows: Sequence[Scores]) -> list[dict[str, str]]:
    """The three or four numbers that say most, of this program against the brightness change."""
    ours = next((score for score in highlights if score.method == Faithful.name and score.results), None)
    found: list[tuple[str, str]] = []
    if ours:
        share = ours.mean("error_stops") / max(ours.mean("error_stops", ours.plain), 1e-9)
        found = [
            (f"{100 * share:.0f} %", "of the brightness change's error in clipped light, in stops"),
            (f"{number(ours.pooled() - ours.pooled(ours.plain), 1, True)} dB", "clipped pixels at -1 to -4 EV, pooled"),
            (f"{100 * ours.worse():.0f} %", "of the photos come out worse than the brightness change"),
        ]
    dark = next((score for score in shadows if score.method == Faithful.name and score.results), None)
    if dark:
        gain = dark.mean("psnr_lost") - dark.mean("psnr_lost", dark.plain)
        found.append((f"{number(gain, 1, True)} dB", "shadows pushed by 3 EV"))
    return [{"value": value, "what": what} for value, what in found]


def _card(case: Case, results: Sequence[Result], pictures: Pictures, root: Path) -> dict[str, Any]:
    """One case: its photo, and for each exposure the pictures of every method and of the truth."""

    def picture(path: Path, title: str, words: str, kind: str = "") -> dict[str, str]:
        return {"source": quote(path.relative_to(root).as_posix()), "title": title, "words": words, "kind": kind}

    rows = []
    for ev in pictures.evs(case):
        shown = [picture(pictures.photo_path(case), "photo", "as it came", "photo")]
        for result in results:
            if result.failure:
                shown.append({"source": "", "title": result.method, "words": result.failure})
                continue
            mse = result.errors.get(f"mse_lost_ev{ev:+g}", math.nan)
            words = f"{255 * math.sqrt(mse):.0f} levels off" if not math.isnan(mse) else ""
            ours = "ours" if result.method == Faithful.name else ""
            shown.append(picture(pictures.path(case, result.method, ev), result.method, words, ours))
        shown.append(picture(pictures.path(case, "truth", ev), "truth", f"{ev:+.2g} EV", "truth"))
        grey = ev == pictures.grey_ev.get(case.name)
        title = f"clipped part mid grey, {ev:+.1f}" if grey else f"{ev:+g}"
        rows.append({"ev": "grey" if grey else f"{ev:+g}", "title": title, "shown": shown})
    decibels = {result.method: result.errors.get("psnr_lost", math.nan) for result in results}
    gain = decibels.get(Faithful.name, math.nan) - decibels.get(BrightnessChange.name, math.nan)
    return {
        "name": case.name,
        "scene": case.scene.replace("_", " "),
        "facts": _facts(case, results[0]),
        "verdict": _verdict(gain),
        "rows": rows,
    }


def _facts(case: Case, result: Result) -> str:
    share = 100 * result.lost_share
    what = "crushed" if case.kind == "shadows" else "clipped"
    return f"{share:.{0 if share >= 10 else 1}f} % {what} · {case.response} curve"


def _verdict(gain_db: float) -> dict[str, str] | None:
    if math.isnan(gain_db):
        return None
    kind = "better" if gain_db >= 0 else "worse"
    return {"kind": kind, "words": f"{number(abs(gain_db), 1)} dB {kind} than the brightness change"}
