"""Photos: encoded pictures of 8 or 16 bits, with what their files say about them."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from reexposure.arrays import Shaped
from reexposure.errors import PhotoError, one_line
from reexposure.files import written_aside
from reexposure.light import colour, icc
from reexposure.photo import jpeg_metadata, jxl, panorama, png, with_openimageio, with_pillow
from reexposure.photo.depth import in_8_bits
from reexposure.photo.embedded import EmbeddedGainMap
from reexposure.photo.metadata import Metadata
from reexposure.photo.shown import shown

FORMATS = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF",
    ".avif": "AVIF", ".jxl": "JXL",
}  # fmt: skip
"""Formats that can be written; HEIC is read, too, with the extra ``heif``."""
DEEP_FORMATS = ("PNG", "TIFF", "JXL")
NOTEBOOK_PX = 800
"""The longer side of the picture that a notebook shows."""


@dataclass(frozen=True, eq=False, repr=False)
class Photo:
    """An upright encoded picture: ``pixels`` is (h, w, 3), uint8 or uint16, RGB in the file's colour space.

    ``alpha`` is (h, w) of the same type, or None. ``grey`` photos have three equal channels and
    are written with one. ``format`` is the file's format in Pillow's words, ``metadata`` what it
    says, ``encoding`` what only the same format can keep (JPEG tables, PNG texts). ``source`` is
    the file itself of a JPEG, and ``orientation`` (EXIF, 1 to 8) how the picture lies in it. ``gain_map`` is
    the light beyond white that the file brings, if it does, and ``notes`` are lines that a user should read of
    what in the file was not read, or not as it stands there. `numpy.asarray` gives the pixels.
    """

    pixels: Shaped[np.ndarray, "h w 3"]
    alpha: Shaped[np.ndarray, "h w"] | None = None
    format: str = "PNG"
    metadata: Metadata = field(default_factory=Metadata)
    encoding: dict[str, Any] = field(default_factory=dict)
    grey: bool = False
    source: bytes = b""
    orientation: int = 1
    gain_map: EmbeddedGainMap | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        height, width = self.pixels.shape[:2]
        alpha, gain_map = ("", ", transparency")[self.alpha is not None], ("", ", gain map")[self.gain_map is not None]
        colours = "grey" if self.grey else self.colour_space.name
        return f"Photo {width} x {height}, {self.format}, {8 * self.pixels.itemsize} bits, {colours}{alpha}{gain_map}"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.pixels, dtype, copy=copy)

    def _repr_png_(self) -> bytes:
        """The picture that a notebook shows."""
        height, width = self.pixels.shape[:2]
        scale = min(1.0, NOTEBOOK_PX / max(height, width))
        buffer = io.BytesIO()
        shown(self, (max(1, round(width * scale)), max(1, round(height * scale)))).save(buffer, "PNG")
        return buffer.getvalue()

    @property
    def levels(self) -> int:
        """The largest value a pixel can have: 255 or 65535."""
        return int(np.iinfo(self.pixels.dtype).max)

    @property
    def colour_space(self) -> colour.ColourSpace:
        """What its profile says; sRGB if it has none."""
        return icc.space(self.metadata.profile)

    @property
    def panorama(self) -> bool:
        """Whether it shows the whole sphere, as its file says (GPano, equirectangular): its sides are one line."""
        return panorama.is_sphere(*self.pixels.shape[:2]) and panorama.says_sphere(self.metadata.xmp)

    def as_panorama(self) -> Photo:
        """The same photo, said to show the whole sphere. Raises ValueError where it is not twice as wide as high."""
        height, width = self.pixels.shape[:2]
        if not panorama.is_sphere(height, width):
            raise ValueError(f"{width} x {height} pixels; a panorama is twice as wide as high")
        said = panorama.description(height, width)
        return self if self.panorama else replace(self, metadata=self.metadata.describing(panorama.GPANO, said))

    def with_pixels(self, pixels: Shaped[np.ndarray, "h w 3"]) -> Photo:
        """The same photo showing something else."""
        return replace(self, pixels=pixels, source=b"", gain_map=None)

    def stripped(self) -> Photo:
        """The same picture without anything else said about it, but for its colour profile."""
        own = {name: value for name, value in self.encoding.items() if name not in ("segments", "chunks")}
        bare = jpeg_metadata.bare(self.source) if self.format == "JPEG" and self.orientation == 1 else b""
        return replace(self, metadata=self.metadata.stripped(), encoding=own, source=bare)

    def save(self, path: str | Path, overwrite: bool = True) -> None:
        """Write to ``path`` in the format its suffix names; the file appears whole or not at all.

        16 bits are kept in PNG, TIFF and JPEG XL; other formats hold 8. Raises PhotoError naming
        the file.
        """
        path = Path(path)
        if path.suffix.lower() not in FORMATS:
            raise PhotoError(f"{path}: unknown format; write one of {', '.join(FORMATS)}")
        try:
            with written_aside(path, overwrite) as aside:
                aside.write_bytes(self.encoded(FORMATS[path.suffix.lower()]))
        except (OSError, ValueError) as error:
            reason = one_line(error)
            raise PhotoError(reason if reason.startswith(str(path)) else f"{path}: {reason}") from error

    @property
    def natural_format(self) -> str:
        """The format it is saved in where none is asked for: its own, or the nearest that can be written and
        holds it all."""
        if self.format in FORMATS.values() and not self._too_deep_for(self.format):
            return self.format
        return "PNG" if self.levels > 255 else "JPEG"

    def lost_in(self, format: str) -> str | None:
        """What ``format`` cannot hold of the photo, in words that follow a file's name; None where it holds all."""
        lost = []
        if self._too_deep_for(format):
            lost.append("more than 8 bits (PNG, TIFF and JPEG XL do)")
        if self.alpha is not None and format == "JPEG":
            lost.append("transparency (PNG, WebP, TIFF, AVIF and JPEG XL do)")
        if format == "JPEG" and len(self.metadata.exif) > jpeg_metadata.MAX_EXIF:
            lost.append("EXIF of this length in one piece (some programs read the first piece only)")
        return f"{format} does not hold {' or '.join(lost)}" if lost else None

    def _too_deep_for(self, format: str) -> bool:
        return self.levels > 255 and format not in DEEP_FORMATS

    def encoded(self, format: str | None = None) -> bytes:
        """The photo as a file in memory, in ``format`` or the nearest to its own that holds it."""
        format = format or self.natural_format
        if self._too_deep_for(format):
            return in_8_bits(self).encoded(format)
        pixels = self.pixels[..., :1] if self.grey else self.pixels
        if self.alpha is not None and format != "JPEG":
            pixels = np.dstack([pixels, self.alpha])
        own = self.encoding if format == self.format else {}
        if format == "JXL":
            return jxl.with_metadata(self._in_jxl(pixels), self.metadata)
        if format == "PNG" and self.levels > 255:
            return png.with_metadata(with_openimageio.write(pixels, ".png"), self.metadata, own.get("chunks", []))
        return with_pillow.write(pixels, format, self.metadata, own)

    def _in_jxl(self, pixels: Shaped[np.ndarray, "h w c"]) -> bytes:
        profile, grey = self.metadata.profile, self.grey
        if pixels.shape[-1] == 2:  # grey with transparency, which its encoder does not know
            pixels, grey = pixels[..., [0, 0, 0, 1]], False
            profile = icc.profile_of(self.colour_space) if profile else b""
        with contextlib.suppress(OSError):
            return with_openimageio.write(pixels, ".jxl", profile)
        # A profile that its encoder does not accept: one that says the same.
        return with_openimageio.write(pixels, ".jxl", icc.profile_of(self.colour_space, grey))
