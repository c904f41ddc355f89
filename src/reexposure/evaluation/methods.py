"""What is compared: anything that makes linear light of a photo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from reexposure.arrays import Float32, UInt8
from reexposure.light import camera
from reexposure.photo.decoding import decode
from reexposure.photo.photo import Photo
from reexposure.reconstruction.reconstruction import Reconstruction, ask


@dataclass(frozen=True, eq=False)
class Given:
    """The photo that methods are given: a file, which is decoded once, and shown to the network once."""

    path: Path

    @cached_property
    def photo(self) -> Photo:
        """What the file holds."""
        return decode(self.path.read_bytes(), str(self.path))

    @property
    def pixels(self) -> UInt8[np.ndarray, "h w 3"]:
        """Its encoded values."""
        return self.photo.pixels

    @cached_property
    def reconstruction(self) -> Reconstruction:
        """What this program makes of it."""
        return ask(self.photo)


@runtime_checkable
class Method(Protocol):
    """A way from a photo to light; ``reconstruct`` raises an exception that says why if there is none."""

    @property
    def name(self) -> str: ...
    def reconstruct(self, photo: Given) -> Float32[np.ndarray, "h w 3"]: ...


class BrightnessChange:
    """The unprocessed photo, decoded by the square root: re-exposing it is a plain brightness change."""

    name = "brightness change"

    def reconstruct(self, photo: Given) -> Float32[np.ndarray, "h w 3"]:
        return camera.RESPONSES["sqrt"].decode(photo.pixels / np.float32(255))


class Faithful:
    """This program's faithful light."""

    name = "faithful"

    def reconstruct(self, photo: Given) -> Float32[np.ndarray, "h w 3"]:
        return photo.reconstruction.faithful.linear


class Detailed:
    """The same with all of the detail that is drawn for the eye; of shadows there is none."""

    name = "detail"

    def reconstruct(self, photo: Given) -> Float32[np.ndarray, "h w 3"]:
        return photo.reconstruction.detailed(1.0).linear
