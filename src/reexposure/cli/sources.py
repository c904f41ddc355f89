"""What commands work on: the photo that was named, opened once, and its light."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from reexposure.cli.app import READING, Reading, Response
from reexposure.errors import PhotoError

if TYPE_CHECKING:
    from reexposure.photo.photo import Photo
    from reexposure.radiance.radiance import RadianceMap


@dataclass(frozen=True)
class Source:
    """A photo or radiance map by its path; ``-`` is standard input."""

    path: str
    reading: Reading = READING

    @cached_property
    def opened(self) -> Photo | RadianceMap:
        """A photo that is yet to be reconstructed, or the light that its file holds; says what is to be known of it."""
        from reexposure.photo.photo import Photo
        from reexposure.radiance import opening

        found = opening.open(self.path, max_px=self.reading.max_pixels, lenient=self.reading.lenient)
        for note in found.notes if isinstance(found, Photo) else found.photo.notes:
            self._tell(note)
        if self.reading.panorama and isinstance(found, Photo):
            try:
                found = found.as_panorama()
            except ValueError as error:
                raise PhotoError(f"{self.path}: {error}") from None
        known = opening.lit(found) if isinstance(found, Photo) and not self.reading.ignore_gain_map else None
        if known is not None:
            self._tell("brings a gain map, its own light is used (--ignore-gain-map reconstructs)")
        return known or found

    def _tell(self, note: str) -> None:
        print(f"{self.path}: {note}", file=sys.stderr)

    @property
    def photo(self) -> Photo:
        """The photo, or the one that stands for light without a photo."""
        from reexposure.photo.photo import Photo

        return self.opened if isinstance(self.opened, Photo) else self.opened.photo

    def reconstructed(self, response: Response, strip: bool = False) -> RadianceMap:
        """The radiance map; the network loads while the photo is decoded."""
        from reexposure.photo.photo import Photo
        from reexposure.reconstruction import network
        from reexposure.reconstruction.reconstruction import reconstruct

        network.preload()
        found = self.opened
        if isinstance(found, Photo):
            asked = self.reading
            found = reconstruct(found, response, ignore_gain_map=True, detail=asked.detail, seed=asked.seed)
        return replace(found, photo=found.photo.stripped()) if strip else found


def light_of(found: Photo | RadianceMap, response: Response, reading: Reading) -> RadianceMap:
    """The radiance map of a photo of many, as the options for reading ask for it."""
    from reexposure.reconstruction.reconstruction import reconstruct

    return reconstruct(
        found, response, ignore_gain_map=reading.ignore_gain_map, panorama=reading.panorama, detail=reading.detail,
        seed=reading.seed,
    )  # fmt: skip
