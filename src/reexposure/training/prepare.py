"""HDR files and photographs -> shards of views, or of whole pictures, one tar file a scene.

A shard holds ``KEY.npy`` members: half-float (view_px, view_px, 3) linear views. Of HDR files 95 % of the pixels lie
in [0, 1]; of photographs, whose shards lie in a folder for each kind, 1.0 is where they clipped. Beside a view may lie

* ``KEY.bounds.npy``, boolean: where its light is only a lower bound,
* ``KEY.guess.npy``, as the view: of a burnt photograph whose burnt part shines, what the released network makes of it,
* ``KEY.png``: the photo of a paired data set; its view is scaled so that 1.0 is where that photo clips.

Whole pictures are panoramas, of which 95 % of the pixels lie in [0, 1], and photographs with a short side of at most
WHOLE_PX pixels; bounds and guesses lie beside them as beside views.
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, UInt8
from PIL import Image

from reexposure import scenes
from reexposure.errors import one_line
from reexposure.light import camera, resampling
from reexposure.progress import track
from reexposure.radiance import with_openimageio
from reexposure.training import photographs, shards, views


@dataclass(frozen=True)
class Settings:
    """What is cut out of each scene."""

    view_px: int = 256
    views_per_panorama: int = 160
    views_per_image: int = 8
    whole: bool = False
    """Whether panoramas and photographs are kept whole instead."""
    validation_share: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class Scene:
    """One HDR file, with the photo that belongs to it where the data set is paired; or a photograph alone."""

    hdr: Path | None
    photo: Path | None = None

    @property
    def path(self) -> Path:
        """The file that its light comes from."""
        path = self.hdr or self.photo
        assert path is not None
        return path

    @property
    def name(self) -> str:
        return self.path.stem


def find_scenes(folder: Path) -> list[Scene]:
    """The .hdr, .exr and photo files under ``folder``, or the pairs of ``HDR_gt/`` and ``LDR_in/`` in it."""
    paired = (folder / "HDR_gt").is_dir() and (folder / "LDR_in").is_dir()
    files = with_openimageio.scenes(folder / "HDR_gt" if paired else folder)
    photos = photographs.found(folder / "LDR_in" if paired else folder)
    if not paired:
        return [*map(Scene, files), *(Scene(None, photo) for photo in photos)]
    by_name = {p.stem: p for p in photos}
    return [Scene(p, by_name[p.stem]) for p in files if p.stem in by_name]


def prepare(folder: Path, out: Path, settings: Settings, workers: int | None = None) -> Counter[str]:
    """Cut every scene under ``folder`` into views under ``out/train`` and ``out/val``.

    Scenes whose shard exists are skipped, so a run that was stopped goes on where it was. Returns
    counts: scenes, views, dropped (dead, constant or non-finite views), bad (unreadable files).
    Raises ValueError if there are no scenes, or if ``out`` was cut with other settings.
    """
    scenes = find_scenes(folder)
    if not scenes:
        raise ValueError(f"{folder}: no .hdr or .exr files and no photographs")
    out.mkdir(parents=True, exist_ok=True)
    record = out / "settings.json"
    what = {k: v for k, v in asdict(settings).items() if k != "validation_share"}
    if record.exists() and {"whole": False} | json.loads(record.read_text()) != what:
        raise ValueError(f"{out}: holds views cut with other settings ({record.name}); choose another folder")
    record.write_text(json.dumps(what))

    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        jobs = {}
        for scene in scenes:
            split = out / _split(scene.name, settings)
            if any((split / kind / f"{scene.name}.tar").exists() for kind in ("", "photo", "burnt", "lamps")):
                counts["done before"] += 1
            else:
                jobs[pool.submit(_cut, scene, split, settings)] = scene
        for job in track(as_completed(jobs), len(jobs), "preparing"):
            try:
                counts += job.result()
            except (OSError, ValueError) as error:
                counts["bad"] += 1
                path = jobs[job].path
                print(f"skipped {path}: {one_line(error).removeprefix(f'{path}: ')}", file=sys.stderr)
    return counts


def _split(scene: str, settings: Settings) -> str:
    """Which side a scene is on: by a hash of its name, so that more files never move it."""
    return "val" if zlib.crc32(scene.encode()) / 2**32 < settings.validation_share else "train"


def _cut(scene: Scene, split: Path, settings: Settings) -> Counter[str]:
    rng = np.random.default_rng([settings.seed, zlib.crc32(scene.name.encode())])
    kind, cuts = _cuts(scene, rng, settings)
    shard = split / kind / f"{scene.name}.tar"
    shard.parent.mkdir(parents=True, exist_ok=True)
    part, counts = shard.with_suffix(".part"), Counter(scenes=1)
    with tarfile.open(part, "w") as tar:
        for number, members in enumerate(cuts):
            counts["views" if members else "dropped"] += 1
            for suffix, array in members.items():
                shards.add(tar, f"{scene.name}_{number:04d}{suffix}", array)
    if counts["views"]:
        part.rename(shard)
    else:
        part.unlink()
    return counts


TRIES = 8
"""Views of burnt photographs are drawn up to so often, until something in them is burnt."""

Members = dict[str, np.ndarray]
"""What a shard holds of one view, by suffix; nothing of a view that teaches nothing."""


def _cuts(scene: Scene, rng: np.random.Generator, settings: Settings) -> tuple[str, Iterator[Members]]:
    """The folder that the scene's shard belongs to, and its views."""
    if settings.whole:
        return _whole(scene)
    if scene.hdr is None:
        light = photographs.light_of(scene.path)
        return light.kind, (_photograph_view(light, rng, settings) for _ in range(settings.views_per_image))
    hdr = _hdr(scene.hdr)
    if scene.photo is not None:
        photo = np.asarray(Image.open(scene.photo).convert("RGB"))
        if photo.shape != hdr.shape:
            raise ValueError(f"{scene.photo} has another size")
        return "", (_paired_crop(hdr, photo, rng, settings.view_px) for _ in range(settings.views_per_image))
    if scenes.is_panorama(*hdr.shape[:2]):
        flat = _flat_maximum(hdr)
        return "", (_panorama_view(hdr, flat, rng, settings) for _ in range(settings.views_per_panorama))
    crops = (views.random_crop(hdr, rng, settings.view_px) for _ in range(settings.views_per_image))
    return "", (_members(views.normalised(crop)) for crop in crops)


