"""Results of all cases -> the tables of the report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from reexposure.evaluation import metrics, realism
from reexposure.evaluation.benchmark import Result
from reexposure.evaluation.cases import Kind
from reexposure.evaluation.field import NO_EVIDENCE_DB
from reexposure.evaluation.methods import BrightnessChange, Faithful
from reexposure.evaluation.stability import CHANGES, STEADY_STOPS
from reexposure.evaluation.tables import Cell, Table, number

WORSE_DB = 0.2
"""A case counts as worse than the brightness change from this loss in PSNR of the whole picture on."""


@dataclass
class Scores:
    """One method on one kind of cases: its results, and those of the brightness change on the same cases."""

    method: str
    results: list[Result] = field(default_factory=list)
    plain: list[Result] = field(default_factory=list)
    failed: list[Result] = field(default_factory=list)

    def mean(self, metric: str, of: list[Result] | None = None) -> float:
        """Mean over the cases that have the metric, or nan."""
        values = [result.errors.get(metric, math.nan) for result in (self.results if of is None else of)]
        known = [value for value in values if not math.isnan(value)]
        return float(np.mean(known)) if known else math.nan

    def pooled(self, of: list[Result] | None = None) -> float:
        """PSNR in dB of the squared error of lost pixels pooled over cases: the hard cases weigh."""
        squared = self.mean("mse_lost", of)
        return math.nan if math.isnan(squared) else metrics.psnr(squared)

    def texture(self, name: str) -> float:
        """The sum of gradients as a share of the truth's, over the cases that have both."""
        own, true = (f"gradient_{whose}ev{name}" for whose in ("", "true_"))
        pairs = [(r.errors.get(own, math.nan), r.errors.get(true, math.nan)) for r in self.results]
        known = [pair for pair in pairs if not any(map(math.isnan, pair))]
        total = sum(pair[1] for pair in known)
        return sum(pair[0] for pair in known) / total if total > 0 else math.nan

    def known(self, are: Callable[[Mapping[str, float]], bool]) -> list[Result]:
        """The results of which the truth, or the light, is of a kind."""
        return [result for result in self.results if are(result.errors)]

    def share(self, of: Callable[[Mapping[str, float]], bool], hit: Callable[[Mapping[str, float]], bool]) -> float:
        """The share of those that are ``hit`` among those that are ``of`` a kind."""
        among = self.known(of)
        return sum(hit(result.errors) for result in among) / len(among) if among else math.nan

    def unsteady(self) -> float:
        """Share of changed photos whose light is more than STEADY_STOPS from that of the unchanged one."""
        known = [r.errors[f"flicker_{change}"] for r in self.results for change in CHANGES]
        steady = [value <= STEADY_STOPS for value in known if not math.isnan(value)]
        return 1 - float(np.mean(steady)) if steady else math.nan

    def worse(self) -> float:
        """Share of cases whose whole picture is more than WORSE_DB below the brightness change's."""
        pairs = [(a.errors["psnr_all"], b.errors["psnr_all"]) for a, b in zip(self.results, self.plain, strict=True)]
        return float(np.mean([mine < plain - WORSE_DB for mine, plain in pairs])) if pairs else math.nan


def scores(results: Sequence[Result], kind: Kind) -> list[Scores]:
    """The scores of every method on cases of one ``kind``, in the order of the results."""
    chosen = [result for result in results if result.case.kind == kind]
    plain = {r.case.name: r for r in chosen if r.method == BrightnessChange.name and not r.failure}
    found: dict[str, Scores] = {}
    for result in chosen:
        score = found.setdefault(result.method, Scores(result.method))
        if result.failure:
            score.failed.append(result)
        elif result.case.name in plain:
            score.results.append(result)
            score.plain.append(plain[result.case.name])
    return list(found.values())


@dataclass(frozen=True)
class _Column:
    """A column: its heading, its value for a method, how it is written, and which end is best (0: neither)."""

    heading: str
    value: Callable[[Scores], float]
    places: int = 2
    best: int = 0


def _mean(heading: str, metric: str, places: int = 2, best: int = 1) -> _Column:
    return _Column(heading, lambda score: score.mean(metric), places, best)


