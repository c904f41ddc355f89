"""Pictures of any sizes on one device, and squares cut out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float16, Int
from torch import Tensor

from reexposure.training.chance import surely
from reexposure.training.cut import Crops, Places


@dataclass(frozen=True)
class Cut:
    """Squares cut out of pictures."""

    light: Float[Tensor, "b 3 h w"]
    """Linear light; of scenes 95 % of the pixels lie in [0, 1]."""
    bounds: Float[Tensor, "b 3 h w"]
    """1 where the light is at least that, else 0."""


@dataclass(frozen=True)
class Pictures:
    """Pictures in half floats, pixel after pixel, so that no room is lost between those of several sizes."""

    pixels: Float16[Tensor, "p c"]
    """Linear light, then bounds, 0 or 1, if there are six layers."""
    start: Int[Tensor, " m"]
    """The first pixel of each picture."""
    size_px: Int[Tensor, "m 2"]
    """Height and width of each."""

    @classmethod
    def of(cls, arrays: Sequence[Float16[np.ndarray, "_ _ c"]], device: torch.device | str = "cpu") -> Pictures:
        """Those of ``arrays``, of three layers or six."""
        layers = max(array.shape[2] for array in arrays)
        sizes = torch.tensor([array.shape[:2] for array in arrays])
        ends = sizes.prod(1).cumsum(0)
        start = ends - sizes.prod(1)
        pixels = torch.zeros(int(ends[-1]), layers, dtype=torch.float16, device=device)
        for array, first, end in zip(arrays, start.tolist(), ends.tolist(), strict=True):
            pixels[first:end, : array.shape[2]] = torch.from_numpy(np.ascontiguousarray(array)).flatten(0, 1)
        return cls(pixels, start.to(device), sizes.to(device))

    def __len__(self) -> int:
        return len(self.start)

    def look_up(self, which: Int[Tensor, " b"], places: Places, *, wraps: bool = False) -> Float[Tensor, "b c h w"]:
        """What lies at ``places`` of the pictures ``which``, bilinear.

        Pictures go on by their last value, or, sideways, by their other side if they wrap.
        """
        row, column = (place - 0.5 for place in places)
        top, left = row.floor(), column.floor()
        down, right = (row - top)[..., None], (column - left)[..., None]

        def at(y: Float[Tensor, "b h w"], x: Float[Tensor, "b h w"]) -> Float[Tensor, "b h w c"]:
            return self.pixels[self.index(which, (y, x), wraps=wraps)].float()

        upper, lower = (torch.lerp(at(y, left), at(y, left + 1), right) for y in (top, top + 1))
        return torch.lerp(upper, lower, down).permute(0, 3, 1, 2)

    def index(self, which: Int[Tensor, " b"], places: Places, *, wraps: bool = False) -> Int[Tensor, "b h w"]:
        """Where in ``pixels`` the pixel of a row and a column is, both counted from 0; see `look_up` for the edges."""
        height, width = self.size_px[which][..., None, None].unbind(1)
        row, column = (place.floor().long() for place in places)
        column = column.remainder(width) if wraps else column.clip(0).minimum(width - 1)
        return self.start[which][:, None, None] + row.clip(0).minimum(height - 1) * width + column

    def cut(self, which: Int[Tensor, " b"], crops: Crops, crop_px: int) -> Cut:
        """Squares of ``crop_px`` pixels a side out of the pictures ``which``."""
        (row, column), step = crops.places(self.size_px[which], crop_px)
        if surely(step <= 1):
            return cut_of(self.look_up(which, (row, column)))
        # Where a square is a reduction, each of its pixels is the mean of four places in it.
        off = torch.where(step > 1, step / 4, 0.0)
        corners = ((-off, -off), (-off, off), (off, -off), (off, off))
        return cut_of(sum((self.look_up(which, (row + y, column + x)) / 4 for y, x in corners), torch.zeros(())))


def cut_of(layers: Float[Tensor, "b c h w"]) -> Cut:
    """Light and, if there are six layers, bounds; nothing is bounded if there are three."""
    light = layers[:, :3]
    return Cut(light, (layers[:, 3:] > 0).float() if layers.shape[1] > 3 else torch.zeros_like(light))
