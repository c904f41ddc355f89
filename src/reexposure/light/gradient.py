"""A graduated filter: so many stops more in a part of a picture, and none beyond it. The page's shader does the same.

Along the way from ``start`` to ``end``, in pixels, ``t`` goes from 0 to 1; of the gradient's stops there are
``1 - t*t * (3 - 2*t)``, all of them before ``start`` and none beyond ``end``. In reconstructed highlights there are so
many of them as `surroundings.fitted` makes of their mask, whose edges are then the picture's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reexposure.arrays import Float32

WHERE = ("line", "highlights")
MOST_EV = 5.0


@dataclass(frozen=True)
class Gradient:
    """An exposure change of a part of a picture. Raises ValueError for what is out of range."""

    ev: float
    """So many stops more, from -5 to 5."""
    start: tuple[float, float] = (0.5, 0.1)
    """Where it is full: x and y in shares of the picture's width and height."""
    end: tuple[float, float] = (0.5, 0.55)
    """Where it has ended."""
    where: str = "line"
    """``highlights``: in reconstructed highlights, wherever they are; then there is no line."""

    def __post_init__(self) -> None:
        if not -MOST_EV <= self.ev <= MOST_EV:  # also for nan
            raise ValueError(f"a gradient of {self.ev:g} EV: out of range; it goes from -5 to 5")
        for point in (self.start, self.end):
            if not all(0 <= share <= 1 for share in point):
                raise ValueError(
                    f"a gradient at {point[0]:g}, {point[1]:g}: outside of the picture, which goes from 0 to 1"
                )
        if self.start == self.end:
            raise ValueError("a gradient that ends where it starts")
        if self.where not in WHERE:
            raise ValueError(f"a gradient in {self.where}: there are {', '.join(WHERE)}")

    def told(self) -> str:
        """What XMP says of it.

        >>> Gradient(-1.5, (0.5, 0), (0.5, 0.25)).told()
        '-1.5 EV line 0.5,0 0.5,0.25'
        """
        (x0, y0), (x1, y1) = self.start, self.end
        return f"{self.ev:+g} EV {self.where} {x0:g},{y0:g} {x1:g},{y1:g}"

    @classmethod
    def of_told(cls, text: str) -> Gradient:
        """The inverse of `told`. Raises ValueError for anything else.

        >>> Gradient.of_told("-1.5 EV line 0.5,0 0.5,0.25")
        Gradient(ev=-1.5, start=(0.5, 0.0), end=(0.5, 0.25), where='line')
        """
        try:
            ev, _, where, *ends = text.split()
            (x0, y0), (x1, y1) = ([float(share) for share in end.split(",")] for end in ends)
            return cls(float(ev), (x0, y0), (x1, y1), where)
        except (ValueError, TypeError):
            raise ValueError(f"{text}: not a gradient") from None


def along(gradient: Gradient, height_px: int, width_px: int, rows: slice) -> Float32[np.ndarray, "rows w"]:
    """How much of a gradient along its line there is in ``rows`` of a picture, 0 to 1.

    >>> along(Gradient(1, (0, 0), (1, 0)), 1, 4, slice(0, 1)).round(2).tolist()
    [[0.9599999785423279, 0.6800000071525574, 0.3199999928474426, 0.03999999910593033]]
    """
    (x0, y0), (x1, y1) = [(x * width_px, y * height_px) for x, y in (gradient.start, gradient.end)]
    dx, dy = x1 - x0, y1 - y0
    x, y = np.arange(width_px) + 0.5 - x0, np.arange(rows.start, rows.stop)[:, None] + 0.5 - y0
    t = ((x * dx + y * dy) / (dx * dx + dy * dy)).clip(0, 1)
    return (1 - t * t * (3 - 2 * t)).astype(np.float32)
