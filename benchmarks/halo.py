"""Halos of highlights brought back, beside those of others on the same light.

python benchmarks/halo.py PHOTOS... [--edges 300]        (needs `pip install opencv-python-headless`)

For each photo, the strongest edges along the border of its clipped parts are looked at: 300 places where luminance
falls the most within 4 pixels of a picture of 1000. There, on each side, the mean close to the edge (3 to 8 pixels from
it) is compared with the mean further away (16 to 28). Where the light itself is no brighter close to the bright side
of the edge than further away, but the picture is, that is overshoot; on the dark side, the other way round. The sum of
both is the halo, as a share of the edge's height in the picture (luminance, encoded by a square root): mean over all
edges, and the 95th percentile. `white` is how much of the clipped parts is still white, and `midtones` by how many of
255 levels luminance between 0.2 and 0.6 encoded has moved on average.

`blurred base` is ours with a Gaussian in place of the guided filter, to see what the measure sees. `local Laplacian` is
the filter of Paris et al. 2011 in the fast form of Aubry et al. 2014 on log2 luminance (edges above half a stop to 0.4
of their height). Reinhard, Drago and Mertens are OpenCV's, as they come; Mertens joins exposures of our light at -4, -2
and 0 EV.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

import reexposure as rx
from reexposure.light import develop, resampling, surroundings
from reexposure.light.develop import Settings

LONG_PX, NEAR_PX, FAR_PX, STEP_PX = 1000, (3, 8), (16, 28), 4
WEIGHTS = (0.2126, 0.7152, 0.0722)
TONES = {"Reinhard": cv2.createTonemapReinhard(), "Drago": cv2.createTonemapDrago()}


def luminance(light: np.ndarray) -> np.ndarray:
    return light @ np.array(WEIGHTS, np.float32)


def shown(light: np.ndarray) -> np.ndarray:
    """Encoded luminance, 0 to 1, of light that a camera clips."""
    return np.sqrt(luminance(light.clip(0, 1)))


def ours(light: np.ndarray, highlights: int, blurred: bool = False) -> np.ndarray:
    own = surroundings.reduced_ev(light, WEIGHTS)
    small = surroundings.slope_and_offset(own)
    if blurred:
        sight = max(surroundings.LEAST_SIGHT_PX, surroundings.SIGHT * own.size**0.5)
        small = np.stack([np.zeros_like(own), cv2.GaussianBlur(own, (0, 0), sight)], axis=-1)
    full = resampling.Enlarged(small, *light.shape[:2]).cut(slice(0, len(light)), slice(0, light.shape[1]))
    return develop.developed(light, full, Settings(0, highlights, 0), WEIGHTS)


def local_laplacian(light: np.ndarray, sigma: float = 0.5, beta: float = 0.4, steps: int = 14) -> np.ndarray:
    own = surroundings.luminance_ev(light, WEIGHTS)
    levels = np.linspace(own.min(), own.max(), steps)
    count = int(np.log2(min(own.shape))) - 2
    gauss = [own]
    for _ in range(count):
        gauss.append(cv2.pyrDown(gauss[-1]))
    out = [np.zeros_like(one) for one in gauss]
    for level in levels:
        away = own - np.float32(level)
        flat = np.sign(away) * np.minimum(np.abs(away), sigma + beta * (np.abs(away) - sigma))
        pyramid = [np.float32(level) + np.where(np.abs(away) <= sigma, away, flat).astype(np.float32)]
        for _ in range(count):
            pyramid.append(cv2.pyrDown(pyramid[-1]))
        for n in range(count):
            band = pyramid[n] - cv2.pyrUp(pyramid[n + 1], dstsize=pyramid[n].shape[::-1])
            share = (1 - np.abs(gauss[n] - level) / (levels[1] - levels[0])).clip(0, 1)
            out[n] += share * band
    done = beta * (gauss[-1] - gauss[-1].max())
    for n in reversed(range(count)):
        done = cv2.pyrUp(done, dstsize=out[n].shape[::-1]) + out[n]
    done -= np.percentile(done, 99.5)
    return light * np.exp2(done - own)[..., None]


def by_opencv(light: np.ndarray, name: str) -> np.ndarray:
    """The picture of a tone mapping of OpenCV, as light."""
    if name != "Mertens":
        return np.nan_to_num(TONES[name].process(light)) ** 2
    exposures = [np.rint(255 * np.sqrt((light * 2.0**ev).clip(0, 1))).astype(np.uint8) for ev in (-4, -2, 0)]
    return cv2.createMergeMertens().process(exposures).clip(0, 1) ** 2


def methods(light: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "brightness change, -2 EV": light / 4,
        "highlights -50": ours(light, -50),
        "highlights -100": ours(light, -100),
        "-100, blurred base": ours(light, -100, blurred=True),
        "local Laplacian": local_laplacian(light),
        **{name: by_opencv(light, name) for name in (*TONES, "Mertens")},
    }


def edges(own_ev: np.ndarray, clipped: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The places (row, column) of the strongest edges, and the direction from dark to bright there."""
    smooth = cv2.GaussianBlur(own_ev, (0, 0), STEP_PX / 2)
    across = np.stack([cv2.Sobel(smooth, -1, 0, 1), cv2.Sobel(smooth, -1, 1, 0)], axis=-1)
    strength = np.hypot(across[..., 0], across[..., 1])
    border = cv2.morphologyEx(clipped.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((STEP_PX + 1, STEP_PX + 1)))
    strength *= border
    strength *= strength == cv2.dilate(strength, np.ones((5, 5)))  # one of neighbours
    edge = FAR_PX[1] + 1
    strength[:edge] = strength[-edge:] = strength[:, :edge] = strength[:, -edge:] = 0
    best = np.argsort(strength, axis=None)[::-1][:count]
    places = np.stack(np.unravel_index(best[strength.ravel()[best] > 0], strength.shape), -1)
    direction = across[places[:, 0], places[:, 1]]
    return places, direction / np.linalg.norm(direction, axis=-1, keepdims=True)


