"""Plots of a report: error against exposure, and against how much of the photo clipped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reexposure.evaluation.benchmark import Result
from reexposure.evaluation.methods import BrightnessChange, Faithful
from reexposure.evaluation.summary import Scores, scores
from reexposure.files import written_aside


@dataclass(frozen=True)
class Theme:
    """Colours of a plot: text and lines, the brightness change, this program, and the peers in turn."""

    ink: str
    faint: str
    plain: str
    ours: str
    peers: Sequence[str]


# Distinguishable with the common colour vision deficiencies (after Okabe and Ito).
THEMES = {
    "light": Theme("#1f2328", "#d9dde2", "#7a828c", "#0a6dc2", ("#d55e00", "#009e73", "#b0489b", "#a07a00")),
    "dark": Theme("#e6e8ea", "#343a42", "#9aa3ad", "#5db0ff", ("#ff9d5c", "#3fd0a4", "#e58fd3", "#e3c14d")),
}


def write_plots(folder: Path, results: Sequence[Result]) -> list[str]:
    """Write each plot as NAME-light.png and NAME-dark.png into ``folder``; returns the names."""
    found = [score for score in scores(results, "highlights") if score.results]
    if not found:
        return []
    folder.mkdir(exist_ok=True)
    plots = {"error-against-ev": _against_ev, "error-against-clipped-share": _against_clipped_share}
    for name, draw in plots.items():
        for theme_name, theme in THEMES.items():
            figure, axes = _figure(theme)
            draw(axes, found, theme)
            figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=9, labelcolor=theme.ink)
            with written_aside(folder / f"{name}-{theme_name}.png") as aside:
                figure.savefig(aside, format="png", dpi=160, transparent=True)
    return list(plots)


def _against_ev(axes: Any, found: list[Scores], theme: Theme) -> None:
    """Root mean square error of clipped pixels, pooled over cases, in 8-bit levels of the picture."""
    evs = found[0].results[0].case.evs
    for score in found:
        levels = [255 * math.sqrt(score.mean(f"mse_lost_ev{ev:+g}")) for ev in evs]
        axes.plot(evs, levels, marker="o", **_look(score, found, theme), label=score.method)
    axes.set_xticks(evs)
    axes.invert_xaxis()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("exposure of the picture, EV")
    axes.set_ylabel("error of clipped pixels, levels of 255")


def _against_clipped_share(axes: Any, found: list[Scores], theme: Theme) -> None:
    """Error in stops of every case, and its mean for each of the levels at which photos were cut."""
    for score in found:
        look = _look(score, found, theme)
        share = np.array([100 * result.lost_share for result in score.results])
        stops = np.array([result.errors["error_stops"] for result in score.results])
        axes.scatter(share, stops, s=20, alpha=0.4, color=look["color"], linewidths=0)
        cut_at = np.array([result.case.clipped_percent for result in score.results])
        groups = [cut_at == level for level in sorted(set(cut_at.tolist()))]
        means = np.array([(np.nanmean(share[group]), np.nanmean(stops[group])) for group in groups])
        axes.plot(*means.T, marker="o", **look, label=score.method)
    axes.set_xscale("log")
    axes.set_xticks([2, 5, 10, 20, 40], ["2", "5", "10", "20", "40"])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("clipped share of the photo, %")
    axes.set_ylabel("error of clipped pixels, stops")


def _look(score: Scores, found: list[Scores], theme: Theme) -> dict[str, Any]:
    peers = [s.method for s in found if s.method not in (BrightnessChange.name, Faithful.name)]
    if score.method == Faithful.name:
        return {"color": theme.ours, "linewidth": 2.6, "zorder": 4}
    if score.method == BrightnessChange.name:
        return {"color": theme.plain, "linewidth": 1.8, "linestyle": "--"}
    return {"color": theme.peers[peers.index(score.method) % len(theme.peers)], "linewidth": 1.8}


def _figure(theme: Theme) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(theme.faint)
    axes.tick_params(colors=theme.ink, length=0, labelsize=9)
    axes.grid(axis="y", color=theme.faint, linewidth=0.8)
    axes.set_axisbelow(True)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(color=theme.ink, fontsize=10)
    return figure, axes
