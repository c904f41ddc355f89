"""Speed and memory of the whole command, beside what a user would run instead.

python benchmarks/bench.py [--sizes 12,50] [--runs 5] [--peer NAME='COMMAND {photo} {out}']... [--store]

Photos of 0.3 to 100 megapixels are made of the example photo, a TIFF of 16 bits, too. CPU time (user and system) of
fresh processes, the least of several runs, is divided by that of a Python process in which Pillow decodes and encodes
the same JPEG; of 16 bits, in which OpenImageIO does; of OpenEXR, by that of OpenImageIO writing the same half floats.
Ratios travel between machines, seconds do not. They are compared with benchmarks/results.json, where --store puts
them: what takes 15 % more than there is said, and the exit code is 1. Light is faithful: how long detail takes depends
on how much of a photo burnt, and on where.
"""

import argparse
import compileall
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parent.parent / "examples" / "sunset.jpg"
RESULTS = Path(__file__).parent / "results.json"
SIZES = (0.3, 12, 24, 50, 100)
DEEP_MP = 12
SLOWER = 1.15
FAITHFUL = ("--detail", "0")
BASE_MIB, MIB_A_MEGAPIXEL = 200, 8
PILLOW = """
import io, sys
from PIL import Image
with Image.open(sys.argv[1]) as picture:
    picture.load()
    picture.save(io.BytesIO(), "JPEG", quality="keep")
"""
OPENIMAGEIO = """
import sys
import OpenImageIO as oiio
source = oiio.ImageInput.open(sys.argv[1])
pixels, spec = source.read_image(oiio.UINT16), source.spec()
target = oiio.ImageOutput.create(sys.argv[2])
target.open(sys.argv[2], spec)
target.write_image(pixels)
target.close()
"""
WRITE_HALF = """
import sys, time
import numpy as np
import OpenImageIO as oiio
light = np.load(sys.argv[1])
spec = oiio.ImageSpec(light.shape[1], light.shape[0], 3, oiio.HALF)
spec.attribute("compression", "zip")
start = time.process_time()
target = oiio.ImageOutput.create(sys.argv[2])
target.open(sys.argv[2], spec)
target.write_image(light)
target.close()
print(time.process_time() - start)
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: CPU and wall-clock seconds, the least of several runs, and MiB of memory at its peak."""

    cpu_s: float
    wall_s: float
    peak_mib: float


def cost(command: list[str], runs: int) -> Cost:
    """Run ``command`` several times."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"exit code {process.returncode}: {shlex.join(command)}")
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        taken.append(Cost(used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss / unit))
    return Cost(min(one.cpu_s for one in taken), min(one.wall_s for one in taken), max(one.peak_mib for one in taken))


def apart(work: Callable[..., Any], *given: object) -> Any:
    """``work`` in a process of its own: one that is measured would count the memory of who started it as its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def photo(megapixels: float, folder: Path) -> tuple[Path, float]:
    """The example photo at another size, compressed as it is, and the megapixels it has."""
    from PIL import Image

    with Image.open(EXAMPLE) as example:
        scale = (megapixels * 1e6 / (example.width * example.height)) ** 0.5
        size = round(example.width * scale), round(example.height * scale)
        path = folder / f"{megapixels:g}.jpg"
        whole = example.resize(size, Image.Resampling.LANCZOS)
        whole.save(path, qtables=example.quantization, subsampling="4:2:0")
    return path, size[0] * size[1] / 1e6


def deep(jpeg: Path) -> Path:
    """A photo as a TIFF of 16 bits."""
    import numpy as np
    from PIL import Image

    from reexposure.photo import tiff
    from reexposure.photo.metadata import Metadata

    with Image.open(jpeg) as picture:
        values = np.asarray(picture).astype(np.uint16) * 257
    path = jpeg.with_suffix(".tif")
    path.write_bytes(tiff.write(values, Metadata(), True))
    return path


def others(peers: list[str]) -> dict[str, list[str]]:
    """The commands of other programs, of which those that are installed make the plain brightness change of -2 EV."""
    found = {}
    if vips := shutil.which("vips"):
        found["libvips"] = [vips, "linear", "{photo}", "{out}", "0.5", "0", "--uchar"]
    if magick := shutil.which("magick") or shutil.which("convert"):
        found["ImageMagick"] = [magick, "{photo}", "-evaluate", "multiply", "0.5", "{out}"]
    for peer in peers:
        name, _, command = peer.partition("=")
        found[name] = shlex.split(command)
    return found


