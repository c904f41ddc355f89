"""What a JPEG file leaves of a batch of pictures, computed where they are; no file is written.

Source: ITU-T T.81 (the transform, and the tables of its annex K), JFIF (YCbCr), and libjpeg for how a quality scales
the tables and how halved colour is enlarged.
"""

from __future__ import annotations

import math
from functools import cache

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

Table = tuple[tuple[int, ...], ...]

LUMA: Table = (
    (16, 11, 10, 16, 24, 40, 51, 61), (12, 12, 14, 19, 26, 58, 60, 55), (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62), (18, 22, 37, 56, 68, 109, 103, 77), (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101), (72, 92, 95, 98, 112, 100, 103, 99),
)  # fmt: skip
"""Steps in which the 8 x 8 coefficients of luminance are kept at quality 50, in levels."""

CHROMA: Table = (
    (17, 18, 24, 47, 99, 99, 99, 99), (18, 21, 26, 66, 99, 99, 99, 99), (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99), *((99,) * 8,) * 4,
)  # fmt: skip
"""The same of both differences of colour."""


def compressed(
    encoded: Float[Tensor, "b 3 h w"], quality: Float[Tensor, " b"], subsampled: Bool[Tensor, " b"]
) -> Float[Tensor, "b 3 h w"]:
    """``encoded`` in [0, 1] after a JPEG of ``quality`` (1 to 100), of half as much colour where ``subsampled``.

    Sides are even.
    """
    red, green, blue = (encoded * 255).round().unbind(1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    colour = torch.stack([(blue - luma) / 1.772, (red - luma) / 1.402], dim=1).round()
    luma = _kept(luma.round()[:, None] - 128, _steps(LUMA, quality)) + 128
    steps = _steps(CHROMA, quality)
    halved = F.interpolate(_kept(F.avg_pool2d(colour, 2), steps), scale_factor=2.0, mode="bilinear")
    to_blue, to_red = torch.where(subsampled[:, None, None, None], halved, _kept(colour, steps)).unbind(1)
    luma = luma[:, 0]
    red, blue = luma + 1.402 * to_red, luma + 1.772 * to_blue
    green = (luma - 0.299 * red - 0.114 * blue) / 0.587
    return torch.stack([red, green, blue], dim=1).round().clip(0, 255) / 255


def _steps(table: Table, quality: Float[Tensor, " b"]) -> Float[Tensor, "b 64"]:
    """The steps in which coefficients are kept at a quality, in levels."""
    per_cent = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    return ((_on(quality.device, table) * per_cent[:, None] + 50) / 100).floor().clip(1, 255)


def _kept(planes: Float[Tensor, "b c h w"], steps: Float[Tensor, "b 64"]) -> Float[Tensor, "b c h w"]:
    """Planes in levels, around 0, with the coefficients of their blocks of 8 x 8 rounded to ``steps``."""
    height, width = planes.shape[-2:]
    planes = F.pad(planes, (0, -width % 8, 0, -height % 8), mode="replicate")
    blocks = planes.view(*planes.shape[:2], planes.shape[2] // 8, 8, -1, 8).transpose(3, 4)
    transform, steps = _cosines(planes.device), steps[:, None, None]
    found = blocks.flatten(4).flatten(2, 3) @ transform.T
    kept = ((found / steps).round() * steps @ transform).round().clip(-128, 127)
    return kept.view(blocks.shape).transpose(3, 4).reshape(planes.shape)[..., :height, :width]


@cache
def _on(device: torch.device, table: Table) -> Float[Tensor, " 64"]:
    return torch.tensor(table, dtype=torch.float32, device=device).flatten()


@cache
def _cosines(device: torch.device) -> Float[Tensor, "64 64"]:
    """The discrete cosine transform of a block of 8 x 8 values, as an orthogonal matrix."""
    frequency, place = torch.arange(8.0, device=device)[:, None], torch.arange(8.0, device=device)
    lines = torch.cos(math.pi * (2 * place + 1) * frequency / 16) / 2
    lines[0] /= math.sqrt(2)
    return torch.kron(lines, lines)
