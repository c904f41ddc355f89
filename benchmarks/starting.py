"""How long it takes until the first line of ours runs, beside Python's own start.

usage: starting.py

CPU time of the whole process, the least of several runs. Ratios travel between machines, seconds do not.
"""

import json
import resource
import subprocess
import sys

RUNS = 10
STARTS = {
    "python": ["-c", ""],
    "import reexposure": ["-c", "import reexposure"],
    "reexpose --version": ["-m", "reexposure", "--version"],
    "reexpose --help": ["-m", "reexposure", "--help"],
    "import numpy": ["-c", "import numpy"],
    "reexposure.open": ["-c", "import reexposure; reexposure.open"],
}


def cpu_s(arguments: list[str]) -> float:
    """The least CPU time of ``python`` with ``arguments``, in seconds."""
    seconds = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds)


def main() -> None:
    """Print CPU seconds and how many times Python's own start they are."""
    taken = {name: cpu_s(arguments) for name, arguments in STARTS.items()}
    table = {name: {"s": round(s, 3), "ratio": round(s / taken["python"], 1)} for name, s in taken.items()}
    print(json.dumps(table, indent=1))


main()
