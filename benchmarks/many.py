"""What one more of many photos costs, beside Pillow's decode and encode of it in one process.

usage: many.py [PHOTO]      (default: the example photo, 12 megapixels)

The command runs over few and over more copies of the photo; the difference is what each costs once all is loaded.
Ratios travel between machines, seconds do not.
"""

import io
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

FEW, MORE = 4, 16


def cost_s(photo: Path, count: int) -> tuple[float, float]:
    """CPU and wall seconds of the command over ``count`` copies of ``photo``."""
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "photos")
        photos.mkdir()
        for number in range(count):
            shutil.copy(photo, photos / f"{number}{photo.suffix}")
        asked = ["--ev", "-2", "--detail", "0", "-o", f"{folder}/out", "--quiet"]
        command = [sys.executable, "-m", "reexposure", str(photos), *asked]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, end - start


def pillow_s(photo: Path) -> float:
    """CPU seconds that Pillow takes for a photo's decode and encode, the least of several."""

    def once() -> float:
        start = time.process_time()
        with Image.open(photo) as picture:
            picture.load()
            picture.save(io.BytesIO(), "JPEG", quality="keep")
        return time.process_time() - start

    return min(once() for _ in range(8))


def main(photo: Path) -> None:
    """Print seconds a photo, and how many times Pillow's they are."""
    plain = pillow_s(photo)
    (few_cpu, few_wall), (more_cpu, more_wall) = cost_s(photo, FEW), cost_s(photo, MORE)
    cpu, wall = (more_cpu - few_cpu) / (MORE - FEW), (more_wall - few_wall) / (MORE - FEW)
    table = {
        "photo": photo.name,
        "pillow decode + encode, CPU s": round(plain, 3),
        "each photo, CPU s": round(cpu, 3),
        "CPU ratio": round(cpu / plain, 1),
        "each photo, wall s": round(wall, 3),
        "wall ratio": round(wall / plain, 1),
        "start, CPU s": round(few_cpu - FEW * cpu, 2),
        "peak memory, MB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }
    print(json.dumps(table, indent=1))


main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "examples" / "sunset.jpg")
