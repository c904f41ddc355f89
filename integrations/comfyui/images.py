"""ComfyUI's IMAGE, a batch of pictures [b, h, w, c] of floats, and what reexposure makes of each of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

import reexposure as rx

EIGHT_BITS = 1e-4
"""How near all values are to a 255th in a picture that was one of 8 bits, as most files are."""


def pictures(batch: torch.Tensor) -> Iterator[np.ndarray]:
    """Each picture as (h, w, 3); a fourth channel is left out. Raises ValueError for a batch that is none."""
    if batch.ndim != 4 or batch.shape[-1] not in (3, 4):
        raise ValueError(f"reexposure: an IMAGE of shape {list(batch.shape)}; [batch, height, width, 3] is wanted")
    if batch.numel() == 0:
        raise ValueError(
            f"reexposure: the IMAGE is empty, its shape is {list(batch.shape)}; there is nothing to work on"
        )
    yield from batch[..., :3].detach().to("cpu", torch.float32).numpy()


def lights(batch: torch.Tensor) -> Iterator[rx.RadianceMap]:
    """Each picture of linear light as a radiance map. Raises ValueError as `pictures` does."""
    for light in pictures(batch):
        found = rx.open(np.nan_to_num(light, nan=0.0, posinf=65504.0, neginf=0.0).clip(0, None))
        assert isinstance(found, rx.RadianceMap)  # floats are light
        yield found


def levels(picture: np.ndarray) -> np.ndarray:
    """A picture of [0, 1], encoded as sRGB, in the 8 bits that it was loaded from, or else in 16."""
    shown = np.nan_to_num(picture).clip(0, 1)
    eight = np.rint(shown * 255)
    if np.abs(shown - eight / 255).max() < EIGHT_BITS:
        return eight.astype(np.uint8)
    return np.rint(shown * 65535).astype(np.uint16)


def encoded(photo: rx.Photo) -> torch.Tensor:
    """A photo as [h, w, 3], encoded, from 0 to 1."""
    return torch.from_numpy(photo.pixels / np.float32(photo.levels))
