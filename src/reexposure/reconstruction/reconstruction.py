"""Photo -> radiance map: its own light, its highlights reconstructed, its shadows cleaned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reexposure.light import bands, camera
from reexposure.photo.photo import Photo
from reexposure.radiance import opening
from reexposure.radiance.pieces import Pieces
from reexposure.radiance.radiance import RadianceMap, curve_of
from reexposure.reconstruction import highlights, shadows
from reexposure.reconstruction import network as networks
from reexposure.reconstruction.network import Network

if TYPE_CHECKING:
    from reexposure.radiance.opening import Source


def reconstruct(
    source: Source,
    response: str = "sqrt",
    *,
    ignore_gain_map: bool = False,
    network: str | Path | None = None,
    threads: int | None = None,
) -> RadianceMap:
    """The radiance map of a photo: its own light where it is well exposed, the network's elsewhere.

    ``source`` is anything that `open` takes. ``response`` names the curve that decodes the photo: the method's
    ``sqrt``, or ``srgb`` for the curve of the photo's colour space. A photo with nothing ill-exposed never runs the
    network; nor does a source that holds radiance already, as a gain map (unless ``ignore_gain_map``) or as a
    radiance map: its own is returned. ``network`` is a folder that `reexpose export` wrote, not the released one.
    ``threads`` work on the photo, by default one for each core, and change nothing in the result. Raises PhotoError
    naming the file if it cannot be read, ArrayError for an array that is no photo, NetworkError for a folder that is no
    network, ValueError for an unknown response.
    """
    if response not in camera.RESPONSES:
        raise ValueError(f"{response}: unknown response; there are {', '.join(camera.RESPONSES)}")
    photo = opening.open(source)
    if isinstance(photo, RadianceMap):
        return photo
    known = None if ignore_gain_map else opening.lit(photo)
    if known is not None:
        return known
    with bands.threads(threads):
        return _by_network(photo, response, networks.open(network))


def _by_network(photo: Photo, response: str, network: Network) -> RadianceMap:
    curve = curve_of(photo, response)
    bright, dark = (part.pieces(photo, curve, network) for part in (highlights, shadows))
    return RadianceMap(Pieces(photo, curve, bright, dark, bands.thread_count()), photo, response)
