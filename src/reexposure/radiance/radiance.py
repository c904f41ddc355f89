"""The radiance map of a photo, every exposure of it, and the files that hold it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from reexposure.arrays import Float32
from reexposure.errors import one_line
from reexposure.files import written_aside
from reexposure.light import bands, camera, icc
from reexposure.photo import limits
from reexposure.photo import photo as photos
from reexposure.photo.metadata import Metadata
from reexposure.photo.photo import Photo, PhotoError
from reexposure.radiance import kinds

Origin = Literal["network", "gain map", "file"]


@dataclass(frozen=True)
class RadianceMap:
    """Relative linear light of a scene; 1.0 is the level at which the photo clipped.

    ``linear`` is (h, w, 3), finite and >= 0. ``photo`` is what it was made from; it lends its
    format, colour space and metadata to every exposure. ``response`` names the curve that decoded
    it: ``sqrt``, or ``srgb`` for the curve of the photo's colour space. ``origin`` says where
    light beyond the photo's own came from.
    """

    linear: Float32[np.ndarray, "h w 3"]
    photo: Photo
    response: str = "sqrt"
    origin: Origin = "network"

    @property
    def curve(self) -> camera.Response:
        """The curve that takes this light back to the photo's encoded values."""
        return curve_of(self.photo, self.response)

    @property
    def over(self) -> Float32[np.ndarray, "h w 3"]:
        """How far each value was over-exposed, 0 (the photo's own light) to 1 (clipped)."""
        return camera.over_exposure(self._encoded())

    @property
    def under(self) -> Float32[np.ndarray, "h w 3"]:
        """How far each value was under-exposed, 0 (the photo's own light) to 1 (lost in the dark)."""
        return camera.under_exposure(self._encoded())

    @property
    def invented(self) -> Float32[np.ndarray, "h w"]:
        """How much of each pixel is the network's work: 0 none, 1 all; the largest of its channels."""
        if self.origin != "network":
            return np.zeros(self.linear.shape[:2], np.float32)
        return np.maximum(self.over, self.under).max(-1)

    def _encoded(self) -> Float32[np.ndarray, "h w 3"]:
        return self.photo.pixels / np.float32(self.photo.levels)

    def expose(self, ev: float) -> Photo:
        """The photo as if taken ``ev`` stops brighter (positive) or darker, in its own bit depth.

        At ``ev`` 0 every well-exposed pixel is the photo's own, to the last bit. XMP says what was done.
        """
        if not np.isfinite(ev):
            raise ValueError("the exposure must be a finite number of stops")
        curve, levels = self.curve, self.photo.levels
        pixels = np.empty(self.linear.shape, self.photo.pixels.dtype)

        def develop(rows: slice) -> None:
            encoded = camera.photograph(self.linear[rows], np.float32(ev), curve)
            np.rint(encoded * np.float32(levels), out=pixels[rows], casting="unsafe")

        bands.over_rows(develop, len(pixels), pixels.shape[1])
        return replace(
            self.photo.with_pixels(pixels), metadata=self.photo.metadata.recording(ExposureChange=f"{ev:+g}")
        )

    def save(self, path: str | Path, float32: bool = False) -> None:
        """Write the radiance map as the suffix says: OpenEXR, Radiance .hdr, float TIFF, or Ultra HDR (.jpg).

        OpenEXR holds half floats, unless ``float32``. The file appears whole or not at all. Raises
        PhotoError naming the file.
        """
        from reexposure.radiance import ultrahdr, with_openimageio

        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in (*with_openimageio.SUFFIXES, ".jpg", ".jpeg"):
            raise PhotoError(
                f"{path}: unknown format; write one of {', '.join(with_openimageio.SUFFIXES)}, .jpg (Ultra HDR)"
            )
        try:
            with written_aside(path) as aside:
                if suffix in with_openimageio.SUFFIXES:
                    with_openimageio.write(aside, self.linear, suffix, self.photo.colour_space, float32)
                else:
                    aside.write_bytes(ultrahdr.encoded(self.linear, self.photo, self.curve))
        except OSError as error:
            raise PhotoError(str(error)) from error

    def save_mask(self, path: str | Path) -> None:
        """Write `invented` as a grey PNG: white where all of the light is the network's."""
        grey = np.rint(self.invented * 255).astype(np.uint8)[..., None]
        Photo(np.repeat(grey, 3, -1), grey=True).save(path)

    @classmethod
    def load(cls, source: str | Path) -> RadianceMap:
        """Read a radiance map: OpenEXR, Radiance .hdr, float TIFF, or a photo with a gain map.

        What a file has no photo for is shown clipped at 1.0, in 16 bits. Raises PhotoError naming
        the file if it cannot be read or is none of these.
        """
        data, name = photos.read(source)
        found = decode(data, name)
        known = from_gain_map(found) if isinstance(found, Photo) else found
        if known is None:
            raise PhotoError(f"{name}: a photo, no radiance map; reconstruct one from it")
        return known


def curve_of(photo: Photo, response: str) -> camera.Response:
    """The curve named ``response`` for a photo: ``srgb`` is that of its colour space."""
    return photo.colour_space.response if response == "srgb" else camera.RESPONSES[response]


def opened(source: str | Path) -> Photo | RadianceMap:
    """What a file holds: light, if it is OpenEXR, Radiance .hdr or float TIFF, else a photo. See `photo.load`."""
    return decode(*photos.read(source))


def decode(data: bytes, name: str) -> Photo | RadianceMap:
    """What a file's bytes hold; errors call it ``name``. See `opened`."""
    return _light(data, name) or photos.decode(data, name)


def _light(data: bytes, name: str) -> RadianceMap | None:
    suffix = kinds.kind(data)
    if suffix is None:
        return None
    from reexposure.radiance import with_openimageio

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"radiance{suffix}")
        path.write_bytes(data)
        try:
            linear, space = with_openimageio.load(path, limits.MAX_PX)
        except (OSError, ValueError, MemoryError) as error:
            raise PhotoError(f"{name}: {one_line(error).removeprefix(f'{path}: ')}") from error
    encoded = camera.photograph(linear, 0.0, space.response)
    pixels = np.rint(encoded * np.float32(65535)).astype(np.uint16)
    profile = b"" if space.is_srgb else icc.profile_of(space)
    return RadianceMap(linear, Photo(pixels, metadata=Metadata(profile=profile)), "srgb", "file")


def from_gain_map(photo: Photo) -> RadianceMap | None:
    """The radiance map that a photo's file holds as a gain map, if it does."""
    from reexposure.radiance import ultrahdr

    found = ultrahdr.find(photo)
    if found is None:
        return None
    about, codes = found
    return RadianceMap(ultrahdr.light(photo, about, codes, curve_of(photo, "srgb")), photo, "srgb", "gain map")