def sides(values: np.ndarray, places: np.ndarray, direction: np.ndarray) -> list[np.ndarray]:
    """Means on the bright side, close to the edge and further away, and on the dark side."""
    found = []
    for sign in (1, -1):
        for first, last in (NEAR_PX, FAR_PX):
            steps = sign * np.arange(first, last + 1)[:, None, None] * direction
            at = np.rint(places + steps).astype(int)
            found.append(values[at[..., 0], at[..., 1]].mean(0))
    return found


def halos(own_ev: np.ndarray, picture: np.ndarray, where: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The halo at each edge, as a share of its height."""
    bright, sky, dark, ground = sides(own_ev, *where)
    near_bright, far_bright, near_dark, far_dark = sides(picture, *where)
    over = np.where(bright <= sky, near_bright - far_bright, 0).clip(0, None)
    under = np.where(dark >= ground, far_dark - near_dark, 0).clip(0, None)
    height = far_bright - far_dark
    return (over + under)[height > 0.02] / height[height > 0.02]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--edges", type=int, default=300)
    arguments = parser.parse_args()
    found: dict[str, list[tuple[np.ndarray, float, float]]] = {}
    for path in arguments.photos:
        photo = rx.open(path)
        scale = LONG_PX / max(photo.pixels.shape[:2])
        size = tuple(round(side * scale) for side in photo.pixels.shape[1::-1])
        small = replace(photo, pixels=cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA))
        radiance = rx.reconstruct(small, detail=0)
        light, before = radiance.linear, shown(radiance.linear)
        clipped = (radiance.over > 0).any(-1)
        own_ev = surroundings.luminance_ev(light, WEIGHTS)
        where = edges(own_ev, clipped, arguments.edges)
        middle = (before > 0.2) & (light.max(-1) < 0.36)
        for name, made in methods(light).items():
            picture = shown(made)
            white = float((picture[clipped] > 0.99).mean())
            moved = 255 * float(np.abs(picture - before)[middle].mean())
            found.setdefault(name, []).append((halos(own_ev, picture, where), white, moved))
    print("| | halo, mean | 95 % below | white | midtones |\n|---|---|---|---|---|")
    for name, scores in found.items():
        halo = np.concatenate([one for one, _, _ in scores])
        white, moved = (np.mean([score[n] for score in scores]) for n in (1, 2))
        print(
            f"| {name} | {100 * halo.mean():.1f} % | {100 * np.quantile(halo, 0.95):.1f} % "
            f"| {100 * white:.0f} % | {moved:.0f} |"
        )


if __name__ == "__main__":
    main()
