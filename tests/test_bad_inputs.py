"""Damaged, odd and hostile files: they work, or end in one line; never a traceback, a crash or a hang."""

import csv
import resource
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "badinputs"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no collection of bad files beside the project")

RUN = """
import sys, time
from pathlib import Path
from reexposure.cli import main
for line in sys.stdin:
    name, out = line.rstrip("\\n").split("\\t")
    print("BEGIN", name, file=sys.stderr, flush=True)
    start = time.process_time()
    code = main([name, "--ev", "-1", "-o", out])
    print("END", code, time.process_time() - start, file=sys.stderr, flush=True)
# Not ru_maxrss, which a process takes over from the one that started it.
peak_kb = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("MEMORY", int(peak_kb) / 1024, file=sys.stderr)
"""


def rows():
    with (FOLDER / "manifest.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_bad_file_works_or_is_named_in_one_line(tmp_path):
    """All in one process, which is quick, and which a crash would end."""
    files = rows()
    given = "".join(f"{FOLDER / row['file']}\t{tmp_path / f'{n}.png'}\n" for n, row in enumerate(files))
    command = [sys.executable, "-c", RUN]
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=240, check=True)
    runs = done.stderr.split("BEGIN ")[1:]
    assert len(runs) == len(files)
    for row, run in zip(files, runs, strict=True):
        path, *lines = run.splitlines()
        told = [line for line in lines if not line.startswith(("END", "MEMORY"))]
        _, code, seconds = next(line for line in lines if line.startswith("END")).split()
        assert float(seconds) < 5, row
        if row["kind"] == "valid":
            assert code == "0", (row, told)
        elif row["kind"] == "bomb":
            assert code == "1", row
        if code == "0":
            assert all(line.startswith(f"{path}: ") for line in told), (row, told)
        else:
            assert code == "1", row
            assert len(told) == 1, (row, told)
            assert told[0].startswith(f"reexpose: {path}: "), (row, told)
    memory_mb = float(done.stderr.rsplit("MEMORY", 1)[1])
    assert memory_mb < 500


@pytest.mark.parametrize("name", ["bomb_50000x50000_1bit.png", "sof_65500x65500.jpg", "hdr_bad_size.hdr"])
def test_bombs_are_refused_in_little_memory(name, tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000));"
    code = f"{limit} from reexposure.cli import main; import sys; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, FOLDER / "made" / name, "--ev", "-1", "-o", tmp_path / "a.png"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(before, 300 * 1024)
    assert list(tmp_path.iterdir()) == []
