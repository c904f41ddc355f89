"""The network that cleans shadows: so small that it runs at full size, wherever a photo holds crushed values.

A first convolution takes squares of 2 pixels together; blocks of it filter each channel by itself and then mix all, as
in Howard et al. 2017, "MobileNets", which takes a fifth of the time of convolutions that do both at once.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from reexposure.light import camera

WIDTH, BLOCKS = 16, 6
"""Channels, and how many blocks: each sees two pixels further. In all it sees 14 pixels to each side."""

CELL_PX = 16
"""How much light shadows hold is the photo's own word over squares of this size."""

MAX_CORRECTION = 2 / 255
"""No value in the shadows is moved by much more: two levels of 8 bits, before their mean is taken off."""

DARKEST = 2 * camera.UNDER_FROM
"""Encoded level up to which values are told apart: twice where under-exposure begins."""


class Block(nn.Module):
    """Adds to its input what a filter for each channel and a mixture of all of them say."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.filter = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.mix = nn.Conv2d(width, width, 1)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        return F.relu(x + self.mix(self.filter(x)))


class Shadows(nn.Module):
    """Encoded photo -> what noise and rounding did to its under-exposed values.

    It begins by saying nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, WIDTH, 6, stride=2, padding=2)
        self.blocks = nn.Sequential(*(Block(WIDTH) for _ in range(BLOCKS)))
        self.last = nn.Conv2d(WIDTH, 4 * 3, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, encoded: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 12 h2 w2"]:
        """The correction, encoded, of the four pixels of squares of 2: red, green and blue of each, row by row.

        The sides of ``encoded`` are multiples of CELL_PX. Corrections are small: what more a network says of a shadow
        is not noise.
        """
        weights = self.first.weight / DARKEST  # rather than the picture, which is larger
        x = F.relu(F.conv2d(encoded.clamp(max=DARKEST), weights, self.first.bias, stride=2, padding=2))
        found = MAX_CORRECTION * torch.tanh(self.last(self.blocks(x)))
        return without_mean(found, camera.under_exposure(encoded))


def without_mean(found: Float[Tensor, "b 12 h2 w2"], under: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 12 h2 w2"]:
    """Corrections of squares of 2 less their own mean under the mask.

    How much light a patch of shadow holds, its many noisy pixels say well enough together. Left to
    guess, a network brightens shadows that are darker than those it learnt from.
    """
    four, share, cell = torch.unflatten(found, 1, (4, 3)), F.avg_pool2d(under, 2), CELL_PX // 2
    total = torch.unflatten(F.avg_pool2d((four * share[:, None]).flatten(1, 2), cell), 1, (4, 3)).mean(1)
    mean = total / (F.avg_pool2d(share, cell) + 1e-4)
    return (four - F.interpolate(mean, scale_factor=float(cell), mode="bilinear")[:, None]).flatten(1, 2)


def spread(found: Float[Tensor, "b 12 h2 w2"]) -> Float[Tensor, "b 3 h w"]:
    """What was found for squares of 2 as planes of pixels."""
    return torch.unflatten(found, 1, (2, 2, 3)).permute(0, 3, 4, 1, 5, 2).flatten(4, 5).flatten(2, 3)
