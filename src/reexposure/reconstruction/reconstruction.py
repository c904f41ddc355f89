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
from reexposure.reconstruction.detail import Detail, asked
from reexposure.reconstruction.network import Network

if TYPE_CHECKING:
    from reexposure.radiance.opening import Source


def reconstruct(
    source: Source,
    response: str = "sqrt",
    *,
    ignore_gain_map: bool = False,
    panorama: bool = False,
    network: str | Path | None = None,
    threads: int | None = None,
    detail: float | None = None,
    seed: int = 0,
) -> RadianceMap:
    """The radiance map of a photo: its own light where it is well exposed, the network's elsewhere.

    ``source`` is anything that `open` takes. ``response`` names the curve that decodes the photo: the method's
    ``sqrt``, or ``srgb`` for the curve of the photo's colour space. A photo with nothing ill-exposed never runs the
    network; nor does a source that holds radiance already, as a gain map (unless ``ignore_gain_map``) or as a
    radiance map: its own is returned. A photo that says that it is a panorama of the whole sphere, or of which
    ``panorama`` says so, is reconstructed without a border. ``network`` is a folder that `reexpose export` wrote, not
    the released one. ``threads`` work on the photo, by default one for each core, and change nothing in the result.
    ``detail``, from 0 to 1, is how much texture is drawn for the eye over light that the network believes in, where all
    channels clipped; by default all of it, of networks that draw, and none in panoramas. At 0 light is faithful: what
    measures light asks for that. Another ``seed`` draws another. Raises PhotoError naming the file if it cannot be
    read, ArrayError for an array that is no photo, NetworkError for a folder that is no network or one that draws no
    detail, ValueError for an unknown response, a detail out of range, or a ``panorama`` that is not twice as wide as
    high.
    """
    if response not in camera.RESPONSES:
        raise ValueError(f"{response}: unknown response; there are {', '.join(camera.RESPONSES)}")
    Detail(detail or 0.0, seed)  # refuses what is out of range, whatever the source
    photo = opening.open(source)
    if isinstance(photo, RadianceMap):
        return photo
    known = None if ignore_gain_map else opening.lit(photo)
    if known is not None:
        return known
    photo = photo.as_panorama() if panorama else photo
    with bands.threads(threads):
        chosen = networks.open(network)
        return _by_network(photo, response, chosen, asked(detail, seed, photo, chosen))


def _by_network(photo: Photo, response: str, network: Network, detail: Detail) -> RadianceMap:
    curve = curve_of(photo, response)
    bright = highlights.pieces(photo, curve, network, detail)
    dark = shadows.pieces(photo, curve, network)
    light = Pieces(photo, curve, bright, dark, bands.thread_count())
    return RadianceMap(light, photo, response, detail=detail.amount if bright else 0.0, seed=detail.seed)
