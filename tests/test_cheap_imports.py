"""What is quick stays quick: libraries are loaded by what needs them. How quick, says benchmarks/starting.py."""

import json
import subprocess
import sys

import pytest

LIBRARIES = {"numpy", "PIL", "OpenImageIO", "onnxruntime", "av", "click", "matplotlib", "starlette", "torch"}


def loaded_by(script):
    """The libraries that a process has loaded once it ran ``script``."""
    code = f"{script}; import json, sys; sys.stderr.write(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return LIBRARIES.intersection(json.loads(done.stderr))


@pytest.mark.parametrize(
    ("script", "needed"),
    [
        ("import reexposure", set()),
        ("import sys; sys.argv = ['reexpose', '--version']; from reexposure.__main__ import main; main()", set()),
        ("from reexposure.cli import main; main(['--help'])", {"click"}),
        ("import reexposure; reexposure.RadianceMap", {"numpy", "PIL", "OpenImageIO", "onnxruntime"}),
        ("from reexposure.light import camera, blend, colour", {"numpy"}),
    ],
)
def test_nothing_is_loaded_that_is_not_needed(script, needed):
    assert loaded_by(script) <= needed
