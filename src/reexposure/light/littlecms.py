"""Colours by profiles made of tables, which only a colour management system reads: littlecms, by Pillow."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from reexposure.arrays import Float32, Shaped
from reexposure.light import bands, icc

SIGNS = np.array([0, 128, 128], np.uint8)
"""What takes the signs from a* and b*, or gives them back."""

Converter = Callable[[Image.Image], Image.Image]


def to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """An 8-bit picture converted from ``profile`` to sRGB; as it is where the profile says sRGB.

    Raises ValueError for a profile that cannot be used on it.
    """
    if picture.mode == "RGB" and (not profile or icc.space(profile).is_srgb):
        return picture
    return _by_profile(picture.mode, profile)(picture)


def converted(pixels: Shaped[np.ndarray, "h w c"], mode: str, profile: bytes = b"") -> Shaped[np.ndarray, "h w 3"]:
    """Pixels of 8 or 16 bits in Pillow's ``mode`` (L, RGB, CMYK or LAB) as sRGB of the same depth.

    CMYK without a profile that fits is converted plainly. LAB is CIE L*a*b* at D50, a* and b* with a sign, as
    TIFF stores it. Raises ValueError for a profile that cannot be used on other colours.

    littlecms is asked in 8 bits. What 16 bits know beyond is interpolated between its answers.
    """
    convert = _converter(mode, profile)

    def answers(values: Shaped[np.ndarray, "n m c"]) -> Shaped[np.ndarray, "n m 3"]:
        flat = values[..., 0] if mode == "L" else values ^ SIGNS if mode == "LAB" else values
        picture = Image.frombytes(mode, (flat.shape[1], flat.shape[0]), np.ascontiguousarray(flat).tobytes())
        return np.asarray(convert(picture))

    if mode == "LAB":  # without signs
        pixels = pixels ^ np.array([0, 1, 1], pixels.dtype) * pixels.dtype.type(np.iinfo(pixels.dtype).max // 2 + 1)
    if pixels.dtype == np.uint8:
        return answers(pixels)
    # The zero of a* and b* is 128 in 8 bits, 32768 in 16: everything else is scaled from 255 to 65535.
    scale = np.array([257, 256, 256] if mode == "LAB" else [257] * pixels.shape[-1], np.float32)
    result = np.empty((*pixels.shape[:2], 3), np.uint16)

    def work(rows: slice) -> None:
        result[rows] = np.rint(_between(pixels[rows] / scale, answers) * 257)

    bands.over_rows(work, *pixels.shape[:2])
    return result


def _between(
    values: Float32[np.ndarray, "h w c"], answers: Callable[[Shaped[np.ndarray, "h w c"]], Shaped[np.ndarray, "h w 3"]]
) -> Float32[np.ndarray, "h w 3"]:
    """``answers`` to whole numbers, 0 to 255, interpolated at what lies between them.

    In the simplex around each value (tetrahedral interpolation, in as many dimensions as there are channels):
    from its lower corner the channels go up one by one, that with the largest share first.
    """
    corner = np.floor(values).clip(0, 254)
    share = (values - corner).clip(0, 1)
    corner = corner.astype(np.uint8)
    order = np.argsort(-share, axis=-1)
    shares = np.take_along_axis(share, order, -1)
    ends = np.concatenate([np.ones_like(shares[..., :1]), shares, np.zeros_like(shares[..., :1])], -1)
    weights = ends[..., :-1] - ends[..., 1:]
    total = answers(corner) * weights[..., :1]
    for step in range(values.shape[-1]):
        place = order[..., step : step + 1]
        np.put_along_axis(corner, place, np.take_along_axis(corner, place, -1) + np.uint8(1), -1)
        total += answers(corner) * weights[..., step + 1 : step + 2]
    return total


def _converter(mode: str, profile: bytes) -> Converter:
    if mode == "LAB":
        return _lab()
    if mode != "CMYK":
        return _by_profile(mode, profile)
    try:
        return _by_profile(mode, profile if profile[16:20] == b"CMYK" else b"")
    except ValueError:  # none, or a damaged one, which says nothing
        return lambda picture: picture.convert("RGB")


def _by_profile(mode: str, profile: bytes) -> Converter:
    """Relative colorimetric, with black point compensation. Raises ValueError for a profile that does not fit."""
    from PIL import ImageCms

    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)), _srgb(), mode, "RGBA" if mode == "RGBA" else "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )  # fmt: skip
    except (ImageCms.PyCMSError, OSError) as error:
        raise ValueError(f"colour profile cannot be used ({error})") from error
    return functools.partial(_applied, transform)


@functools.cache
def _lab() -> Converter:
    from PIL import ImageCms

    return functools.partial(_applied, ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB"))


def _applied(transform: Any, picture: Image.Image) -> Image.Image:
    from PIL import ImageCms

    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None
    return converted


@functools.cache
def _srgb() -> Any:
    from PIL import ImageCms

    return ImageCms.createProfile("sRGB")
