"""The notebooks of examples/: they run, and what stands in them is what they give."""

import shutil

import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def kinds(cells):
    """What each cell of code gives: the kinds of its outputs, without numbers, which another network changes.

    What is printed comes in one piece or in several, as it happens.
    """
    return [
        {kind for one in cell.outputs for kind in one.get("data", {one.output_type: None})}
        for cell in cells
        if cell.cell_type == "code"
    ]


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")  # of Jupyter's own
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_gives_what_stands_in_it(path, tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("pandas")
    shutil.copy(ROOT / "examples" / "sunset.jpg", tmp_path)
    stored, fresh = nbformat.read(path, 4), nbformat.read(path, 4)
    nbclient.NotebookClient(fresh, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert kinds(fresh.cells) == kinds(stored.cells)
    assert "image/png" in str(kinds(stored.cells))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["sunset.jpg"]  # it leaves nothing


def test_notebooks_are_there_executed_and_small():
    nbformat = pytest.importorskip("nbformat")
    assert [path.stem for path in NOTEBOOKS] == ["first_steps", "measure"]
    for path in NOTEBOOKS:
        assert path.stat().st_size < 1_000_000
        found = nbformat.read(path, 4)
        nbformat.validate(found)
        assert sum(bool(outputs) for outputs in kinds(found.cells)) >= 5