def highlight_table(results: Sequence[Result], kind: Kind = "highlights") -> Table:
    """Darker exposures of photos that clipped."""
    title = "Ordinary photos, over-exposed: darker exposures" if kind == "photos" else "Highlights: darker exposures"
    note = (
        "Pictures at -1 to -4 EV. PSNR in dB; higher is better, but lower for stops and HDR-FLIP. Pooled: of the "
        f"squared error over all cases. Worse: per cent of cases more than {WORSE_DB} dB below the brightness change."
    )
    return _table(title, scores(results, kind), _pictures("clipped"), note)


def realism_table(results: Sequence[Result], kind: Kind, patches: Mapping[str, float]) -> Table:
    """How real it looks; ``patches`` are the distances of `patches.Patches`, by method, where they were measured."""
    seen = f"{realism.SEEN_EV:+g}"
    texture = [(f"texture at {ev:+g} EV", f"{ev:+g}_1px") for ev in realism.TEXTURE_EVS]
    texture += [(f"{step} px", f"{seen}_{step}px") for step in realism.OCTAVES_PX]
    columns = [
        *(_Column(heading, partial(Scores.texture, name=name)) for heading, name in texture),
        _Column("patches", lambda score: patches.get(score.method, math.nan), 1, -1),
        _mean("hue", "hue", 1, -1),
        _Column("lamps missed, %", lambda score: 100 * score.share(_is_lamp, _is_missed), 0, -1),
        _Column("lamps", lambda score: len(score.known(_is_lamp)), 0),
        _Column("false lamps, %", lambda score: 100 * score.share(_is_flat, _is_false), 0, -1),
        _Column("without lamps", lambda score: len(score.known(_is_flat)), 0),
    ]
    note = (
        f"Where all channels clipped. Texture: mean gradient as a share of the truth's, at {seen} EV also of "
        "pictures reduced by 2, 4 and 8; 1 is right, 0 is fog. Patches: Frechet distance of VGG19 features from the "
        f"truth's. Hue: distance in u'v' at {seen} EV, in 1/1000; about 4 is just seen. Lamps: by the 99th percentile "
        f"of clipped light, which missed ones of {realism.LAMP_EV:g} stops or more have below "
        f"{realism.MISSED_BELOW_EV:g}, and false ones above {realism.FALSE_ABOVE_EV:g} where truth stays below "
        f"{realism.FLAT_EV:g}."
    )
    title = "Ordinary photos: how real they look" if kind == "photos" else "Highlights: how real they look"
    return _table(title, scores(results, kind), columns, note)


def _is_lamp(errors: Mapping[str, float]) -> bool:
    return errors["peak_true_ev"] >= realism.LAMP_EV


def _is_missed(errors: Mapping[str, float]) -> bool:
    return errors["peak_ev"] < realism.MISSED_BELOW_EV


def _is_flat(errors: Mapping[str, float]) -> bool:
    return errors["peak_true_ev"] < realism.FLAT_EV


def _is_false(errors: Mapping[str, float]) -> bool:
    return errors["peak_ev"] > realism.FALSE_ABOVE_EV


def shadow_table(results: Sequence[Result]) -> Table:
    """Photos taken three stops too dark, pushed to where they should have been."""
    note = (
        "Photos taken 3 EV too dark and pushed by 3 EV; shadows are the pixels that were crushed (below level 24). "
        "Tone aside: beside the same photo without noise, rounding and JPEG, as the same camera would have taken it."
    )
    columns = _pictures("shadows")
    columns.insert(1, _mean("PSNR shadows, tone aside", "psnr_noise"))
    return _table("Shadows: photos pushed by +3 EV", scores(results, "shadows"), columns, note)


def stability_table(results: Sequence[Result], kind: Kind) -> Table:
    """What would flicker in a film of such frames."""
    changes = [_mean(heading, f"flicker_{name}", 3, -1) for name, heading in CHANGES.items()]
    percent = _Column(f"over {STEADY_STOPS:g}, %", lambda score: 100 * score.unsteady(), 0)
    where = "crushed" if kind == "shadows" else "clipped"
    note = (
        f"The same view taken once more: by how many stops light changes, median over {where} values, mean over cases. "
        f"Over {STEADY_STOPS:g}: per cent of these medians."
    )
    return _table(f"Stability of {kind}", scores(results, kind), [*changes, percent], note)


