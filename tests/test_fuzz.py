"""Two thousand damaged inputs for each reader of ours, the same in every run; `make fuzz` goes on from there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from readers_of_ours import READERS

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


def test_damaged_input_is_answered_as_promised(tmp_path):
    """In a process of its own, without the checks of types, which would take most of the time."""
    whole = [(READERS.keys() - {"whole"}, "2000"), ({"whole"}, "100")]  # files written in six formats are slow
    path = os.pathsep.join(p for p in sys.path if p)
    for names, runs in whole:
        command = [sys.executable, HERE / "fuzz.py", "--runs", runs, *sorted(names)]
        done = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(f"{runs} inputs, 0 wrong") == len(names)
        assert done.stderr == ""  # nothing that a library writes
    assert list(tmp_path.iterdir()) == []
