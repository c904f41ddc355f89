"""What a header may claim: judged before memory or time is spent on it."""

from __future__ import annotations

MAX_PX = 200_000_000
"""Pictures with more pixels are refused, unless one asks for more: they need more memory than a laptop has."""

MAX_BYTES = 4_000_000_000
"""Bytes of a file: as many as the largest pictures take in floats."""

MAX_ASPECT = 100_000
"""How many times as long as wide a picture may be."""

FREE_PX, PX_PER_BYTE, TIGHT_PX_PER_BYTE = 12_500_000, 50, 500
"""Pixels that any file may claim, and how many more for each byte of it; those of AVIF, HEIC, JPEG XL and WebP, which
pack a photo to a tenth of a bit a pixel, may be more. An even picture can be packed harder (JPEG: to 64 pixels in a
byte, PNG: 340); a photo, which has noise, cannot."""


class TooLargeError(Exception):
    """A picture of more pixels than allowed; the text is the reason, to follow a file's name."""


def check(height_px: int, width_px: int, bytes: int, max_px: int = MAX_PX, tight: bool = False) -> None:
    """Raise TooLargeError for a picture of a size that is not to be read from a file of ``bytes``.

    ``tight`` is for formats that pack photos harder than JPEG does. Who asks for more than MAX_PX gets it from
    however few bytes.
    """
    pixels = height_px * width_px
    if pixels > max_px:
        raise TooLargeError(f"more than {max_px / 1e6:g} megapixels ({width_px} x {height_px})")
    if max(height_px, width_px) > MAX_ASPECT * min(height_px, width_px):
        raise TooLargeError(f"{width_px} x {height_px} pixels: too narrow for a photo")
    px_per_byte = TIGHT_PX_PER_BYTE if tight else PX_PER_BYTE
    if max_px <= MAX_PX and pixels > FREE_PX + px_per_byte * bytes:
        raise TooLargeError(f"{pixels / 1e6:.0f} megapixels claimed by {bytes} bytes: no photo, or a damaged one")
