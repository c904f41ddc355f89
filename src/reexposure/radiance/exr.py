"""OpenEXR: which of its channels are the picture, and where in the frame they stand.

Source: OpenEXR, "Technical Introduction" and "Multi-View OpenEXR"; the names are those of Blender,
Nuke, Maya and Houdini.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reexposure.arrays import Float32, Shaped

if TYPE_CHECKING:
    import OpenImageIO as oiio

MAIN = ("", "combined", "beauty", "rgba", "rgb", "main", "final", "left")
"""Last words of the names of layers that are the picture itself, best first; "left" is one of two views."""
CHANNELS, MAX_CHANNELS, MAX_NAME, MAX_HEADER = b"channels\0chlist\0", 1024, 273, 1_000_000
"""Where a header lists its channels; how many are read, bytes one may take there, and bytes looked through."""
FULL = {"red": "R", "green": "G", "blue": "B", "alpha": "A"}
DEPTH = ("Z", "ZBACK", "DEPTH")
"""Channels that are distances, not light, also where there is no other."""
KINDS = (("R", "G", "B"), ("X", "Y", "Z"), ("Y", "RY", "BY"), ("Y",))


@dataclass(frozen=True)
class Layer:
    """Channels that make a picture: their places in part number ``part``; ``kind`` is one of KINDS."""

    name: str
    part: int
    kind: tuple[str, ...]
    places: tuple[int, ...]

    @property
    def rank(self) -> int:
        """How good a guess it is that this is what one wants to see; 0 is the best."""
        last = self.name.rpartition(".")[2].lower()
        return MAIN.index(last) if last in MAIN else len(MAIN)


def check(data: bytes) -> None:
    """Raise ValueError for a file of more channels than are read: listing them takes the library minutes."""
    at = data.find(CHANNELS, 0, MAX_HEADER)
    if at >= 0 and int.from_bytes(data[at + len(CHANNELS) :][:4], "little") > MAX_CHANNELS * MAX_NAME:
        raise ValueError("more channels than are read")


def choose(parts: Sequence[oiio.ImageSpec]) -> Layer:
    """The layer that is the picture. Raises ValueError, naming them, where none or any could be."""
    found = [layer for number, spec in enumerate(parts) if not spec.deep for layer in _layers(number, spec)]
    main = sorted((layer for layer in found if layer.rank < len(MAIN)), key=lambda layer: layer.rank)
    if main:
        return main[0]
    pictures = [layer for layer in found if layer.kind == KINDS[0]] or [x for x in found if x.kind != KINDS[1]]
    if len(pictures) == 1:
        return pictures[0]
    if pictures:
        raise ValueError(f"several layers ({_listed([p.name for p in pictures])}); save one as a file of its own")
    if any(spec.deep for spec in parts):
        raise ValueError("a deep picture, which is not read; flatten it first")
    raise ValueError(f"no picture among its channels ({_listed([n for spec in parts for n in spec.channelnames])})")


def in_frame(pixels: Shaped[np.ndarray, "h w c"], spec: oiio.ImageSpec) -> Shaped[np.ndarray, "h2 w2 c"]:
    """The data window's pixels where they stand in the display window; black lies around them."""
    height, width = spec.full_height, spec.full_width
    left, top = spec.x - spec.full_x, spec.y - spec.full_y
    if (left, top, width, height) == (0, 0, spec.width, spec.height):
        return pixels
    frame = np.zeros((height, width, pixels.shape[-1]), pixels.dtype)
    rows, columns = slice(max(top, 0), max(top + spec.height, 0)), slice(max(left, 0), max(left + spec.width, 0))
    inside = frame[rows, columns]
    inside[:] = pixels[max(-top, 0) :, max(-left, 0) :][: inside.shape[0], : inside.shape[1]]
    return frame


def rgb(layer: Layer, values: Float32[np.ndarray, "h w c"]) -> Float32[np.ndarray, "h w 3"]:
    """A layer's channels as three; those of CIE XYZ stay as they are.

    RY and BY are how much more red and blue there is than luminance, as a share of it.
    """
    if layer.kind == ("Y",):
        return np.repeat(values, 3, axis=-1)
    if layer.kind != ("Y", "RY", "BY"):
        return values
    luminance, red, blue = np.moveaxis(values, -1, 0)
    red, blue = (red + 1) * luminance, (blue + 1) * luminance
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    green = (luminance - weights[0] * red - weights[2] * blue) / weights[1]
    return np.stack([red, green, blue], axis=-1)


def _layers(number: int, spec: oiio.ImageSpec) -> list[Layer]:
    """The pictures that the channels of one part can make."""
    names = list(spec.channelnames)[:MAX_CHANNELS]
    part = str(spec.get_string_attribute("oiio:subimagename") or "")
    places: dict[str, dict[str, int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name.rpartition(".")[0], {})[_last(name)] = place
    found = []
    for layer, channels in places.items():
        kind = next((kind for kind in KINDS if all(name in channels for name in kind)), None)
        if kind:
            found.append(Layer(layer or part, number, kind, tuple(channels[name] for name in kind)))
    single = [place for place, name in enumerate(names) if _last(name) != "A"]
    if not found and len(single) == 1 and _last(names[single[0]]) not in DEPTH:  # a picture, whatever its name
        found = [Layer(part, number, ("Y",), (single[0],))]
    return found


def _last(name: str) -> str:
    """What a channel is called within its layer: R for diffuse.red."""
    channel = name.rpartition(".")[2]
    return FULL.get(channel.lower(), channel.upper())


def _listed(names: Sequence[str]) -> str:
    """Names as a user can read them, the first of them where they are many."""
    clean = ["".join(c if c.isprintable() else "?" for c in name)[:60] or "unnamed" for name in names]
    return ", ".join(clean[:8]) + (f" and {len(clean) - 8} more" if len(clean) > 8 else "")
