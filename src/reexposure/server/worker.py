"""The worker process: reads jobs, one JSON line each, and writes reports the same way.

Everything that touches a photo's bytes happens here, see `workers`. It ends with its input, so
it cannot outlive the server.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from reexposure.errors import PhotoError, one_line
from reexposure.photo.photo import Photo
from reexposure.radiance import opening
from reexposure.radiance.radiance import RadianceMap
from reexposure.reconstruction import detail, looks, network
from reexposure.reconstruction.reconstruction import Reconstruction, ask
from reexposure.server import exports, view

NAME = "this photo"  # in errors: its name stays in the browser

Tell = Callable[[dict[str, Any]], None]


def open_photo(job: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Decode ``job["photo"]``, reconstruct it and write what the page shows beside it: faithful light."""
    path = Path(job["photo"])
    photo = _opened(path)
    photo = photo.photo if isinstance(photo, RadianceMap) else photo
    height, width = photo.pixels.shape[:2]
    tell({"stage": "decoded", "height_px": height, "width_px": width})
    found = _reconstruction(path)
    radiance, highlights = found.faithful, found.highlights
    draws = highlights is not None and highlights.network.has_detail
    scene = view.for_page(radiance)
    tell({"stage": "reconstructed"})
    step = view.step_of(height, width, job["max_side_px"])
    view.write(scene, path.parent, step)
    rows, columns = view.write_map(scene, path.parent)
    _opened.cache_clear()  # the radiance map holds it
    suggested = radiance.suggest()
    return {
        "height_px": height // step,
        "width_px": width // step,
        "step": step,
        "map": [rows, columns],
        "weights": scene.weights,
        "suggested": {name: getattr(suggested, name) for name in ("ev", "highlights", "shadows")},
        "highlights_share": radiance.highlights_share,
        "shadows_share": radiance.shadows_share,
        "drawn": list(looks.size(radiance.photo, detail.DRAW_PX)) if draws else None,
        "detail": detail.asked(None, 0, radiance.photo, highlights.network).amount if highlights else 0.0,
        "space": view.colours(scene.photo.colour_space),
        "curve": view.curve(scene.curve),
    }


def draw(job: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Write what ``job["seed"]`` draws over the light of ``job["photo"]`` to ``job["out"]``."""
    found = _reconstruction(Path(job["photo"]))
    drawn = found.highlights.drawn(job["seed"]) if found.highlights else None
    if drawn is None:  # nothing burnt
        drawn = np.zeros((*looks.size(found.faithful.photo, detail.DRAW_PX), 3), np.float32)
    view.write_drawn(drawn, Path(job["out"]))
    return {}


def save(job: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Write ``job["photo"]`` as ``job["wish"]`` says to ``job["out"]``."""

    def progress(share: float) -> None:
        tell({"stage": "saving", "share": share})

    wish = exports.wish_of(job["wish"])
    radiance = _reconstruction(Path(job["photo"])).detailed(wish.detail, wish.seed)
    exports.FORMATS[wish.format].write(radiance, wish, Path(job["out"]), progress)
    return {}


def describe(job: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """What ``job["photo"]`` is, and how much of it is lost."""
    radiance = _reconstruction(Path(job["photo"])).faithful
    height, width = radiance.photo.pixels.shape[:2]
    return {
        "width_px": width,
        "height_px": height,
        "highlights_share": radiance.highlights_share,
        "shadows_share": radiance.shadows_share,
        "brightest_ev": radiance.brightest_ev,
        "origin": radiance.origin,
    }


@functools.lru_cache(maxsize=1)
def _opened(path: Path) -> Photo | RadianceMap:
    """What the file holds: a photo, or radiance already (an OpenEXR file, say)."""
    return opening.open(path.read_bytes(), NAME)


@functools.lru_cache(maxsize=1)  # drawing and saving mostly follow looking
def _reconstruction(path: Path) -> Reconstruction:
    return ask(_opened(path))


JOBS = {"open": open_photo, "draw": draw, "save": save, "describe": describe}


def main() -> None:
    """Work until there is no more input."""
    # Reports have a channel of their own: whatever a library prints must not end up among them.
    reports = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def tell(report: dict[str, Any]) -> None:
        print(json.dumps(report), file=reports, flush=True)

    network.preload()
    for line in sys.stdin:
        job = json.loads(line)
        try:
            tell({**JOBS[job["do"]](job, tell), "stage": "done"})
        except PhotoError as error:
            said = one_line(error).replace(job.get("out", NAME), NAME)
            tell({"error": said, "status": 422, "again": False})
        except MemoryError:
            tell({"error": "not enough memory for this photo", "status": 422})
        except Exception as error:
            tell({"error": one_line(error), "status": 500})


if __name__ == "__main__":
    main()
