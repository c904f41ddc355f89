"""Signs without a truth: how bright networks make the burnt parts of real photographs.

python benchmarks/signs.py PHOTOS NAME=FOLDER... [--only NAME...]

Prints, for each photograph of the folder PHOTOS, the median and the 99th percentile of the light reconstructed over
burnt pixels (R, G and B >= 250), in multiples of the clip level, by each network (FOLDER: as `reexpose export` wrote
it; NAME= alone: the released one). Lamps, suns, candles and windows are to be as bright as the release makes them or
brighter; paper, plates, shirts, frost and snow at most 1.5 and 2.5.
"""

import argparse
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

BURNT_FROM, FEWEST_PX = 250, 50


def choose(folder: str) -> None:
    """Make this process use another network than the released one."""
    if folder:
        os.environ["REEXPOSURE_NETWORK"] = folder


def burnt_light(path: Path) -> tuple[float, float] | None:
    """Median and 99th percentile of the light over burnt pixels; None where hardly any pixel is burnt."""
    import reexposure as rx

    photo = rx.open(path)
    burnt = photo.pixels.min(-1) >= BURNT_FROM
    if burnt.sum() < FEWEST_PX:
        return None
    middle, top = np.percentile(rx.reconstruct(photo, detail=0).linear[burnt].mean(-1), (50, 99))
    return float(middle), float(top)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=Path)
    parser.add_argument("networks", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--only", nargs="+", help="names of photographs, without suffix")
    arguments = parser.parse_args()
    paths = [p for p in sorted(arguments.photos.glob("*.jpg")) if not arguments.only or p.stem in arguments.only]
    columns = {}
    for name, folder in (one.split("=", 1) for one in arguments.networks):
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, spawn, choose, (folder,)) as pool:
            columns[name] = list(pool.map(burnt_light, paths))
    print(f"| photo | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for number, path in enumerate(paths):
        row = [column[number] for column in columns.values()]
        if None not in row:
            print(f"| {path.stem} | {' | '.join(f'{middle:.2f}, {top:.1f}' for middle, top in row)} |")


if __name__ == "__main__":
    main()