def exposed(
    source: Path, megapixels: float, plain: list[str], programs: dict[str, list[str]], runs: int
) -> dict[str, float]:
    """The costs of -2 EV of a photo, as ratios to the ``plain`` command; of memory, to what is allowed."""
    out = str(source.with_name(f"out{source.suffix}"))
    base = cost([*plain, str(source), out], runs)
    ours = cost(
        [sys.executable, "-m", "reexposure", str(source), "--ev", "-2", *FAITHFUL, "-o", out, "--overwrite"], runs
    )
    row = {
        "cpu": ours.cpu_s / base.cpu_s,
        "wall": ours.wall_s / base.wall_s,
        "memory": ours.peak_mib / (BASE_MIB + MIB_A_MEGAPIXEL * megapixels),
    }
    print(
        f"{megapixels:6.1f} MP {source.suffix}  CPU {ours.cpu_s:6.2f} s = {row['cpu']:5.1f} x {base.cpu_s:5.2f} s, "
        f"wall {row['wall']:5.1f} x, peak {ours.peak_mib:5.0f} MiB",
        end="",
        flush=True,
    )
    for name, command in programs.items():
        told = [word.replace("{photo}", str(source)).replace("{out}", out) for word in command]
        row[name] = cost(told, runs).cpu_s / base.cpu_s
        print(f", {name} {row[name]:.1f} x", end="", flush=True)
    print()
    return row


def half_floats(source: Path) -> Path:
    """The light of a photo, as OpenEXR is to hold it."""
    import numpy as np

    import reexposure as rx

    path = source.with_suffix(".npy")
    np.save(path, rx.reconstruct(source, "srgb", detail=0).linear.clip(None, 65504).astype(np.float16))
    return path


def radiance(source: Path, runs: int) -> dict[str, float]:
    """The cost of OpenEXR of a photo, beside that of writing its half floats alone."""
    light, out = apart(half_floats, source), str(source.with_suffix(".exr"))
    writing = [sys.executable, "-c", WRITE_HALF, str(light), out]
    plain_s = min(float(subprocess.run(writing, check=True, capture_output=True).stdout) for _ in range(runs))
    command = [sys.executable, "-m", "reexposure", "radiance", str(source), *FAITHFUL, "-o", out, "--overwrite"]
    ours = cost(command, runs)
    ratio = ours.cpu_s / plain_s
    print(
        f"{source.stem:>6} MP .exr  CPU {ours.cpu_s:6.2f} s = {ratio:5.1f} x {plain_s:5.2f} s, {ours.peak_mib:.0f} MiB"
    )
    return {"cpu": ratio}


def slower(results: dict[str, dict[str, float]], stored: dict[str, dict[str, float]]) -> list[str]:
    """What took more than it did: CPU time and memory of ours, where they are in both."""
    return [
        f"{row}: {name} {old:.2f} -> {new:.2f}"
        for row, costs in results.items()
        for name, new in costs.items()
        if name in ("cpu", "memory") and (old := stored.get(row, {}).get(name)) and new > SLOWER * old
    ]


def main() -> int:
    """Measure, print, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="megapixels of the photos")
    parser.add_argument("--runs", type=int, default=5, help="of which the least counts")
    parser.add_argument("--peer", action="append", default=[], help="another program: NAME='COMMAND {photo} {out}'")
    parser.add_argument("--store", action="store_true", help="keep the ratios in benchmarks/results.json")
    asked = parser.parse_args()
    programs, python = others(asked.peer), [sys.executable, "-c"]
    # As an installed command is, whatever PYTHONDONTWRITEBYTECODE says here.
    compileall.compile_dir(Path(__file__).parent.parent / "src", quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        sizes = [float(size) for size in asked.sizes.split(",")]
        results = {}
        for size in sizes:
            source, megapixels = apart(photo, size, Path(folder))
            results[f"{size:g} MP"] = exposed(source, megapixels, [*python, PILLOW], programs, asked.runs)
            if size == DEEP_MP:
                deeper = apart(deep, source)
                results["16 bits"] = exposed(deeper, megapixels, [*python, OPENIMAGEIO], programs, asked.runs)
                results["OpenEXR"] = radiance(source, asked.runs)
    stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    worse = slower(results, stored)
    for line in worse:
        print("slower:", line)
    if asked.store:
        rounded = {row: {name: round(value, 2) for name, value in costs.items()} for row, costs in results.items()}
        RESULTS.write_text(json.dumps(stored | rounded, indent=1) + "\n")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
