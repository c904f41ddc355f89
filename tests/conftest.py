"""Scenes and photos that tests share, and the command line as a user runs it."""

import io
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from javascript import Modules
from serving import browser

from reexposure.__main__ import main
from reexposure.light.colour import ColourSpace
from reexposure.radiance import with_openimageio

ROOT = Path(__file__).parent.parent
SUNSET = ROOT / "examples" / "sunset.jpg"

# No test asks the clock: how long one takes says more about what else the machine does. See benchmarks/.
settings.register_profile(
    "steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("steady")
# Threads that wait for one another crawl where others want the machine, and no network of a test needs two.
os.environ["OMP_NUM_THREADS"] = "1"


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="leave out what needs PyTorch, a browser or minutes")


def pytest_ignore_collect(collection_path, config):
    """With --quick, files that say they need the extras `train` or `evaluate` are not even imported."""
    quick = config.getoption("--quick") and collection_path.suffix == ".py"
    return True if quick and re.search(r"mark.extras\b", collection_path.read_text()) else None


def pytest_collection_modifyitems(config, items):
    """Tests that use the browser are marked so; --quick takes those, and slow and heavy ones, out."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    if config.getoption("--quick"):
        slow = [item for item in items if {"browser", "heavy", "slow"} & {mark.name for mark in item.iter_markers()}]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.fixture(scope="module")
def chromium():
    """One browser for the tests of a file; a page is soon made."""
    with browser() as started:
        yield started


@contextmanager
def written_to(file: IO[bytes], descriptor: int) -> Iterator[IO[str]]:
    """What anybody, C libraries too, writes to ``descriptor`` goes to ``file``; yields Python's stream for it."""
    kept = os.dup(descriptor)
    os.dup2(file.fileno(), descriptor)
    try:
        with open(descriptor, "w", encoding="utf-8", closefd=False) as stream:
            yield stream
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)


@pytest.fixture
def reexpose(monkeypatch):
    """Run `reexpose` as its entry point does, in this process: libraries are there already, and types are checked."""

    def run(*arguments, stdin=b"", check=False, cwd=None):
        command = ["reexpose", *map(str, arguments)]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, monkeypatch.context() as patch:
            with written_to(out, 1) as stdout, written_to(err, 2) as stderr:
                patch.setattr(sys, "argv", command)
                patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
                patch.setattr(sys, "stdout", stdout)
                patch.setattr(sys, "stderr", stderr)
                patch.chdir(cwd or Path.cwd())
                ends = signal.getsignal(signal.SIGTERM)
                try:
                    code = main()
                finally:
                    signal.signal(signal.SIGTERM, ends)
                    for stream in {sys.stdout, sys.stderr} - {stdout, stderr}:
                        stream.close()  # the command's own, see `quiet`
            said = [file.seek(0) or file.read() for file in (out, err)]
        if check:
            assert code == 0, said[1].decode()
        return subprocess.CompletedProcess(command, code, *said)

    return run


@pytest.fixture
def reexpose_process():
    """Run `reexpose` in a process of its own, for what only a process can show."""

    def run(*arguments, stdin=None, cwd=None):
        command = [sys.executable, "-m", "reexposure", *map(str, arguments)]
        return subprocess.run(command, input=stdin, capture_output=True, check=False, cwd=cwd)

    return run


@pytest.fixture(scope="session")
def page_modules():
    """The page's plain modules, see `javascript.Modules`."""
    modules = Modules()
    yield modules
    modules.close()


def write_scene(path: Path, seed: int, height_px: int = 96, width_px: int = 192) -> None:
    """An HDR file: a dim room under a gradient of light, with a few lamps of 10 to 1000 times its level."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:height_px, :width_px]
    light = np.repeat((0.05 + 0.4 * (1 - row / height_px))[..., None], 3, -1)
    light *= rng.uniform(0.5, 1.5, 3)
    for _ in range(6):
        y, x, radius = rng.integers(height_px), rng.integers(width_px), rng.uniform(3, 12)
        light[(row - y) ** 2 + (column - x) ** 2 < radius**2] += 10 ** rng.uniform(1, 3)
    with_openimageio.write(
        path, (light * rng.uniform(0.9, 1.1, light.shape)).astype(np.float32), path.suffix, ColourSpace()
    )


@pytest.fixture(scope="session")
def scenes(tmp_path_factory) -> Path:
    """A folder of four small HDR panoramas, in both formats."""
    folder = tmp_path_factory.mktemp("scenes")
    for seed in range(4):
        write_scene(folder / f"scene{seed}{('.hdr', '.exr')[seed % 2]}", seed)
    return folder
