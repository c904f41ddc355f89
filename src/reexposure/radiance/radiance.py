"""The radiance map of a photo, every exposure of it, and the files that hold it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from reexposure.arrays import Float32, Shaped
from reexposure.errors import PhotoError
from reexposure.files import written_aside
from reexposure.light import bands, camera, colour, icc, surroundings, transfer
from reexposure.light.develop import Settings
from reexposure.light.gradient import Gradient
from reexposure.photo.photo import Photo
from reexposure.radiance.pieces import Pieces, by_table, mapped

if TYPE_CHECKING:
    from reexposure.radiance.opening import Source
    from reexposure.radiance.spaces import Space

Origin = Literal["network", "gain map", "file"]


@dataclass(frozen=True, eq=False, repr=False)
class RadianceMap:
    """Relative linear light of a scene; 1.0 is the level at which the photo clipped.

    ``light`` is (h, w, 3), finite and >= 0, or `Pieces` that are worked out where they are asked for; ``linear`` is
    all of it. ``photo`` is what it was made from; it lends its format, colour space and metadata to every exposure.
    ``response`` names the curve that decoded it: ``sqrt``, or ``srgb`` for the curve of the photo's colour space (see
    `curve_of`). ``origin`` says where light beyond the photo's own came from; ``detail``, from 0 to 1, how much of the
    texture that ``seed`` draws for the eye is in it. `numpy.asarray` gives ``linear``.
    """

    light: Float32[np.ndarray, "h w 3"] | Pieces
    photo: Photo
    response: str = "sqrt"
    origin: Origin = "network"
    detail: float = 0.0
    seed: int = 0

    @property
    def linear(self) -> Float32[np.ndarray, "h w 3"]:
        """All the light in one array. Asked for once, it is kept, and exposures are made of it."""
        return self.light.whole if isinstance(self.light, Pieces) else self.light

    def kept(self) -> RadianceMap:
        """The same with all its light worked out: what several exposures are made of in less time, and more memory."""
        return replace(self, light=self.linear)

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
    def reconstructed(self) -> Float32[np.ndarray, "h w"]:
        """How far the highlights of each pixel were made by the network: 0 not at all, 1 all of it; of its channels
        the most."""
        if self.origin != "network":
            return np.zeros(self.photo.pixels.shape[:2], np.float32)
        eye = as_seen(self.photo)
        return by_table(camera.over_exposure, _most(eye.pixels), eye.levels)

    @property
    def cleaned(self) -> Float32[np.ndarray, "h w"]:
        """How far the shadows of each pixel were freed of noise and rounding, 0 to 1; of its channels the most.

        Of photos of more than 8 bits, which are not rounded as others are, they are left as they are.
        """
        if self.origin != "network" or not is_rounded(self.photo):
            return np.zeros(self.photo.pixels.shape[:2], np.float32)
        return by_table(camera.under_exposure, _least(self.photo.pixels), self.photo.levels)

    @property
    def layers(self) -> dict[str, Float32[np.ndarray, "h w"]]:
        """What OpenEXR has beside the light, by the name of its channel, each from 0 to 1: how far the highlights of a
        pixel were `reconstructed`, and whether any of its channels was clipped. Light without a photo has none.
        """
        if self.origin == "file":
            return {}
        clipped = _most(self.photo.pixels) == self.photo.levels
        return {"clipped.Y": clipped.astype(np.float32), "reconstructed.Y": self.reconstructed}

    @cached_property
    def highlights_share(self) -> float:
        """The share of pixels in which highlights were reconstructed."""
        lost = _most(self.photo.pixels) > camera.OVER_FROM * self.photo.levels
        return float(lost.mean()) if self.origin == "network" else 0.0

    @property
    def _has_highlights(self) -> bool:
        """Whether `highlights_share` is above 0, in a tenth of its time."""
        return self.origin == "network" and bool(self.photo.pixels.max() > camera.OVER_FROM * self.photo.levels)

    @cached_property
    def shadows_share(self) -> float:
        """The share of pixels in which shadows were cleaned."""
        if self.origin != "network" or not is_rounded(self.photo):
            return 0.0
        return float((_least(self.photo.pixels) < camera.UNDER_FROM * self.photo.levels).mean())

    @cached_property
    def brightest_ev(self) -> float | None:
        """The brightest light, in stops over the level at which the photo clipped; None where there is none."""
        brightest = self.light.brightest if isinstance(self.light, Pieces) else float(self.light.max())
        return math.log2(brightest) if brightest > 0 else None

    @property
    def done(self) -> str:
        """What the network did, in words."""
        return (
            f"{percent(self.highlights_share)} highlights reconstructed, {percent(self.shadows_share)} shadows cleaned"
        )

    def __repr__(self) -> str:
        height, width = self.photo.pixels.shape[:2]
        light = "no light" if self.brightest_ev is None else f"brightest {self.brightest_ev:+.1f} EV"
        known = self.done if self.origin == "network" else f"light of its {self.origin}"
        return f"RadianceMap {width} x {height}, {known}, {light}"

    def _repr_png_(self) -> bytes:
        """The picture that a notebook shows: the photo at its own exposure."""
        return self.expose(0)._repr_png_()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.linear, dtype, copy=copy)

    def _encoded(self) -> Float32[np.ndarray, "h w 3"]:
        eye = as_seen(self.photo)
        return eye.pixels / np.float32(eye.levels)

    def expose(self, ev: float) -> Photo:
        """The photo as if taken ``ev`` stops brighter (positive) or darker, in its own bit depth.

        At ``ev`` 0 every well-exposed pixel is the photo's own, to the last bit. XMP says what was done.
        """
        return self.develop(ev)

    def develop(
        self, ev: float = 0.0, highlights: float = 0.0, shadows: float = 0.0, gradient: Gradient | None = None
    ) -> Photo:
        """The photo at an exposure of ``ev`` stops, its highlights and shadows moved by -100 to 100.

        ``highlights`` below 0 bring back what is beyond white at this exposure, ``shadows`` above 0 open what is dark;
        the tones between are left alone, and 0 of both is `expose`. ``gradient`` changes the exposure of a part of the
        picture. How, stands in `light.develop` and `light.gradient`. XMP says what was done. Raises ValueError for
        what is out of range.
        """
        return self.developed(Settings(ev, highlights, shadows, gradient))

    def developed(self, settings: Settings) -> Photo:
        """The photo as `develop` makes it with these settings."""
        pixels = self._exposed(settings) if settings.plain else self._developed(settings)
        about = self.photo.metadata.recording(**settings.told(), **self.told())
        return replace(self.photo.with_pixels(pixels), metadata=about)

    def told(self) -> dict[str, str]:
        """What XMP says of the light that pictures are made of: the detail in highlights that were reconstructed."""
        return {"Detail": f"{self.detail:g}", "Seed": str(self.seed)} if self._has_highlights else {}

    def _exposed(self, settings: Settings) -> Shaped[np.ndarray, "h w 3"]:
        curve, levels, kind = self.curve, np.float32(self.photo.levels), self.photo.pixels.dtype

        def encode(linear: camera.Array) -> camera.Array:
            return np.rint(camera.photograph(linear, np.float32(settings.ev), curve) * levels)

        light = self.light
        return light.mapped(encode, kind) if isinstance(light, Pieces) else mapped(light, encode, kind)

    def _developed(self, settings: Settings) -> Shaped[np.ndarray, "h w 3"]:
        from reexposure.radiance import developing  # which stands on this file

        pixels = np.empty(self.linear.shape, self.photo.pixels.dtype)
        curve, levels = self.curve, np.float32(self.photo.levels)

        def work(rows: slice, light: Float32[np.ndarray, "rows w 3"]) -> None:
            np.rint(camera.photograph(light, 0.0, curve) * levels, out=pixels[rows], casting="unsafe")

        developing.each_band(self, settings, work)
        return pixels

    def suggest(self) -> Settings:
        """The exposure, highlights and shadows that suit the picture, for `develop`; the same for the same light.

        How they are chosen, stands in `radiance.suggesting`.
        """
        from reexposure.radiance import suggesting

        return suggesting.suggest(self)

    @cached_property
    def surroundings(self) -> Float32[np.ndarray, "rows columns 2"]:
        """How bright the surroundings of each pixel are, as a map of `light.surroundings`."""
        return surroundings.slope_and_offset(self.reduced_ev, self.photo.panorama)

    @cached_property
    def reduced_ev(self) -> Float32[np.ndarray, "rows columns"]:
        """Log2 luminance, in stops over 1.0, of the picture reduced to what `develop` and `suggest` need."""
        return surroundings.reduced_ev(self.linear, self.weights)

    @property
    def weights(self) -> tuple[float, float, float]:
        """How much of luminance each channel is."""
        return colour.luminances(self.photo.colour_space)

    def save(
        self,
        path: str | Path,
        float32: bool = False,
        overwrite: bool = True,
        command: str = "",
        space: Space = "photo",
        *,
        settings: Settings | None = None,
    ) -> tuple[str, ...]:
        """Write the radiance map as the suffix says: OpenEXR, Radiance .hdr, float TIFF, or Ultra HDR (.jpg).

        OpenEXR holds half floats, unless ``float32``, and beside the light its `layers` and how the photo was taken.
        ``space`` names the primaries of the light: the photo's own, or others, in which colours that lie outside are
        below zero. ``settings`` develop the picture in front in Ultra HDR, whose gain map tells all of the light at
        their exposure. ``command`` is recorded in the file as what made it. The file appears whole or not at all.
        Returns what is to be known of it, a line each. Raises PhotoError naming the file, ValueError for an unknown
        space.
        """
        from reexposure.radiance import developing, exr_attributes, spaces, ultrahdr, with_openimageio

        path = Path(path)
        own = self.photo.colour_space
        target = spaces.space_of(space, own)
        suffix = path.suffix.lower()
        if suffix not in (*with_openimageio.SUFFIXES, ".jpg", ".jpeg"):
            raise PhotoError(
                f"{path}: unknown format; write one of {', '.join(with_openimageio.SUFFIXES)}, .jpg (Ultra HDR)"
            )
        if settings is not None and suffix in with_openimageio.SUFFIXES:
            raise PhotoError(f"{path}: light is not developed; settings are for Ultra HDR (.jpg)")
        try:
            with written_aside(path, overwrite) as aside:
                if suffix in with_openimageio.SUFFIXES:
                    half = suffix == ".exr" and not float32
                    linear = spaces.stored(self.light, own, target, half)
                    with_openimageio.write(
                        aside, linear, suffix, target, float32=float32, command=command, layers=self.layers,
                        about=exr_attributes.attributes(self.photo.metadata.exif)
                        | {f"reexposure:{name}": value for name, value in self.told().items()},
                    )  # fmt: skip
                    return spaces.notes(linear, space, target, suffix)
                if space != "photo":
                    raise PhotoError(f"{path}: Ultra HDR has the photo's own colours; another space is for .exr")
                linear, photo, told = self.linear, self.photo, self.told()
                if settings is not None:
                    linear, told = developing.exposed(self, settings), {}
                    photo = self.developed(settings)  # tells
                told |= {"Command": command} if command else {}
                aside.write_bytes(ultrahdr.encoded(linear, photo, self.curve, told, settings is not None))
                return ()
        except OSError as error:
            raise PhotoError(str(error)) from error

    def save_mask(self, path: str | Path, overwrite: bool = True) -> None:
        """Write a PNG: red where highlights are `reconstructed`, blue where shadows are `cleaned`, black elsewhere."""
        both = np.stack([self.reconstructed, np.zeros(self.linear.shape[:2], np.float32), self.cleaned], axis=-1)
        Photo(np.rint(both * 255).astype(np.uint8)).save(path, overwrite)

    @classmethod
    def load(cls, source: Source) -> RadianceMap:
        """Open a radiance map: OpenEXR, Radiance .hdr, float TIFF, a photo with a gain map, or floats. See `open`.

        What a file has no photo for is shown clipped at 1.0, in 16 bits. Raises PhotoError naming
        the file if it cannot be read or is none of these.
        """
        from reexposure.radiance import opening  # which stands on this file

        found = opening.open(source)
        known = opening.lit(found) if isinstance(found, Photo) else found
        if known is None:
            name = source if isinstance(source, (str, Path)) else "this file"
            raise PhotoError(f"{name}: a photo, no radiance map; reconstruct one from it")
        return known


def curve_of(photo: Photo, response: str) -> camera.Response:
    """The curve that decodes a photo where ``response`` is asked for: ``sqrt``, or ``srgb`` for its colour space's.

    The square root is for ordinary photos. A file that says another curve of its own (linear, gamma 1.8, a table,
    one for each channel) is decoded by that, so that a stop is a stop of what its colours mean.
    """
    own = photo.colour_space.response
    return camera.RESPONSES[response] if response != "srgb" and transfer.is_ordinary(own) else own


def is_rounded(photo: Photo) -> bool:
    """Whether shadows show the steps of 8 bits, as ordinary photos do."""
    return photo.levels == 255 and transfer.is_ordinary(photo.colour_space.response)


def as_seen(photo: Photo) -> Photo:
    """The photo as the square-root camera would have encoded it, where masks and the network have their scale.

    An ordinary photo is that itself. One of another curve becomes a photo of the square root, in 16 bits.
    """
    space, levels = photo.colour_space, np.float32(photo.levels)
    if transfer.is_ordinary(space.response):
        return photo
    pixels = np.empty(photo.pixels.shape, np.uint16)

    def encode(rows: slice) -> None:
        linear = space.response.decode(photo.pixels[rows] / levels)
        pixels[rows] = np.rint(camera.photograph(linear) * np.float32(65535))

    bands.over_rows(encode, *photo.pixels.shape[:2])
    alpha = photo.alpha if photo.alpha is None or photo.levels > 255 else photo.alpha * np.uint16(257)
    root = colour.named(space.primaries, camera.RESPONSES["sqrt"])
    metadata = replace(photo.metadata, profile=icc.profile_of(root, photo.grey))
    return replace(photo.with_pixels(pixels), alpha=alpha, metadata=metadata)


def _most(pixels: Shaped[np.ndarray, "h w 3"]) -> Shaped[np.ndarray, "h w"]:
    """The largest channel of each pixel, in a tenth of the time that `max` takes over so short an axis."""
    return np.maximum(np.maximum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])


def _least(pixels: Shaped[np.ndarray, "h w 3"]) -> Shaped[np.ndarray, "h w"]:
    return np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])


def percent(share: float) -> str:
    """A share in words; never 0 % of what there is.

    >>> percent(0.034), percent(0.002), percent(0.0)
    ('3 %', 'under 1 %', '0 %')
    """
    return "under 1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"