def field_table(results: Sequence[Result]) -> Table:
    """The protocol of Hanji et al. 2022; differences too small to mean anything are marked."""
    found = scores(results, "highlights")
    columns = [
        _mean("PU21-PSNR", "field_pu21_psnr"),
        _mean("PU21-VSI", "field_pu21_vsi", 4),
        _mean("JOD", "field_jod"),
        _mean("PU21-PIQE", "field_pu21_piqe", 1, -1),
    ]
    note = (
        "Absolute light of an HDR display (clip level at 200 cd/m2, peak 1500), tone and colour fitted to the truth "
        f"first (CRF correction), except for PIQE. Differences in PU21-PSNR under {NO_EVIDENCE_DB} dB are no evidence "
        "for either side (Hanji et al. 2022). The brightness change is the unprocessed photo."
    )
    table = _table("The field's protocol (SI-HDR)", found, columns, note)
    against = [_claims(found, name) for name in (BrightnessChange.name, Faithful.name)]
    rows = [[*row, *claims] for row, *claims in zip(table.rows, *against, strict=True)]
    headings = [f"PU21-PSNR against {name}" for name in (BrightnessChange.name, Faithful.name)]
    return Table(table.title, [*table.columns, *headings], rows, note)


def _claims(found: list[Scores], other_name: str) -> list[Cell]:
    """How much better each method is than one of them on the cases that both have, and whether that says anything."""
    others = {r.case.name: r for score in found if score.method == other_name for r in score.results}
    cells = []
    for score in found:
        pairs = [(r, others[r.case.name]) for r in score.results if r.case.name in others]
        mine, theirs = (score.mean("field_pu21_psnr", [pair[side] for pair in pairs]) for side in (0, 1))
        gain = mine - theirs
        doubtful = abs(gain) < NO_EVIDENCE_DB
        words = number(gain, 2, sign=True) + (" (no evidence)" if doubtful else "")
        cells.append(Cell("-" if score.method == other_name else words, doubtful=doubtful))
    return cells


def failure_table(results: Sequence[Result]) -> Table | None:
    """What failed and why, or None."""
    failed = [result for result in results if result.failure]
    rows = [[Cell(r.method), Cell(r.case.name), Cell(r.failure)] for r in failed]
    return Table("Failures", ["method", "case", "reason"], rows, words=True) if failed else None


def _pictures(lost: str) -> list[_Column]:
    """The columns on re-exposed pictures; ``lost`` is what the lost pixels are called."""
    return [
        _mean("error, stops", "error_stops", 3, -1),
        _Column(f"PSNR {lost}, pooled", Scores.pooled, 2, 1),
        _mean(f"PSNR {lost}", "psnr_lost"),
        _mean("PSNR all", "psnr_all"),
        _mean(f"SSIM {lost}", "ssim_lost", 3),
        _mean("SSIM all", "ssim_all", 3),
        _mean("PU21-PSNR", "pu21_psnr"),
        _mean("HDR-FLIP", "hdr_flip", 3, -1),
        _Column("worse, %", _worse_percent, 0),
        _Column("cases", lambda score: len(score.results), 0),
        _Column("failed", lambda score: len(score.failed), 0),
        _Column("s a case", lambda score: float(np.mean([r.seconds for r in score.results or score.failed]))),
    ]


def _worse_percent(score: Scores) -> float:
    return math.nan if score.method == BrightnessChange.name else 100 * score.worse()


def _table(title: str, found: list[Scores], columns: Sequence[_Column], note: str) -> Table:
    """A table with a row for each method, without columns that no method has a value in."""
    values = [[column.value(score) for column in columns] for score in found]
    shown = [i for i in range(len(columns)) if not all(math.isnan(row[i]) for row in values)]
    rows = []
    for score, row in zip(found, values, strict=True):
        cells = [Cell(score.method)]
        for i in shown:
            column = columns[i]
            known = [other[i] * column.best for other in values if not math.isnan(other[i])]
            best = bool(column.best) and not math.isnan(row[i]) and row[i] * column.best == max(known)
            cells.append(Cell(number(row[i], column.places), best))
        rows.append(cells)
    return Table(title, ["method", *(columns[i].heading for i in shown)], rows, note)
