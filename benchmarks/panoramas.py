"""Panoramas of the whole sphere: what tears at their border, and how much of the light of lamps and suns comes back.

python benchmarks/panoramas.py HDR_FOLDER [--turns 8]

Each panorama (2:1, .hdr or .exr) is photographed so that 5 % of its pixels clip, turned by so many yaws in turn, and
reconstructed as an ordinary picture and as a panorama. Jumps are means, in stops of luminance, between neighbours in a
row that have clipped in all channels: across the wrap, and at the same places of the scene when the wrap is elsewhere.
Light is that of the clipped pixels, each weighted by its solid angle: of the photo and of its reconstruction, in
percent of the scene's; of all of them, and of those more than 6 stops over white (suns and lamps).
"""

import argparse
from pathlib import Path

import numpy as np

import reexposure as rx
from reexposure.light import camera
from reexposure.photo.photo import Photo

CLIPPED_PERCENT, SUN_EV = 5, 6
WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)
COLUMNS = ("wrap, as a picture", "wrap", "same places, inside", "photo's light", "ours", "suns: photo's", "suns: ours")


def photographed(light: np.ndarray) -> Photo:
    """The photo, of 8 bits, of light in units of its white."""
    return Photo(np.rint(camera.photograph(light) * 255).astype(np.uint8))


def jumps(light: np.ndarray, turns: int) -> list[float | None]:
    """The mean jump across the wrap as a picture and as a panorama, and at the same places inside a panorama."""
    width = light.shape[1]
    shifts = [turn * width // turns for turn in range(turns)]
    stops: dict[bool, list[np.ndarray]] = {False: [], True: []}
    for shift in shifts:
        photo = photographed(np.roll(light, shift, axis=1))
        for panorama, found in stops.items():
            linear = rx.reconstruct(photo, panorama=panorama, detail=0).linear
            found.append(np.roll(np.log2(linear @ WEIGHTS + 1e-6), -shift, axis=1))
    clipped = (photographed(light).pixels >= 251).all(-1)

    def across(found: np.ndarray, column: int) -> np.ndarray:
        both = clipped[:, column] & clipped[:, column - 1]
        return np.abs(found[:, column] - found[:, column - 1])[both]

    columns = [-shift % width for shift in shifts]
    torn, wrap = ([across(one, c) for one, c in zip(stops[kind], columns, strict=True)] for kind in (False, True))
    inside = [across(one, c) for n, one in enumerate(stops[True]) for m, c in enumerate(columns) if m != n]
    means = [np.concatenate(one) for one in (torn, wrap, inside)]
    return [float(one.mean()) if one.size else None for one in means]


def shares(light: np.ndarray) -> list[float | None]:
    """The light of the photo and of its reconstruction, as shares of the scene's: where it clipped, and of suns."""
    height, photo = len(light), photographed(light)
    solid = np.cos((np.arange(height) + 0.5) / height * np.pi - np.pi / 2)[:, None]
    linear = rx.reconstruct(photo, panorama=True).linear
    truth, seen, ours = (one @ WEIGHTS * solid for one in (light, (photo.pixels / np.float32(255)) ** 2, linear))
    found: list[float | None] = []
    for where in ((photo.pixels > 240).any(-1), light.max(-1) > 2**SUN_EV):
        found += [float(one[where].sum() / truth[where].sum()) if where.any() else None for one in (seen, ours)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--turns", type=int, default=8)
    arguments = parser.parse_args()
    print(f"| scene | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}")
    for path in sorted(arguments.folder.iterdir()):
        light = rx.RadianceMap.load(path).linear
        if light.shape[1] != 2 * light.shape[0]:
            continue
        light = light / np.percentile(light.max(-1), 100 - CLIPPED_PERCENT)
        told = ["" if one is None else f"{one:.2f}" for one in jumps(light, arguments.turns)]
        told += ["" if one is None else f"{100 * one:.1f} %" for one in shares(light)]
        print(f"| {path.stem} | {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    main()
