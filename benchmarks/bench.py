"""Speed and memory of the whole command, beside Pillow's decode and encode of the same photo.

usage: bench.py [PHOTO]      (default: the example photo, 12 megapixels)

Ratios travel between machines, seconds do not.
"""

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

RUNS = 5


def quickest(work) -> float:
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main(photo: Path) -> None:
    def decode_and_encode():
        with Image.open(photo) as picture:
            picture.load()
            picture.save(io.BytesIO(), "JPEG", quality="keep")

    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "reexposure",
            str(photo),
            "--ev",
            "-2",
            "-o",
            f"{folder}/out.jpg",
            "--overwrite",
        ]
        pillow_s = quickest(decode_and_encode)
        whole_s = quickest(lambda: subprocess.run(command, check=True, capture_output=True))
    with Image.open(photo) as picture:
        megapixels = picture.width * picture.height / 1e6
    print(
        json.dumps(
            {
                "photo": photo.name,
                "megapixels": round(megapixels, 1),
                "pillow decode + encode, s": round(pillow_s, 3),
                "reexpose, whole process, s": round(whole_s, 3),
                "ratio": round(whole_s / pillow_s, 1),
                "peak memory, MB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
            },
            indent=1,
        )
    )


main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "examples" / "sunset.jpg")
