"""Several networks beside each other: what each makes of the same view, three stops darker.

python benchmarks/networks.py PANORAMA.hdr OUT.jpg NAME=NETWORK.onnx...

The view is the one of docs/failures.jpg, in which half of the pixels clip; networks are those of `reexpose export`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pictures import burnt_sky, sheet, taken
from PIL import Image

from reexposure import network
from reexposure.figures.closeup import brightness_change

EV = -3.0


def re_exposed(photo: Path, onnx: str) -> Image.Image:
    """The photo at EV stops by another network, which a process of its own loads."""
    out = photo.with_name("out.png")
    command = [sys.executable, "-m", "reexposure", str(photo), "--ev", f"{EV:g}", "-o", str(out)]
    subprocess.run(command, env=os.environ | {network.CHOICE: onnx}, check=True, stdout=subprocess.DEVNULL)
    with Image.open(out) as picture:
        return picture.convert("RGB")


def main() -> None:
    scene = burnt_sky(Path(sys.argv[1]))
    photo = taken(scene, 0)
    tiles = {"Brightness change": Image.fromarray(brightness_change(photo, EV).pixels)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "photo.png")
        photo.save(path)
        for name, onnx in (argument.split("=", 1) for argument in sys.argv[3:]):
            tiles[name] = re_exposed(path, onnx)
    tiles["Truth"] = Image.fromarray(taken(scene, EV).pixels)
    sheet(tuple(tiles), [list(tiles.values())]).save(sys.argv[2], quality=90)


if __name__ == "__main__":
    main()
