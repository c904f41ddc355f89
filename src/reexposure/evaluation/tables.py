"""Tables of a report: each result in CSV, and tables for people in Markdown; the page draws them, too."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reexposure.evaluation.benchmark import Result
from reexposure.files import written_aside


@dataclass(frozen=True)
class Cell:
    """A value as text, whether it is the best of its column, and whether its claim has no evidence."""

    text: str
    best: bool = False
    doubtful: bool = False


@dataclass(frozen=True)
class Table:
    """A title, column names, rows of cells of which the first is the row's name, and a note below.

    Cells are numbers, or else ``words``.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    words: bool = False

    def markdown(self) -> str:
        """The table under a heading; the best of a column is bold."""
        lines = [
            f"## {self.title}",
            "",
            _piped(self.columns),
            _piped(["---", *["---" if self.words else "--:"] * (len(self.columns) - 1)]),
        ]
        lines += [_piped([f"**{c.text}**" if c.best else c.text.replace("|", "\\|") for c in row]) for row in self.rows]
        return "\n".join([*lines, "", self.note, ""] if self.note else [*lines, ""])


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def number(value: float, places: int = 2, sign: bool = False) -> str:
    """``value`` with so many decimal places, or a dash if there is none.

    >>> number(1.005, 1), number(float("nan")), number(0.5, 1, sign=True)
    ('1.0', '-', '+0.5')
    """
    return "-" if math.isnan(value) else f"{value:{'+' if sign else ''}.{places}f}"


def write_csv(path: Path, results: Sequence[Result]) -> None:
    """One line for each case and method; a failure has its reason and no numbers."""
    metrics = list(dict.fromkeys(name for result in results for name in result.errors))
    given = ["case", "scene", "kind", "clipped_percent", "response", "method", "lost_share", "seconds", "failure"]
    with written_aside(path) as aside, aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(given + metrics)
        for result in results:
            case = result.case
            row = [case.name, case.scene, case.kind, case.clipped_percent, case.response, result.method]
            row += [f"{result.lost_share:.5f}", f"{result.seconds:.3f}", result.failure]
            writer.writerow(row + [_exact(result.errors.get(name, math.nan)) for name in metrics])


def _exact(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"
