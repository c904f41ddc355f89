"""Detail: what is drawn for the eye over faithful light, which is fog, where all channels clipped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reexposure.arrays import Float32
from reexposure.errors import NetworkError
from reexposure.light import camera
from reexposure.light.noise import noise
from reexposure.light.numbers import NUMBERS
from reexposure.light.resampling import Enlarged
from reexposure.photo.photo import Photo
from reexposure.reconstruction import looks
from reexposure.reconstruction.network import Network

DRAW_PX = NUMBERS["detail_px"]
"""Detail is drawn for the photo reduced to at most this many pixels, and enlarged."""

STRIDE_PX = NUMBERS["stride_px"]
AROUND_PX = 6 * STRIDE_PX
"""What is seen around the part that clipped, so that the rest of the photo changes nothing: no pixel sees further."""


@dataclass(frozen=True)
class Detail:
    """What is asked for. Raises ValueError for what is out of range."""

    amount: float = 0.0
    """From 0, faithful light as it is, to 1, all that the network draws."""
    seed: int = 0
    """Which of the drawings, from 0 to 2**32 - 1."""

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= 1:
            raise ValueError(f"detail {self.amount:g}: goes from 0 to 1")
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"seed {self.seed}: goes from 0 to {2**32 - 1}")


NONE = Detail()


def asked(amount: float | None, seed: int, photo: Photo, network: Network) -> Detail:
    """The detail to be drawn; None is what is best for the eye.

    That is what ``network`` says, and none in panoramas, where what is drawn would not meet at their borders.
    """
    best = 0.0 if photo.panorama else network.detail
    return Detail(best if amount is None else amount, seed)


def drawn(
    photo: Photo, gain: Float32[np.ndarray, "h w 3"], network: Network, seed: int
) -> Float32[np.ndarray, "h2 w2 3"] | None:
    """All that the network draws: stops to be added to ``gain``, ready to be enlarged; None where nothing is lost.

    The same seed draws the same. Raises NetworkError for a network that draws no detail.
    """
    if not network.has_detail:
        raise NetworkError(f"{network.folder or 'the released network'}: draws no detail; leave it at 0")
    seen = looks.look(photo, DRAW_PX)
    lost = seen.min(-1) > camera.OVER_FROM
    if not lost.any():
        return None
    box = tuple(_with_surroundings(lost.any(1 - axis), AROUND_PX) for axis in (0, 1))
    rows, columns = box
    grain = noise(seed, rows, columns)
    found = np.zeros_like(seen)
    found[box] = network.drawn(seen[box], Enlarged(gain, *seen.shape[:2]).cut(rows, columns), grain)
    return found


def _with_surroundings(lost: np.ndarray, around_px: int) -> slice:
    """Where ``lost`` is true, and ``around_px`` more on each side; it begins at a multiple of the stride.

    >>> _with_surroundings(np.arange(100) == 70, 32)
    slice(32, 100, None)
    """
    places = np.flatnonzero(lost)
    first, last = max(0, int(places[0]) - around_px), int(places[-1]) + 1 + around_px
    return slice(first // STRIDE_PX * STRIDE_PX, min(-(-last // STRIDE_PX) * STRIDE_PX, len(lost)))
