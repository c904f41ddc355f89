"""What is compared: anything that makes linear light of a photo."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from reexposure.arrays import Float32
from reexposure.light import camera
from reexposure.radiance.opening import open
from reexposure.reconstruction.reconstruction import reconstruct


@runtime_checkable
class Method(Protocol):
    """A way from a photo to light; ``reconstruct`` raises an exception that says why if there is none."""

    @property
    def name(self) -> str: ...
    def reconstruct(self, photo: Path) -> Float32[np.ndarray, "h w 3"]: ...


class BrightnessChange:
    """The unprocessed photo, decoded by the square root: re-exposing it is a plain brightness change."""

    name = "brightness change"

    def reconstruct(self, photo: Path) -> Float32[np.ndarray, "h w 3"]:
        return camera.RESPONSES["sqrt"].decode(np.asarray(open(photo)) / np.float32(255))


class Reexposure:
    """This program's faithful light."""

    name = "faithful"
    detail = 0.0

    def reconstruct(self, photo: Path) -> Float32[np.ndarray, "h w 3"]:
        return reconstruct(photo, detail=self.detail).linear


class Detailed(Reexposure):
    """The same with all of the detail that is drawn for the eye; of shadows there is none."""

    name = "detail"
    detail = 1.0
