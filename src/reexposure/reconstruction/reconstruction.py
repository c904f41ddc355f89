"""Photo -> radiance map: its own light, its highlights reconstructed, its shadows cleaned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reexposure.light import bands, camera
from reexposure.radiance import opening
from reexposure.radiance.pieces import Pieces
from reexposure.radiance.radiance import RadianceMap, curve_of
from reexposure.reconstruction import highlights, shadows
from reexposure.reconstruction import network as networks
from reexposure.reconstruction.detail import Detail, asked
from reexposure.reconstruction.highlights import Highlights

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
    Detail(detail or 0.0, seed)  # refuses what is out of range, whatever the source
    with bands.threads(threads):
        found = ask(source, response, ignore_gain_map=ignore_gain_map, panorama=panorama, network=network)
        return found.detailed(detail, seed)


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """Light that the network was asked for once, over which detail is drawn as often as is wanted."""

    faithful: RadianceMap
    highlights: Highlights | None = None
    """None where the network made none."""

    def detailed(self, amount: float | None = None, seed: int = 0) -> RadianceMap:
        """The light with so much detail, as `reconstruct` takes it; light that is worked out already serves again."""
        light = self.faithful.light
        if self.highlights is None or not isinstance(light, Pieces):
            return self.faithful
        detail = asked(amount, seed, self.faithful.photo, self.highlights.network)
        if not detail.amount:
            return self.faithful
        drawn = light.with_highlights(self.highlights.pieces(detail))
        return replace(self.faithful, light=drawn, detail=detail.amount, seed=detail.seed)


def ask(
    source: Source,
    response: str = "sqrt",
    *,
    ignore_gain_map: bool = False,
    panorama: bool = False,
    network: str | Path | None = None,
) -> Reconstruction:
    """`reconstruct` before any detail is drawn; it says what is taken, and what is raised."""
    if response not in camera.RESPONSES:
        raise ValueError(f"{response}: unknown response; there are {', '.join(camera.RESPONSES)}")
    photo = opening.open(source)
    if isinstance(photo, RadianceMap):
        return Reconstruction(photo)
    known = None if ignore_gain_map else opening.lit(photo)
    if known is not None:
        return Reconstruction(known)
    photo = photo.as_panorama() if panorama else photo
    curve, chosen = curve_of(photo, response), networks.open(network)
    bright, dark = highlights.find(photo, curve, chosen), shadows.pieces(photo, curve, chosen)
    light = Pieces(photo, curve, bright.pieces() if bright else [], dark, bands.thread_count())
    return Reconstruction(RadianceMap(light, photo, response), bright)
