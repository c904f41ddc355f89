"""The same photographs by several networks: whole, where their highlights are mid grey, and at 100 % four stops darker.

python benchmarks/before_after.py OUT PHOTO... --networks NAME=FOLDER...

One sheet of each photo, OUT/PHOTO.jpg, a row for each network (NAME= alone: the released one). To compare two of them
without knowing which is which: `blind.py`.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image
from signs import choose

BURNT_FROM, CLOSE_PX, WHOLE_PX, DARK_EV = 250, 360, 480, -4.0
GREY = 0.18
PAPER = (60, 60, 60)
"""What lies around pictures: dark, as they are."""


def burnt_window(pixels: np.ndarray) -> tuple[int, int]:
    """Upper left corner of the square of CLOSE_PX in which most of a burnt part's border lies."""
    burnt = (pixels.min(-1) >= BURNT_FROM).astype(np.float32)
    edge = np.abs(np.diff(burnt, axis=0, append=0)) + np.abs(np.diff(burnt, axis=1, append=0)) + burnt / 8
    summed = np.pad(edge.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    height, width = (min(CLOSE_PX, side) for side in burnt.shape)
    inside = summed[height:, width:] - summed[:-height, width:] - summed[height:, :-width] + summed[:-height, :-width]
    top, left = np.unravel_index(inside.argmax(), inside.shape)
    return int(top), int(left)


def re_exposed(path: Path, ev: float | None) -> tuple[float, np.ndarray, list[Image.Image]]:
    """The photo's pixels, and it at ``ev`` (None: where the burnt part is mid grey) and at DARK_EV; which ev it was."""
    import reexposure as rx

    photo = rx.open(path)
    radiance = rx.reconstruct(photo)
    burnt = photo.pixels.min(-1) >= BURNT_FROM
    if ev is None:
        light = np.median(radiance.linear[burnt].mean(-1)) if burnt.any() else 1.0
        ev = float(np.clip(np.log2(GREY / light), -8, -1))
    return ev, photo.pixels, [Image.fromarray(radiance.expose(stops).pixels) for stops in (ev, DARK_EV)]


def pictures(path: Path, ev: float | None) -> tuple[float, list[Image.Image]]:
    """Whole at ``ev`` (None: where the burnt part is mid grey), and at 100 % there and at DARK_EV; which ev it was."""
    ev, pixels, shown = re_exposed(path, ev)
    top, left = burnt_window(pixels)
    box = (left, top, left + CLOSE_PX, top + CLOSE_PX)
    close = [picture.crop(box) for picture in shown]
    shown[0].thumbnail((WHOLE_PX, CLOSE_PX), Image.Resampling.LANCZOS)
    return ev, [shown[0], *close]


Made = dict[str, list[Image.Image]]
"""The pictures of one photo, by the name of the network."""


def by_networks(photos: Sequence[Path], networks: Sequence[str]) -> Iterator[tuple[Path, float, Made]]:
    """Each photo's `pictures` by networks NAME=FOLDER, all at the exposure of the first of them, and that exposure."""
    evs: dict[Path, float] = {}
    made: dict[Path, Made] = {path: {} for path in photos}
    for name, folder in (one.split("=", 1) for one in networks):
        with ProcessPoolExecutor(1, get_context("spawn"), choose, (folder,)) as pool:
            for path in photos:
                evs[path], made[path][name] = pool.submit(pictures, path, evs.get(path)).result()
    for path in photos:
        yield path, evs[path], made[path]


def sheet(rows: Sequence[list[Image.Image]]) -> Image.Image:
    """`pictures` in rows."""
    page = Image.new("RGB", (WHOLE_PX + 2 * CLOSE_PX, CLOSE_PX * len(rows)), PAPER)
    for number, tiles in enumerate(rows):
        for tile, left in zip(tiles, (0, WHOLE_PX, WHOLE_PX + CLOSE_PX), strict=True):
            page.paste(tile, (left, number * CLOSE_PX))
    return page


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--networks", nargs="+", required=True, metavar="NAME=FOLDER")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path, ev, made in by_networks(arguments.photos, arguments.networks):
        sheet(list(made.values())).save(arguments.out / f"{path.stem}.jpg", quality=90)
        print(f"{path.stem} at {ev:+.1f} and {DARK_EV:g} EV: {', '.join(made)}, from above")


if __name__ == "__main__":
    main()
