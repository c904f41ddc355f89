"""What the package says of itself where it is listed."""

import re
import sys
import tomllib

import pytest
from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture
def hatch_build(monkeypatch):
    pytest.importorskip("hatchling")
    monkeypatch.syspath_prepend(ROOT)
    import hatch_build

    yield hatch_build
    del sys.modules["hatch_build"]


def test_readme_leads_somewhere_from_anywhere_once_there_is_an_address(hatch_build):
    text = (ROOT / "README.md").read_text("utf-8")
    assert hatch_build.absolute(text, "", "1.0") == text
    led = hatch_build.absolute(text, "https://example.org/x/", "1.0")
    targets = re.findall(r"\]\(([^)\s]+)\)", led)
    assert len(targets) > 8
    assert all(target.startswith(("https://", "http://", "#")) for target in targets)
    for path in re.findall(r"https://example\.org/x/(?:raw|blob)/v1\.0/([^)#\s]+)", led):
        assert (ROOT / path).exists(), path


def test_what_was_not_written_by_us_comes_with_its_licence():
    files = [file for pattern in PROJECT["license-files"] for file in ROOT.glob(pattern)]
    assert {file.name for file in files} == {"LICENSE", "OFL.txt", "onnxruntime-web.LICENSE.txt"}
    assert PROJECT["license"] == "MIT AND OFL-1.1"


def test_users_are_given_floors_and_no_addresses_are_invented():
    everything = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    assert not [line for lines in everything for line in lines if "==" in line]
    assert PROJECT["authors"] == [{"name": "The reexposure authors"}]
    assert "urls" not in PROJECT
