"""Several networks beside each other: what each makes of the same view, three stops darker.

python benchmarks/networks.py PANORAMA.hdr OUT.jpg NAME=NETWORK...

The view is the one of docs/failures.jpg, in which half of the pixels clip; networks are those of `reexpose export`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pictures import burnt_sky, sheet, taken
from PIL import Image

from reexposure.figures.closeup import brightness_change
from reexposure.reconstruction import network

EV, TILES_IN_A_ROW = -3.0, 5


def re_exposed(photo: Path, folder: str) -> Image.Image:
    """The photo at EV stops by another network, which a process of its own loads."""
    out = photo.with_name("out.png")
    command = [sys.executable, "-m", "reexposure", str(photo), "--ev", f"{EV:g}", "-o", str(out), "--overwrite"]
    subprocess.run(command, env=os.environ | {network.CHOICE: folder}, check=True, stdout=subprocess.DEVNULL)
    with Image.open(out) as picture:
        return picture.convert("RGB")


def main() -> None:
    scene = burnt_sky(Path(sys.argv[1]))
    photo = taken(scene, 0)
    tiles = {"Brightness change": Image.fromarray(brightness_change(photo, EV).pixels)}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "photo.png")
        photo.save(path)
        for name, folder in (argument.split("=", 1) for argument in sys.argv[3:]):
            tiles[name] = re_exposed(path, folder)
    tiles["Truth"] = Image.fromarray(taken(scene, EV).pixels)
    titles = list(tiles)
    parts = [titles[first : first + TILES_IN_A_ROW] for first in range(0, len(titles), TILES_IN_A_ROW)]
    rows = [sheet(tuple(part), [[tiles[title] for title in part]]) for part in parts]
    page = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)), "white")
    for number, row in enumerate(rows):
        page.paste(row, (0, number * rows[0].height))
    page.save(sys.argv[2], quality=88)


if __name__ == "__main__":
    main()
