"""Two thousand damaged inputs for each reader of ours, the same in every run; `make fuzz` goes on from there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from readers_of_ours import READERS

HERE = Path(__file__).parent
WHOLE = {"whole": 100}
"""Files decoded and written in six formats: far slower than the readers of their parts."""


@pytest.mark.parametrize("name", READERS)
def test_damaged_input_is_answered_as_promised(name, tmp_path):
    """In a process of its own, without the checks of types, which would take most of the time."""
    command = [sys.executable, HERE / "fuzz.py", "--runs", str(WHOLE.get(name, 2000)), name]
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert " 0 wrong" in done.stdout
    assert done.stderr == ""  # nothing that a library writes
    assert list(tmp_path.iterdir()) == []
