"""The radiance map of a photo, and every exposure of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reexposure import __version__, bands, camera
from reexposure.arrays import Float32
from reexposure.files import written_aside
from reexposure.photo import Photo, PhotoError


@dataclass(frozen=True)
class RadianceMap:
    """Relative linear light of a scene; 1.0 is the level at which the photo clipped.

    ``linear`` is (h, w, 3), finite and >= 0. ``photo`` is what it was made from; it lends its
    format, colour space and metadata to every exposure. ``response`` names the curve of
    `camera.RESPONSES` that decoded it.
    """

    linear: Float32[np.ndarray, "h w 3"]
    photo: Photo
    response: str = "sqrt"

    @property
    def over(self) -> Float32[np.ndarray, "h w 3"]:
        """How far each value was over-exposed, 0 (the photo's own light) to 1 (clipped)."""
        return camera.over_exposure(self._encoded())

    @property
    def under(self) -> Float32[np.ndarray, "h w 3"]:
        """How far each value was under-exposed, 0 (the photo's own light) to 1 (lost in the dark)."""
        return camera.under_exposure(self._encoded())

    def _encoded(self) -> Float32[np.ndarray, "h w 3"]:
        return self.photo.pixels / np.float32(self.photo.levels)

    def expose(self, ev: float) -> Photo:
        """The photo as if taken ``ev`` stops brighter (positive) or darker, in its own bit depth.

        At ``ev`` 0 every well-exposed pixel is the photo's own, to the last bit.
        """
        if not np.isfinite(ev):
            raise ValueError("the exposure must be a finite number of stops")
        curve, levels = camera.RESPONSES[self.response], self.photo.levels
        pixels = np.empty(self.linear.shape, self.photo.pixels.dtype)

        def develop(rows: slice) -> None:
            encoded = camera.photograph(self.linear[rows], np.float32(ev), curve)
            np.rint(encoded * np.float32(levels), out=pixels[rows], casting="unsafe")

        bands.over_rows(develop, len(pixels), pixels.shape[1])
        return self.photo.with_pixels(pixels)

    def save(self, path: str | Path) -> None:
        """Write the radiance map as OpenEXR, Radiance .hdr or float TIFF, as the suffix says.

        The file appears whole or not at all. Raises PhotoError naming the file.
        """
        from reexposure.formats import interchange

        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in interchange.SUFFIXES:
            raise PhotoError(f"{path}: unknown format; write one of {', '.join(interchange.SUFFIXES)}")
        try:
            with written_aside(path) as aside:
                interchange.write(aside, self.linear, suffix, {"Software": f"reexposure {__version__}"})
        except OSError as error:
            raise PhotoError(str(error)) from error
