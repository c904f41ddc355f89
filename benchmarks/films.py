"""The two films of docs/how.md: a burnt-out subject through the stops, and a street lamp as the picture darkens.

    python benchmarks/films.py PHOTOS docs

PHOTOS is a folder with two photos by these names: hagia_sophia_windows.jpg is media/OSX_WorldHist_A01_02_Hagia4.jpg of
github.com/openstax/osbooks-world-history (by Karelj, public domain), street_lamp_tower_night.jpg is 5/DSC07996.JPG of
github.com/PDDatabase/PDImages (CC0).
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageOps

from reexposure.films.sweep import sweep
from reexposure.radiance import opening

MAX_BYTES = 2_000_000
FILMS = {
    "burnt.mp4": ("hagia_sophia_windows.jpg", (0, 0, 1, 1), -5.0, 2.0),
    "lamps.mp4": ("street_lamp_tower_night.jpg", (0, 0.3, 1, 0.9), -8.0, 2.0),
}
"""Each film's photo, the part that is shown (left, top, right, bottom), and the exposures it goes to, in stops."""


def main(photos: Path, docs: Path) -> None:
    for name, (photo, part, first_ev, last_ev) in FILMS.items():
        with Image.open(photos / photo) as stored:
            picture = ImageOps.exif_transpose(stored)
            width, height = picture.size
            left, top, right, bottom = part
            shown = picture.crop(
                (round(left * width), round(top * height), round(right * width), round(bottom * height))
            )
            shown.thumbnail((2000, 2000))
        path = docs / name
        sweep(
            opening.open(shown), path, first_ev=first_ev, last_ev=last_ev, seconds=8, fps=24, size_px=800,
            watch=lambda frames, count, title: frames,
        )  # fmt: skip
        size = path.stat().st_size
        print(f"{path}: {size / 1e6:.2f} MB")
        if size > MAX_BYTES:
            raise SystemExit(f"{path}: more than {MAX_BYTES / 1e6:g} MB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
