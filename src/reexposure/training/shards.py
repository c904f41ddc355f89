"""Shards: how arrays are written into them, where each view, or whole picture, lies, and how it is read again."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float16, Float32, Shaped
from PIL import Image

from reexposure.training.augmentation import Kind

Place = tuple[int, int]
"""Offset and size of a member inside its shard, in bytes."""


@dataclass(frozen=True)
class View:
    """Where one view lies inside its shard, and what lies beside it there."""

    kind: Kind
    shard: Path
    light: Place
    bounds: Place | None = None
    guess: Place | None = None
    photo: Place | None = None


def index_shards(folder: Path) -> list[View]:
    """Every view of every shard in ``folder`` and its folders of photographs, in a fixed order.

    Raises ValueError if there are none.
    """
    found = []
    kinds: dict[str, Kind] = {".": "scene", "photo": "photo", "burnt": "burnt", "lamps": "lamps"}
    for name, kind in kinds.items():
        for shard in sorted((folder / name).glob("*.tar")):
            with tarfile.open(shard) as tar:
                members = {m.name: (m.offset_data, m.size) for m in tar}
            keys = [key.removesuffix(".npy") for key in members if key.count(".") == 1 and key.endswith(".npy")]
            others = (".bounds.npy", ".guess.npy", ".png")
            found += [View(kind, shard, members[f"{k}.npy"], *(members.get(k + o) for o in others)) for k in keys]
    if not found:
        raise ValueError(f"{folder}: no shards; make them with `reexpose prepare`")
    return found


def add(tar: tarfile.TarFile, name: str, array: Shaped[np.ndarray, "h w 3"]) -> None:
    """Write a member: a picture where ``name`` ends on .png, else an array."""
    buffer = io.BytesIO()
    if name.endswith(".png"):
        Image.fromarray(array).save(buffer, "PNG")
    else:
        np.save(buffer, array)
    member = tarfile.TarInfo(name)
    member.size = buffer.tell()
    buffer.seek(0)
    tar.addfile(member, buffer)


def layers_of(view: View) -> Float16[np.ndarray, "h w c"]:
    """A view's linear light and, if they are known, its bounds, 0 or 1; of what shines, the guess as its light."""
    places = [view.guess] if view.guess else [place for place in (view.light, view.bounds) if place]
    return np.concatenate([_array(view.shard, place).astype(np.float16) for place in places], axis=-1)


def photo_of(view: View, place: Place) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w 3"]]:
    """The photo, encoded in [0, 1], and the linear light of a view of a paired data set."""
    photo = np.asarray(Image.open(io.BytesIO(_bytes(view.shard, place))), np.float32) / 255
    return photo, _array(view.shard, view.light).astype(np.float32)


def _array(shard: Path, place: Place) -> np.ndarray:
    return np.load(io.BytesIO(_bytes(shard, place)))


def _bytes(path: Path, place: Place) -> bytes:
    offset, size = place
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)
