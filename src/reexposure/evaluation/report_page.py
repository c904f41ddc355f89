"""The report's page: numbers, plots, and pictures side by side, worst cases first.

The page is one HTML file with its style and script inside, beside a folder of pictures; it asks
nothing of any other host.
"""

from __future__ import annotations

import html
import importlib.resources
import math
from collections.abc import Sequence
from pathlib import Path
from string import Template
from urllib.parse import quote

from reexposure.evaluation.benchmark import Result
from reexposure.evaluation.cases import Case
from reexposure.evaluation.methods import BrightnessChange, Reexposure
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
    ours = {r.case: r.errors.get("psnr_lost", -math.inf) for r in results if r.method == Reexposure.name}
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
    highlights = [case for case in order if case.kind == "highlights"][:shown]
    shadows = [case for case in order if case.kind == "shadows"][:shown]
    pictures.keep_only([*highlights, *shadows], order)
    of_case: dict[str, list[Result]] = {}
    for result in results:
        of_case.setdefault(result.case.name, []).append(result)

    def cards(cases: Sequence[Case]) -> str:
        return "".join(_card(case, of_case[case.name], pictures, path.parent) for case in cases)

    parts = {name: _asset(f"report_page.{name}") for name in ("css", "js")}
    page = Template(_asset("report_page.html")).substitute(
        parts,
        lead=_lead(results),
        figures=_figures(scores(results, "highlights"), scores(results, "shadows")),
        tables="".join(table.html() for table in tables),
        failures=failures.html() if failures else "",
        plots="".join(_plot(name) for name in plots),
        highlights=cards(highlights),
        shadows=cards(shadows),
    )
    with written_aside(path) as aside:
        aside.write_text(page, encoding="utf-8")


def _asset(name: str) -> str:
    return importlib.resources.files("reexposure.evaluation").joinpath(name).read_text(encoding="utf-8")


def _lead(results: Sequence[Result]) -> str:
    cases = {result.case for result in results}
    methods = list(dict.fromkeys(result.method for result in results))
    scenes = {case.scene for case in cases}
    return (
        f"{len(cases)} photos of {len(scenes)} views, each with light that clipping or darkness took away, and the "
        f"true light to compare with. Compared: {html.escape(', '.join(methods))}."
    )


def _figures(highlights: Sequence[Scores], shadows: Sequence[Scores]) -> str:
    """The three or four numbers that say most, of this program against the brightness change."""
    ours = next((score for score in highlights if score.method == Reexposure.name and score.results), None)
    found: list[tuple[str, str]] = []
    if ours:
        share = ours.mean("error_stops") / max(ours.mean("error_stops", ours.plain), 1e-9)
        found = [
            (f"{100 * share:.0f} %", "of the brightness change's error in clipped light, in stops"),
            (f"{number(ours.pooled() - ours.pooled(ours.plain), 1, True)} dB", "clipped pixels at -1 to -4 EV, pooled"),
            (f"{100 * ours.worse():.0f} %", "of the photos come out worse than the brightness change"),
        ]
    dark = next((score for score in shadows if score.method == Reexposure.name and score.results), None)
    if dark:
        gain = dark.mean("psnr_lost") - dark.mean("psnr_lost", dark.plain)
        found.append((f"{number(gain, 1, True)} dB", "shadows pushed by 3 EV"))
    return "".join(f"<div><dd>{value}</dd><dt>{what}</dt></div>" for value, what in found)


def _plot(name: str) -> str:
    title = PLOT_TITLES[name]
    return (
        f"<figure><figcaption>{title}</figcaption><picture>"
        f"<source media='(prefers-color-scheme: dark)' srcset='plots/{name}-dark.png'>"
        f"<img src='plots/{name}-light.png' alt='{title}, a line for each method' loading=lazy width=1024 height=672>"
        "</picture></figure>"
    )


def _card(case: Case, results: Sequence[Result], pictures: Pictures, root: Path) -> str:
    """One case: its photo, and for each exposure the pictures of every method and of the truth."""

    def picture(path: Path, title: str, words: str, extra: str = "") -> str:
        source = quote(path.relative_to(root).as_posix())
        return (
            f"<figure {extra}><button type=button><img src='{source}' alt='{html.escape(f'{case.name}: {title}')}' "
            f"loading=lazy></button><figcaption><b>{html.escape(title)}</b><span>{html.escape(words)}</span>"
            "</figcaption></figure>"
        )

    plain = next((r.errors.get("psnr_lost", math.nan) for r in results if r.method == BrightnessChange.name), math.nan)
    rows = []
    for ev in case.evs:
        shown = [picture(pictures.photo_path(case), "photo", "as it came", "class=photo")]
        for result in results:
            if result.failure:
                shown.append(_failed(result))
                continue
            mse = result.errors[f"mse_lost_ev{ev:+g}"]
            words = f"{255 * math.sqrt(mse):.0f} levels off" if not math.isnan(mse) else ""
            ours = "class=ours" if result.method == Reexposure.name else ""
            shown.append(picture(pictures.path(case, result.method, ev), result.method, words, ours))
        shown.append(picture(pictures.path(case, "truth", ev), "truth", f"{ev:+g} EV", "class=truth"))
        rows.append(
            f"<div class=row data-ev='{ev:+g}'><h4>{ev:+g} EV</h4><div class=strip>{''.join(shown)}</div></div>"
        )
    ours_db = next((r.errors.get("psnr_lost", math.nan) for r in results if r.method == Reexposure.name), math.nan)
    return (
        f"<article id='{case.name}'><header><h3>{html.escape(case.scene.replace('_', ' '))}</h3>"
        f"<p>{_facts(case, results[0])}</p>{_verdict(ours_db, plain)}</header>{''.join(rows)}</article>"
    )


def _facts(case: Case, result: Result) -> str:
    share = 100 * result.lost_share
    what = "clipped" if case.kind == "highlights" else "crushed"
    return f"{share:.{0 if share >= 10 else 1}f} % {what} · {case.response} curve"


def _verdict(ours_db: float, plain_db: float) -> str:
    gain = ours_db - plain_db
    if math.isnan(gain):
        return ""
    kind = "better" if gain >= 0 else "worse"
    return f"<p class='verdict {kind}'>{number(abs(gain), 1)} dB {kind} than the brightness change</p>"


def _failed(result: Result) -> str:
    return (
        f"<figure class=failed><div>{html.escape(result.failure)}</div>"
        f"<figcaption><b>{html.escape(result.method)}</b><span>failed</span></figcaption></figure>"
    )