WHOLE_PX = 448
"""The short side of photographs that are kept whole, in pixels, if they have more."""


def _whole(scene: Scene) -> tuple[str, Iterator[Members]]:
    """The folder that the scene's shard belongs to, and the whole picture."""
    if scene.hdr is None:
        light = photographs.light_of(scene.path)
        whole = _photograph_layers(light)
        times = min(1.0, WHOLE_PX / min(whole.shape[:2]))
        small = resampling.reduced(whole, *(round(side * times) for side in whole.shape[:2]))
        return light.kind, iter([_photograph_members(small)])
    pano = _hdr(scene.hdr)
    if scene.photo is not None or not scenes.is_panorama(*pano.shape[:2]):
        raise ValueError(f"{scene.hdr}: no panorama; HDR files that are kept whole are 2:1")
    return "", iter([_members(views.normalised(pano), _flat_maximum(pano) > 0)])


def _hdr(path: Path) -> Float32[np.ndarray, "h w 3"]:
    return np.maximum(with_openimageio.read(path), 0)  # lens deconvolution leaves negative specks


def _flat_maximum(pano: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    return np.repeat(views.flat_maximum(pano)[..., None], 3, -1).astype(np.float32)


def _panorama_view(
    pano: Float32[np.ndarray, "h w 3"], flat: Float32[np.ndarray, "h w 3"], rng: np.random.Generator, settings: Settings
) -> Members:
    looking = views.random_camera(rng, pano.shape[1], settings.view_px)
    cut, bounds = (scenes.perspective(one, looking, settings.view_px, settings.view_px) for one in (pano, flat))
    return _members(views.normalised(cut), bounds > 0)


def _photograph_view(light: photographs.Light, rng: np.random.Generator, settings: Settings) -> Members:
    whole = _photograph_layers(light)
    for _ in range(TRIES):
        crop = views.random_crop(whole, rng, settings.view_px)
        if light.kind == "photo" or crop[..., 3:6].max(-1).mean() > photographs.BURNT_SHARE:
            break
    return _photograph_members(crop)


def _photograph_layers(light: photographs.Light) -> Float32[np.ndarray, "h w c"]:
    """Light, bounds and, if it is there, the guess, one behind another, to be cut or reduced as one."""
    guess = [] if light.guess is None else [light.guess]
    return np.concatenate([light.known, light.bounds.astype(np.float32), *guess], axis=-1)


def _photograph_members(layers: Float32[np.ndarray, "h w c"]) -> Members:
    """Of layers as `_photograph_layers` gives them."""
    if views.normalised(layers[..., :3]) is None:
        return {}
    return _members(layers[..., :3], layers[..., 3:6] > 0, layers[..., 6:] if layers.shape[-1] > 6 else None)


def _members(
    view: Float32[np.ndarray, "h w 3"] | None,
    bounds: Bool[np.ndarray, "h w 3"] | None = None,
    guess: Float32[np.ndarray, "h w 3"] | None = None,
) -> Members:
    if view is None:
        return {}
    members: Members = {".npy": view.astype(np.float16)}
    if bounds is not None and bounds.any():
        members[".bounds.npy"] = bounds
    if guess is not None:
        members[".guess.npy"] = guess.clip(0, 60000).astype(np.float16)
    return members


def _paired_crop(
    light: Float32[np.ndarray, "h w 3"], photo: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator, view_px: int
) -> Members:
    """The same square of both, the light scaled to the photo by its well-exposed pixels."""
    h, w = light.shape[:2]
    if min(h, w) < view_px:
        raise ValueError(f"{w} x {h} pixels: smaller than a view of {view_px}")
    top, left = rng.integers(h - view_px + 1), rng.integers(w - view_px + 1)
    square = np.s_[top : top + view_px, left : left + view_px]
    view, picture = light[square], photo[square]
    known = (picture.max(-1) < 230) & (picture.min(-1) > 25)
    if known.mean() < 0.05 or views.normalised(view) is None:
        return {}
    decoded = camera.RESPONSES["sqrt"].decode(picture[known].astype(np.float32) / 255)
    scale = np.median(decoded.mean(-1)) / max(np.median(view[known].mean(-1)), 1e-9)
    return _members((view * scale).clip(0, 60000)) | {".png": picture}
