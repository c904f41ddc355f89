"""How much texture reconstruction gives to burnt-out areas, as a share of what the truth has there.

REEXPOSURE_NETWORK=network python benchmarks/texture.py REPORT/cases

REPORT is the folder of `reexpose evaluate`. Texture is the mean gradient of the re-exposed pictures where all
channels clipped, three pixels from the edge of such an area, over the cases in which 10 and 25 % of the pixels clip.
An error in stops is smallest for fog; at equal error more texture is better.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import binary_erosion

import reexposure as rx
from reexposure.evaluation.realism import gradient_sum

EVS, MIN_PX = (-1, -2, -3), 300


def main() -> None:
    found: dict[int, list[tuple[float, float]]] = {ev: [] for ev in EVS}
    for path in sorted(Path(sys.argv[1]).glob("*_clip[12][05]_*.jpg")):
        with Image.open(path) as picture:
            burnt = np.asarray(picture).min(-1) >= 250
        inside = binary_erosion(burnt, iterations=3)
        places = int(inside[:-1, :-1].sum())  # a gradient lacks the last row and column
        if places < MIN_PX:
            continue
        lights = rx.reconstruct(path, detail=0).linear, np.load(path.with_suffix(".npy")).astype(np.float32)
        for ev in EVS:
            ours, true = (gradient_sum(light, ev, 1, inside) / places for light in lights)
            found[ev].append((ours, true))
    for ev, pairs in found.items():
        ours, true = np.sum(pairs, axis=0)
        print(f"{ev:+d} EV: {ours / true:.2f} of the truth's texture, {len(pairs)} cases")


if __name__ == "__main__":
    main()
