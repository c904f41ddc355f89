"""Damaged, odd and hostile files on the command line: they work, or end in one line; never a traceback or a crash.

They are made here. A folder of others, such as the pictures that libraries are tested with, can be judged beside them:
the variable BAD_FILES names it.
"""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_limits import LARGE

PIXELS = np.random.default_rng(0).integers(0, 256, (24, 36, 3), np.uint8)


def saved(format, picture=None, **options):
    buffer = io.BytesIO()
    (picture or Image.fromarray(PIXELS)).save(buffer, format, **options)
    return buffer.getvalue()


JPEG, PNG = saved("JPEG"), saved("PNG")


def with_flipped_bits(data, seed):
    """Three bits of the picture itself are wrong."""
    rng, damaged = np.random.default_rng(seed), bytearray(data)
    for at in rng.integers(len(data) // 2, len(data), 3):
        damaged[at] ^= 1 << int(rng.integers(8))
    return bytes(damaged)


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("photo.jpg", JPEG)
    return buffer.getvalue()


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved("JPEG", exif=exif)


def frames():
    return [Image.new("RGB", (9, 7), colour) for colour in ("red", "blue")]


GOOD = {
    "one pixel.jpg": saved("JPEG", Image.new("RGB", (1, 1), "grey")),
    "odd sides.jpg": saved("JPEG", Image.fromarray(PIXELS[:7, :3])),
    "all white.jpg": saved("JPEG", Image.new("RGB", (40, 30), "white")),
    "all black.png": saved("PNG", Image.new("RGB", (40, 30))),
    "progressive.jpg": saved("JPEG", progressive=True),
    "grey.jpg": saved("JPEG", Image.fromarray(PIXELS).convert("L")),
    "cmyk.jpg": saved("JPEG", Image.fromarray(PIXELS).convert("CMYK")),
    "palette.png": saved("PNG", Image.fromarray(PIXELS).convert("P"), transparency=3),
    "one bit.png": saved("PNG", Image.fromarray(PIXELS).convert("1")),
    "animated.webp": saved("WEBP", frames()[0], save_all=True, append_images=frames()[1:]),
    "really a jpeg.png": JPEG,
    "exif of nonsense.jpg": saved("JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(range(200))),
    "profile of nonsense.jpg": saved("JPEG", icc_profile=bytes(range(256)) * 3),
    **{f"turned {orientation}.jpg": turned(orientation) for orientation in range(2, 9)},
}
EITHER = {
    **{f"flipped bits {seed}.jpg": with_flipped_bits(JPEG, seed) for seed in range(12)},
    **{f"flipped bits {seed}.png": with_flipped_bits(PNG, seed) for seed in range(12)},
}
BAD = {
    "empty.jpg": b"",
    "one byte.jpg": b"\xff",
    "start only.jpg": b"\xff\xd8",
    "text.jpg": b"this is no picture\n",
    "page.jpg": b"<!DOCTYPE html><title>404</title>",
    "archive.jpg": zipped(),
    "a tenth.jpg": JPEG[: len(JPEG) // 10],
    "nine tenths.jpg": JPEG[: len(JPEG) * 9 // 10],
    "half.png": PNG[: len(PNG) // 2],
    "no head.hdr": b"-Y 4 +X 4\n" + bytes(64),
    "no size.hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 0 +X 0\n",
    "nonsense.exr": b"\x76\x2f\x31\x01" + bytes(range(200)),
    **{f"large, {name}": data for name, data in LARGE.items()},
}
RUN = """
import sys, time
from reexposure.cli import main
for line in sys.stdin:
    name, out = line.rstrip("\\n").split("\\t")
    print("BEGIN", name, file=sys.stderr, flush=True)
    start = time.process_time()
    code = main([name, "--ev", "-1", "-o", out])
    print("END", code, time.process_time() - start, file=sys.stderr, flush=True)
# Not ru_maxrss, which a process takes over from the one that started it.
peak_kb = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("PEAK", peak_kb)
"""


def judged(paths, folder):
    """Each path's exit code and what was said of it; and the memory of it all, in MB, in one process.

    One is quick, and a crash would end it.
    """
    given = "".join(f"{path}\t{folder / f'{n}.png'}\n" for n, path in enumerate(paths))
    done = subprocess.run([sys.executable, "-c", RUN], input=given, capture_output=True, text=True, check=True)
    found = {}
    for run in done.stderr.split("BEGIN ")[1:]:
        path, *said, end = run.splitlines()
        _, code, seconds = end.split()
        assert float(seconds) < 5, path  # of the processor: what else the machine does says nothing of a file
        found[path] = int(code), said
    assert list(found) == [str(path) for path in paths]
    return found, int(done.stdout.rsplit("PEAK ", 1)[1]) / 1024


def check(path, code, said):
    """What works is at most noted, what does not is one line that names the file."""
    if code == 0:
        assert all(line.startswith(f"{path}: ") for line in said), (path, said)
    else:
        assert (code, len(said)) == (1, 1), (path, code, said)
        assert said[0].startswith(f"reexpose: {path}: "), (path, said)


def test_every_bad_file_works_or_is_named_in_one_line(tmp_path):
    paths, out = [], tmp_path / "out"
    out.mkdir()
    for name, data in (GOOD | EITHER | BAD).items():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(data)
    found, peak_mb = judged(paths, out)
    for path, (code, said) in found.items():
        check(path, code, said)
        name = Path(path).name
        assert name in EITHER or (code == 0) == (name in GOOD), (path, code, said)
    assert len(list(out.iterdir())) == sum(code == 0 for code, _ in found.values())
    assert peak_mb < 500


@pytest.mark.heavy
@pytest.mark.skipif("BAD_FILES" not in os.environ, reason="BAD_FILES names no folder")
def test_files_of_others_work_or_are_named_in_one_line(tmp_path):
    found, peak_mb = judged(sorted(p for p in Path(os.environ["BAD_FILES"]).rglob("*") if p.is_file()), tmp_path)
    for path, (code, said) in found.items():
        check(path, code, said)
    assert peak_mb < 700
