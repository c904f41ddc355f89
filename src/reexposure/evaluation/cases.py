"""Cases: 8-bit photos of HDR scenes, with the light that each photo lost.

A case is two files: NAME.jpg, the photo that a method gets, and NAME.npy, the truth: half-float
(h, w, 3) linear light in which 1.0 is the level at which that photo clipped.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from reexposure import scenes
from reexposure.arrays import Float32
from reexposure.errors import one_line
from reexposure.light import camera
from reexposure.light.resampling import averaged
from reexposure.radiance import with_openimageio

CLIPPED_PERCENT = (3, 10, 25)
"""Shares of pixels that clip, one case each."""

RESPONSES: dict[str, camera.Response] = camera.RESPONSES | {"camera": camera.SigmoidResponse()}
"""The curves of the cameras, taken in turn: square root, sRGB, and the mean of real cameras."""

DARK_EV = 3.0
"""How many stops too dark the photos of the shadow cases are."""

NOISE_LEVELS = 0.8
"""Standard deviation of the noise added to encoded values, in 8-bit levels."""

BRIGHTEST = 4096.0
"""Truth above this, twelve stops over the clip level, is limited to it: it is a sun, whatever its value."""

JPEG_QUALITY = 92
SEED = 20261124


Kind = Literal["highlights", "photos", "shadows"]
"""Scenes of which highlights were lost, photographs of which they were, and scenes of which shadows were."""


@dataclass(frozen=True)
class Settings:
    """What is cut out of each scene: perspective views of panoramas, other pictures whole."""

    views: int = 3
    view_px: tuple[int, int] = (288, 384)
    fov_degrees: float = 85.0
    longest_px: int = 900
    shortest_px: int = 200
    photo_px: int = 512


@dataclass(frozen=True)
class Case:
    """One photo and its truth; ``kind`` says what was lost, ``response`` names the curve of RESPONSES."""

    name: str
    scene: str
    kind: Kind
    clipped_percent: int
    response: str
    photo_path: Path

    def truth(self) -> Float32[np.ndarray, "h w 3"]:
        """The linear light; 1.0 is where the photo clipped."""
        return np.load(self.photo_path.with_suffix(".npy")).astype(np.float32)

    def noiseless(self) -> Float32[np.ndarray, "h w 3"]:
        """The light that the photo would hold without noise, rounding and JPEG: the truth in the photo's own tone."""
        return camera.RESPONSES["sqrt"].decode(camera.photograph(self.truth(), response=RESPONSES[self.response]))

    @property
    def evs(self) -> tuple[float, ...]:
        """The exposures at which the case is judged: darker for highlights, brighter for shadows."""
        return (DARK_EV,) if self.kind == "shadows" else (-1.0, -2.0, -3.0, -4.0)


def cut(folder: Path, out: Path, settings: Settings) -> tuple[list[Case], list[str]]:
    """Cut all cases of the .hdr and .exr files under ``folder`` into ``out``.

    Returns the cases and, one line each, what was skipped and why. The same files give the same
    cases: panoramas in order of their names, then other pictures; directions and noise come out of
    one sequence of random numbers. Raises ValueError if there is no HDR file.
    """
    files = with_openimageio.scenes(folder)
    if not files:
        raise ValueError(f"{folder}: no .hdr or .exr files")
    out.mkdir(parents=True, exist_ok=True)
    rng, skipped, cases = np.random.default_rng(SEED), list[str](), list[Case]()
    for number, (scene, view) in enumerate(_views(files, settings, rng, skipped)):
        responses = [list(RESPONSES)[(number + level) % len(RESPONSES)] for level in range(len(CLIPPED_PERCENT))]
        for percent, response in zip(CLIPPED_PERCENT, responses, strict=True):
            white = white_of(view, percent)
            if white <= 1e-7 or view.max() < 1.3 * white:
                skipped.append(f"{scene}: nothing to clip at {percent} % of the pixels")
                continue
            name = f"{scene}_clip{percent:02d}_{response}"
            cases.append(Case(name, scene, "highlights", percent, response, out / f"{name}.jpg"))
            write(cases[-1], view / white, rng)
        white = white_of(view, CLIPPED_PERCENT[0]) * np.float32(2**DARK_EV)
        if white > 1e-7:
            name = f"{scene}_dark{DARK_EV:g}_{responses[0]}"
            cases.append(Case(name, scene, "shadows", 0, responses[0], out / f"{name}.jpg"))
            # Noise of its own: whether shadows are judged must not change the other cases.
            write(cases[-1], view / white, np.random.default_rng([SEED, zlib.crc32(name.encode())]))
    return cases, skipped


def _views(
    files: list[Path], settings: Settings, rng: np.random.Generator, skipped: list[str]
) -> Iterator[tuple[str, Float32[np.ndarray, "h w 3"]]]:
    """Views by name: of panoramas first, whose directions are all drawn before any is looked at."""
    directions, others, names = dict[Path, list[scenes.Camera]](), list[Path](), Counter[str]()
    for path in files:
        try:
            height, width = with_openimageio.size(path)
        except OSError as error:
            skipped.append(one_line(error))
            continue
        if not scenes.is_panorama(height, width):
            others.append(path)
            continue
        directions[path] = [
            scenes.Camera(rng.uniform(-np.pi, np.pi), rng.normal(0, 0.2), 0.0, float(np.radians(settings.fov_degrees)))
            for _ in range(settings.views)
        ]
    for path in [*directions, *others]:
        try:
            light = np.nan_to_num(with_openimageio.read(path), nan=0, posinf=6e4).clip(0, 6e4)
        except OSError as error:
            skipped.append(one_line(error))
            continue
        scene = re.sub(r"[^\w-]+", "_", path.name.split(".")[0])
        names[scene] += 1
        scene += f"-{names[scene]}" if names[scene] > 1 else ""  # the same name in another folder
        if path in directions:
            for number, looking in enumerate(directions[path]):
                yield f"{scene}_v{number}", scenes.perspective(light, looking, *settings.view_px)
        elif min(light.shape[:2]) < settings.shortest_px:
            skipped.append(f"{path}: smaller than {settings.shortest_px} pixels")
        else:
            # By the whole number that brings its longest side nearest to what is wanted.
            yield scene, averaged(light, max(1, round(max(light.shape[:2]) / settings.longest_px)))


def white_of(view: Float32[np.ndarray, "h w 3"], percent: int) -> np.float32:
    """The light that ``percent`` of the pixels exceed in some channel."""
    return np.float32(np.percentile(view.max(-1), 100 - percent))


def write(case: Case, light: Float32[np.ndarray, "h w 3"], rng: np.random.Generator) -> None:
    """Photograph ``light``, in which 1.0 is where the photo clips, and write both files of the case."""
    encoded = camera.photograph(light, response=RESPONSES[case.response])
    noisy = encoded * 255 + rng.normal(0, NOISE_LEVELS, light.shape) + 0.5
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(case.photo_path, quality=JPEG_QUALITY)
    np.save(case.photo_path.with_suffix(".npy"), light.clip(0, BRIGHTEST).astype(np.float16))
