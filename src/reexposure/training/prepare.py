"""HDR files -> shards of normalised views, one tar file a scene.

A shard holds ``KEY.npy`` members: half-float (view_px, view_px, 3) linear views of which 95 % of
the pixels lie in [0, 1]. A shard of a paired data set also holds the photo of each as ``KEY.png``;
its views are scaled so that 1.0 is where that photo clips.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
import zlib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image

from reexposure import scenes
from reexposure.errors import one_line
from reexposure.light import camera
from reexposure.progress import track
from reexposure.radiance import with_openimageio
from reexposure.training import views

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Settings:
    """What is cut out of each scene."""

    view_px: int = 256
    views_per_panorama: int = 160
    views_per_image: int = 8
    validation_share: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class Scene:
    """One HDR file, with the photo that belongs to it where the data set is paired."""

    hdr: Path
    photo: Path | None = None

    @property
    def name(self) -> str:
        return self.hdr.stem


def find_scenes(folder: Path) -> list[Scene]:
    """The .hdr and .exr files under ``folder``, or the pairs of ``HDR_gt/`` and ``LDR_in/`` in it."""
    paired = (folder / "HDR_gt").is_dir() and (folder / "LDR_in").is_dir()
    files = with_openimageio.scenes(folder / "HDR_gt" if paired else folder)
    if not paired:
        return [Scene(p) for p in files]
    photos = {p.stem: p for p in (folder / "LDR_in").rglob("*") if p.suffix.lower() in PHOTO_SUFFIXES}
    return [Scene(p, photos[p.stem]) for p in files if p.stem in photos]


def prepare(folder: Path, out: Path, settings: Settings, workers: int | None = None) -> Counter[str]:
    """Cut every scene under ``folder`` into views under ``out/train`` and ``out/val``.

    Scenes whose shard exists are skipped, so a run that was stopped goes on where it was. Returns
    counts: scenes, views, dropped (dead, constant or non-finite views), bad (unreadable files).
    Raises ValueError if there are no scenes, or if ``out`` was cut with other settings.
    """
    scenes = find_scenes(folder)
    if not scenes:
        raise ValueError(f"{folder}: no .hdr or .exr files")
    out.mkdir(parents=True, exist_ok=True)
    record = out / "settings.json"
    what = {k: v for k, v in asdict(settings).items() if k != "validation_share"}
    if record.exists() and json.loads(record.read_text()) != what:
        raise ValueError(f"{out}: holds views cut with other settings ({record.name}); choose another folder")
    record.write_text(json.dumps(what))

    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        jobs = {}
        for scene in scenes:
            shard = out / _split(scene.name, settings) / f"{scene.name}.tar"
            if shard.exists():
                counts["done before"] += 1
            else:
                jobs[pool.submit(_cut, scene, shard, settings)] = scene
        for job in track(as_completed(jobs), len(jobs), "preparing"):
            try:
                counts += job.result()
            except (OSError, ValueError) as error:
                counts["bad"] += 1
                print(f"skipped {jobs[job].hdr}: {one_line(error).removeprefix(f'{jobs[job].hdr}: ')}", file=sys.stderr)
    return counts


def _split(scene: str, settings: Settings) -> str:
    """Which side a scene is on: by a hash of its name, so that more files never move it."""
    return "val" if zlib.crc32(scene.encode()) / 2**32 < settings.validation_share else "train"


def _cut(scene: Scene, shard: Path, settings: Settings) -> Counter[str]:
    rng = np.random.default_rng([settings.seed, zlib.crc32(scene.name.encode())])
    light = np.maximum(with_openimageio.read(scene.hdr), 0)  # lens deconvolution leaves negative specks
    photo = None if scene.photo is None else np.asarray(Image.open(scene.photo).convert("RGB"))
    if photo is not None and photo.shape != light.shape:
        raise ValueError(f"{scene.photo} has another size")
    surrounding = photo is None and scenes.is_panorama(*light.shape[:2])
    counts = Counter(scenes=1)
    shard.parent.mkdir(parents=True, exist_ok=True)
    part = shard.with_suffix(".part")
    with tarfile.open(part, "w") as tar:
        for number in range(settings.views_per_panorama if surrounding else settings.views_per_image):
            picture = None
            if surrounding:
                looking = views.random_camera(rng, light.shape[1], settings.view_px)
                view = views.normalised(scenes.perspective(light, looking, settings.view_px, settings.view_px))
            elif photo is None:
                view = views.normalised(views.random_crop(light, rng, settings.view_px))
            else:
                view, picture = _paired_crop(light, photo, rng, settings.view_px)
            if view is None:
                counts["dropped"] += 1
                continue
            counts["views"] += 1
            key = f"{scene.name}_{number:04d}"
            _add(tar, f"{key}.npy", _npy(view.astype(np.float16)))
            if picture is not None:
                buffer = io.BytesIO()
                Image.fromarray(picture).save(buffer, "PNG")
                _add(tar, f"{key}.png", buffer.getvalue())
    if counts["views"]:
        part.rename(shard)
    else:
        part.unlink()
    return counts


def _paired_crop(
    light: Float32[np.ndarray, "h w 3"], photo: UInt8[np.ndarray, "h w 3"], rng: np.random.Generator, view_px: int
) -> tuple[Float32[np.ndarray, "v v 3"] | None, UInt8[np.ndarray, "v v 3"] | None]:
    """The same square of both, the light scaled to the photo by its well-exposed pixels."""
    h, w = light.shape[:2]
    if min(h, w) < view_px:
        raise ValueError(f"{w} x {h} pixels: smaller than a view of {view_px}")
    top, left = rng.integers(h - view_px + 1), rng.integers(w - view_px + 1)
    square = np.s_[top : top + view_px, left : left + view_px]
    view, picture = light[square], photo[square]
    known = (picture.max(-1) < 230) & (picture.min(-1) > 25)
    if known.mean() < 0.05 or views.normalised(view) is None:
        return None, None
    decoded = camera.RESPONSES["sqrt"].decode(picture[known].astype(np.float32) / 255)
    scale = np.median(decoded.mean(-1)) / max(np.median(view[known].mean(-1)), 1e-9)
    return (view * scale).clip(0, 60000).astype(np.float32), picture


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))
