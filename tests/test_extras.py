"""What is not installed unasked: who needs it is told what to install, and nothing else breaks."""

import subprocess
import sys

import pytest
from conftest import SUNSET

from reexposure.server import exports


@pytest.mark.parametrize(
    ("package", "arguments", "extra"),
    [
        ("av", ["sweep", SUNSET, "-o", "a.mp4"], "film"),
        ("pyarrow", [SUNSET, "--ev", "-1", "-o", "out", "--cluster", "local"], "cluster"),
    ],
)
def test_a_command_says_what_to_install(tmp_path, package, arguments, extra):
    code = "import sys; sys.modules[sys.argv[1]] = None; from reexposure.cli import main; sys.exit(main(sys.argv[2:]))"
    command = [sys.executable, "-c", code, package, *map(str, arguments)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"needs {package}; install with: pip install 'reexposure[{extra}]'")
    assert not list(tmp_path.iterdir())


def test_the_page_offers_what_can_be_written_and_says_what_cannot(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    offered = exports.offered()
    assert offered["film"].endswith("pip install 'reexposure[film]'")
    assert {name: suffix for name, suffix in offered.items() if name != "film"} == {
        name: format.suffix for name, format in exports.FORMATS.items() if name != "film"
    }
