"""What commands work on: the light of the photo that was named."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from reexposure.cli.app import Response

if TYPE_CHECKING:
    from reexposure.photo.photo import Photo
    from reexposure.radiance.radiance import RadianceMap


def reconstructed(photo: str, response: Response, strip: bool = False, ignore_gain_map: bool = False) -> RadianceMap:
    """The radiance map of a photo; the network loads while the photo is decoded."""
    from reexposure.reconstruction import network
    from reexposure.reconstruction.reconstruction import reconstruct

    network.preload()
    found = reconstruct(photo, response, ignore_gain_map=ignore_gain_map)
    _tell(photo, found.photo.notes)
    _tell_of_gain_map(photo, found)
    return replace(found, photo=found.photo.stripped()) if strip else found


def opened(photo: str, ignore_gain_map: bool = False) -> Photo | RadianceMap:
    """A photo that is yet to be reconstructed, or the light that its file holds."""
    from reexposure.photo.photo import Photo
    from reexposure.radiance import opening

    found = opening.open(photo)
    _tell(photo, (found if isinstance(found, Photo) else found.photo).notes)
    if not isinstance(found, Photo) or ignore_gain_map:
        return found
    known = opening.lit(found)
    _tell_of_gain_map(photo, known)
    return known or found


def _tell(photo: str, notes: tuple[str, ...]) -> None:
    for note in notes:
        print(f"{photo}: {note}", file=sys.stderr)


def _tell_of_gain_map(photo: str, found: RadianceMap | None) -> None:
    if found is not None and found.origin == "gain map":
        print(f"{photo}: brings a gain map, its own light is used (--ignore-gain-map reconstructs)", file=sys.stderr)
