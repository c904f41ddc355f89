"""`reexpose evaluate` as a user meets it: one folder with everything, and one line when something is wrong."""

import csv
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from conftest import write_scene

from reexposure.cli import main
from reexposure.evaluation import perceptual, report_page, summary, tables
from reexposure.evaluation.benchmark import Result
from reexposure.evaluation.cases import Case

pytestmark = pytest.mark.extras

PEER = (
    "import sys, numpy as np; from PIL import Image; assert '_v0_clip10' not in sys.argv[1], 'not this <one>'; "
    "np.save(sys.argv[2], 7 * (np.asarray(Image.open(sys.argv[1]), float) / 255) ** 2)"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A report on one panorama, with a peer that is the brightness change at another scale and fails once."""
    root = tmp_path_factory.mktemp("evaluate")
    (root / "hdr").mkdir()
    write_scene(root / "hdr" / "room.hdr", 0)
    (root / "hdr" / "broken.exr").write_bytes(b"")
    peer = f'again={sys.executable} -c "{PEER}" {{photo}} {{out}}'
    assert (
        main(["evaluate", str(root / "hdr"), "-o", str(root / "report"), "--peer", peer, "--views", "1", "--quick"])
        == 0
    )
    return root / "report"


def rows_of(report):
    with (report / "cases.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_case_and_method_has_a_line_with_numbers_or_a_reason(made):
    rows = rows_of(made)
    assert len(rows) == 3 * 4 + 3  # three clip levels by four methods, and the shadows, which have no detail, by three
    failed = [row for row in rows if row["failure"]]
    assert [(row["method"], row["clipped_percent"]) for row in failed] == [("again", "10")]
    assert "not this <one>" in failed[0]["failure"]
    assert failed[0]["psnr_all"] == ""
    for row in rows:
        assert row["failure"] or float(row["psnr_all"]) > 5


def test_a_peer_of_another_scale_has_the_same_numbers(made):
    rows = {(row["method"], row["case"]): row for row in rows_of(made)}
    for (method, case), row in rows.items():
        if method == "again" and not row["failure"]:
            for metric in ("error_stops", "psnr_lost", "psnr_all", "pu21_psnr"):
                assert float(row[metric]) == pytest.approx(float(rows["brightness change", case][metric]), abs=0.05)


def test_the_summary_counts_failures_and_says_why(made):
    text = (made / "summary.md").read_text()
    again = next(line for line in text.splitlines() if line.startswith("| again |"))
    assert [cell.strip() for cell in again.split("|")][-4:-2] == ["2", "1"]  # cases, failed
    assert "not this <one>" in text
    assert "broken.exr" in text


def test_the_page_shows_pictures_that_exist_and_asks_nothing_of_others(made):
    text = (made / "index.html").read_text()
    sources = re.findall(r"""src(?:set)?='([^']+)'""", text)
    assert len(sources) > 50
    for source in sources:
        assert (made / unquote(source)).is_file(), source
    assert not re.search(r"""(src|href)=["']?(https?:)?//|url[(]|@import""", text)
    assert "not this &lt;one&gt;" in text
    assert not re.search(r"[{%]{2}|[%}]{2}", re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL))


def test_plots_are_drawn_for_light_and_dark_pages(made):
    assert len(list((made / "plots").glob("*.png"))) == 4


