"""Cases of ordinary photographs: taken as the light of the scene, over-exposed, and photographed once more.

What the new photo lost is known to the pixel: clouds, skin, paper, walls. No lamps are among it.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from pathlib import Path

import numpy as np

from reexposure.arrays import Float32
from reexposure.errors import PhotoError, one_line
from reexposure.evaluation.cases import RESPONSES, Case, Settings, white_of, write
from reexposure.light.resampling import reduced
from reexposure.photo.photo import Photo
from reexposure.radiance import opening

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff")
CLIPPED_PERCENT = (5, 20, 45)
"""Shares of pixels that clip, one case each, as far as MOST_EV goes: whole surfaces burn."""

MOST_EV = 4.0
"""By how many stops a photo is over-exposed at most."""

BURNT_FROM, BURNT_SHARE = 253 / 255, 0.005
"""Photos of which more than this share is burnt themselves do not say what light there was."""

LEAST_SHARE = 0.01
"""Cases of which less clips have nothing to judge."""


def photos(folder: Path) -> list[Path]:
    """The photographs under ``folder``, in the order of their paths."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def cut(paths: list[Path], out: Path, settings: Settings) -> tuple[list[Case], list[str]]:
    """Three cases of each photo, written to ``out``, and, one line each, what was skipped and why."""
    out.mkdir(parents=True, exist_ok=True)
    cases, skipped, names = list[Case](), list[str](), Counter[str]()
    for number, path in enumerate(paths):
        try:
            light = _light(path, settings.photo_px)
        except (PhotoError, OSError, ValueError) as error:
            skipped.append(one_line(error))
            continue
        scene = re.sub(r"[^\w-]+", "_", path.stem)
        names[scene] += 1
        scene += f"-{names[scene]}" if names[scene] > 1 else ""
        for level, percent in enumerate(CLIPPED_PERCENT):
            over = light / np.float32(max(white_of(light, percent), 2.0**-MOST_EV))
            if (over.max(-1) >= 1).mean() < LEAST_SHARE:
                skipped.append(f"{path}: too dark for {percent} % of the pixels to clip")
                continue
            response = list(RESPONSES)[(number + level) % len(RESPONSES)]
            name = f"{scene}_photo{percent:02d}_{response}"
            cases.append(Case(name, scene, "photos", percent, response, out / f"{name}.jpg"))
            write(cases[-1], over, np.random.default_rng(zlib.crc32(name.encode())))
    return cases, skipped


def _light(path: Path, long_px: int) -> Float32[np.ndarray, "h w 3"]:
    """The light of a photo, its longer side at most ``long_px``. Raises ValueError where too much of it is burnt."""
    photo = opening.open(path)
    if not isinstance(photo, Photo):
        raise ValueError(f"{path}: holds light, no photograph")
    height, width = photo.pixels.shape[:2]
    shrink = min(1.0, long_px / max(height, width))
    rows, columns = (max(1, round(size * shrink)) for size in (height, width))
    encoded = reduced(photo.pixels, rows, columns) / np.float32(photo.levels)
    burnt = float((encoded.max(-1) >= BURNT_FROM).mean())
    if burnt > BURNT_SHARE:
        raise ValueError(f"{path}: {100 * burnt:.1f} % of it is burnt already")
    return photo.colour_space.response.decode(encoded).astype(np.float32)
