"""The VGG19 trunk up to conv3_4, whose features the perceptual loss compares.

Source: Simonyan and Zisserman 2014, arXiv:1409.1556. Two published forms of its weights load:
the original ones (names conv1_1..., BGR, 0..255, mean subtracted) and torchvision's state dict
(names features.N..., RGB, 0..1, ImageNet mean and deviation).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

LAYERS = {
    "conv1_1": (3, 64), "conv1_2": (64, 64),
    "conv2_1": (64, 128), "conv2_2": (128, 128),
    "conv3_1": (128, 256), "conv3_2": (256, 256), "conv3_3": (256, 256), "conv3_4": (256, 256),
}  # fmt: skip
TORCHVISION = dict(zip(LAYERS, (0, 2, 5, 7, 10, 12, 14, 16), strict=True))

# Deviation of each layer before its ReLU on photographs, original weights: features are divided
# by it, so that the loss is near one for unrelated pictures whichever layer is read.
DEVIATION = {"conv1_2": 220.0, "conv2_2": 396.0, "conv3_4": 909.0}


class Vgg19(nn.Module):
    """Frozen trunk; ``layer`` and ``before_relu`` are the source's third and fourth ablation."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, weights: Path, layer: str = "conv3_4", before_relu: bool = True) -> None:
        super().__init__()
        if layer not in LAYERS:
            raise ValueError(f"{layer}: not a layer of the VGG19 trunk; there are {', '.join(LAYERS)}")
        state = load_state(weights)
        self.torchvision = "features.0.weight" in state
        self.names = list(LAYERS)[: list(LAYERS).index(layer) + 1]
        self.before_relu = before_relu
        self.scale = 1.0 if self.torchvision else 1 / DEVIATION.get(layer, 909.0)
        self.convs = nn.ModuleList(nn.Conv2d(*LAYERS[name], 3, padding=1) for name in self.names)
        for name, conv in zip(self.names, self.convs, strict=True):
            key = f"features.{TORCHVISION[name]}" if self.torchvision else name
            conv.load_state_dict({part: state[f"{key}.{part}"] for part in ("weight", "bias")})
        mean, deviation = (
            ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
            if self.torchvision
            else ((103.939, 116.779, 123.68), (1.0, 1.0, 1.0))
        )
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviation).view(1, 3, 1, 1))
        self.requires_grad_(False)

    def forward(self, picture: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b c h2 w2"]:
        """Features of an encoded RGB picture in [0, 1]."""
        return self.features(picture, ())[-1]

    def features(self, picture: Float[Tensor, "b 3 h w"], also: Collection[str]) -> list[Tensor]:
        """The features of the layers ``also``, before their ReLU, and of the trunk's own layer, which comes last."""
        x = picture if self.torchvision else 255 * picture.flip(1)
        x = (x - self.mean) / self.deviation
        found = []
        for name, conv in zip(self.names, self.convs, strict=True):
            if name in ("conv2_1", "conv3_1"):
                x = F.max_pool2d(x, 2)
            x = conv(x)
            if name in also and name != self.names[-1]:
                found.append(x * (1.0 if self.torchvision else 1 / DEVIATION[name]))
            if name != self.names[-1] or not self.before_relu:
                x = F.relu(x)
        return [*found, x * self.scale]


def load_state(path: Path) -> dict[str, Tensor]:
    """Weights from a .safetensors file or a torch state dict (read as data only).

    Raises OSError naming the file if it is missing or holds something else.
    """
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise OSError(f"{path}: no VGG19 weights ({str(error).splitlines()[0]})") from error