def test_cases_that_are_not_shown_leave_no_pictures(tmp_path):
    (tmp_path / "hdr").mkdir()
    write_scene(tmp_path / "hdr" / "room.hdr", 0)
    report = tmp_path / "report"
    main(
        [
            "evaluate",
            str(tmp_path / "hdr"),
            "-o",
            str(report),
            "--views",
            "1",
            "--quick",
            "--shown",
            "1",
            "--limit",
            "3",
        ]
    )
    assert len(rows_of(report)) == 2 * 3 + 2
    assert len(list((report / "pictures").iterdir())) == 2  # one of highlights, one of shadows


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["missing", "-o", "out"], 1, "missing: no .hdr or .exr files, and no photos"),
        (["hdr", "-o", "out", "--peer", "x"], 2, "--peer x: not a peer"),
        (["hdr", "-o", "out", "--peer", "truth=a {photo} {out}"], 2, "every name can be used once"),
        (["hdr", "-o", "out", "--limit", "0"], 2, "limit"),
    ],
)
def test_errors_are_one_line(arguments, code, reason, capsys, place):
    assert main(["evaluate", *arguments]) == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert reason in lines[0]
    assert not (place / "out").exists()


def test_what_is_missing_is_said_with_how_to_install_it(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(perceptual.NEEDED_UNLESS_QUICK, "no_such_module", "no-such-package")
    assert main(["evaluate", str(tmp_path), "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "no-such-package" in said
    assert "pip install 'reexposure[evaluate]'" in said
    assert perceptual.missing(quick=True) == []


def results_of(method, values, metric="field_pu21_psnr", **others):
    """Results of a method on cases named by their number."""
    for number, value in enumerate(values):
        case = Case(f"case{number}", f"case{number}", "highlights", 3, "sqrt", Path("none.jpg"))
        errors = {"psnr_all": 30.0, "psnr_lost": 20.0, "mse_lost": 0.01, "error_stops": 1.0} | others | {metric: value}
        yield Result(case, method, 0.03, 0.1, {} if value is None else errors, "" if value is not None else "broke")


def test_small_differences_are_marked_as_no_evidence():
    results = [
        *results_of("brightness change", [20.0, 30.0]),
        *results_of("near", [23.0, 33.9]),
        *results_of("far", [24.0, 33.1]),
        *results_of("faithful", [28.0, 33.0]),
    ]
    table = summary.field_table(results)
    said = {row[0].text: row[-2] for row in table.rows}
    assert said["brightness change"].text == "-"
    assert said["near"].text == "+3.45 (no evidence)"
    assert said["near"].doubtful
    assert said["far"].text == "+3.55"
    assert not said["far"].doubtful


def test_a_method_is_compared_on_the_cases_that_it_has():
    results = [
        *results_of("brightness change", [10.0, 30.0]),
        *results_of("half", [None, 34.0]),
        *results_of("faithful", [20.0, 30.0]),
    ]
    said = {row[0].text: row[-2].text for row in summary.field_table(results).rows}
    assert said["half"] == "+4.00"


def test_pooling_lets_the_hard_cases_weigh():
    plain = list(results_of("brightness change", [1.0, 1.0]))
    easy_and_hard = [
        *results_of("faithful", [0.0, 0.2], metric="mse_lost"),
    ]
    score = summary.scores([*plain, *easy_and_hard], "highlights")[1]
    assert score.pooled() == pytest.approx(10, abs=1e-3)  # mean of 0 and 0.2 is 0.1: 10 dB


def test_worse_counts_losses_of_more_than_a_fifth_of_a_decibel():
    plain = list(results_of("brightness change", [30.0] * 4, metric="psnr_all"))
    ours = list(results_of("faithful", [29.7, 29.9, 30.0, 35.0], metric="psnr_all"))
    assert summary.scores([*plain, *ours], "highlights")[1].worse() == 0.25


def test_the_worst_cases_come_first():
    results = list(results_of("faithful", [22.0, 11.0, float("nan"), 15.0], metric="psnr_lost"))
    assert [case.name for case in report_page.worst_first(results)] == ["case1", "case3", "case0", "case2"]


def test_tables_are_safe_to_show():
    table = tables.Table("T", ["method", "value"], [[tables.Cell("<a|b>"), tables.Cell("1", best=True)]])
    assert "<a\\|b> | **1**" in table.markdown()
    assert tables.number(float("nan")) == "-"
    assert np.isnan(summary.Scores("none").mean("psnr_all"))
