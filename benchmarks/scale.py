"""What many photos cost on a cluster: measured here with one and two workers, and what that comes to on a thousand.

usage: scale.py [PHOTO]      (default: the example photo, 12 megapixels; needs the extra `cluster`)

The model: a photo takes CPU time to be read, made and written, which any worker can give, and some of the one process
that hands out the work, which no worker can. So w workers do min(w / photo, 1 / hand-out) photos a second, unless
storage ends before. What a cluster adds to a photo is fitted to runs over few and over more copies.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from reexposure.many.job import Job, make
from reexposure.many.places import place
from reexposure.reconstruction.reconstruction import reconstruct

FEW, MORE = 12, 60
TINY_FEW, TINY_MORE = 20, 220
ONE_RUN = """import sys, time; from reexposure.cli import main
code = main(sys.argv[1:]); print(time.process_time(), file=sys.stderr); sys.exit(code)"""
WORKERS, PHOTOS = 1_000, 100_000_000
BYTES_A_SECOND = 10e9
"""What storage is taken to give and to take: 10 GB/s in all."""


def job() -> Job:
    """A photo at -2 EV, as the command makes it, without notes."""

    def write(found, targets):
        radiance = reconstruct(found, detail=0)
        radiance.expose(-2).save(targets[0])
        return radiance

    return Job(lambda source: [(source.stem, ".jpg")], lambda _: "", write, (-2.0,))


def stages_s(photo: Path) -> tuple[dict[str, float], int]:
    """CPU seconds of each stage for one photo, the least of several, and the bytes of its result."""
    with tempfile.TemporaryDirectory() as folder:
        here, out = place(str(photo.parent.resolve())), Path(folder, "out.jpg")
        data = photo.read_bytes()
        work = {
            "read": lambda: here.read(f"{here.root}/{photo.name}"),
            "make": lambda: make(data, "photo", {0: out}, job()),
            "write": lambda: here.write(str(out.with_name("copy.jpg")), out.read_bytes()),
        }
        taken = {}
        for name, one in work.items():
            one()
            seconds = []
            for _ in range(3):
                start = time.process_time()
                one()
                seconds.append(time.process_time() - start)
            taken[name] = round(min(seconds), 4)
        return taken, out.stat().st_size


def run_s(photo: Path, count: int, workers: int) -> tuple[float, float]:
    """Wall seconds of the command over ``count`` copies on ``workers``, and CPU seconds of the one that hands out."""
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "photos")
        photos.mkdir()
        for number in range(count):
            shutil.copy(photo, photos / f"{number}{photo.suffix}")
        asked = ["--ev", "-2", "--detail", "0", "-o", f"{folder}/out"]
        command = [str(photos), *asked, "--cluster", "local", "--threads", str(workers)]
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", ONE_RUN, *command, "--quiet"],
            check=True, capture_output=True, text=True, start_new_session=True,
        )  # fmt: skip
        return time.perf_counter() - start, float(done.stderr.splitlines()[-1])


def main(photo: Path) -> None:
    """Print what was measured, and the plan."""
    stages, made_bytes = stages_s(photo)
    with tempfile.TemporaryDirectory() as folder:
        tiny = Path(folder, "tiny.jpg")
        Image.new("RGB", (64, 48), (90, 90, 90)).save(tiny)
        (_, few), (_, more) = run_s(tiny, TINY_FEW, 1), run_s(tiny, TINY_MORE, 1)
        hands_out = (more - few) / (TINY_MORE - TINY_FEW)
    measured = {}
    for workers in (1, 2):
        (few, _), (more, _) = run_s(photo, FEW, workers), run_s(photo, MORE, workers)
        measured[workers] = (more - few) / (MORE - FEW)
    cpu = sum(stages.values())
    a_second = min(WORKERS / cpu, 1 / hands_out)
    moved = photo.stat().st_size + made_bytes
    from_storage = BYTES_A_SECOND / moved
    table = {
        "photo": photo.name,
        "CPU s a photo": stages,
        "wall s a photo, 1 worker": round(measured[1], 2),
        "wall s a photo, 2 workers": round(measured[2], 2),
        "times as fast": round(measured[1] / measured[2], 2),
        "CPU s a photo of who hands out": round(hands_out, 4),
        f"{WORKERS} workers, {PHOTOS} photos": {
            "CPU hours": round(PHOTOS * cpu / 3600),
            "read and written, TB": round(PHOTOS * moved / 1e12),
            "workers could do, photos a second": round(WORKERS / cpu),
            "one run hands out, photos a second": round(1 / hands_out),
            "storage could do, photos a second": round(from_storage),
            "runs side by side": -(-round(min(WORKERS / cpu, from_storage)) // max(1, round(1 / hands_out))),
            "days, in one run": round(PHOTOS / a_second / 86400, 1),
            "days, in runs side by side": round(PHOTOS / min(WORKERS / cpu, from_storage) / 86400, 1),
        },
    }
    print(json.dumps(table, indent=1))


main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "examples" / "sunset.jpg")
