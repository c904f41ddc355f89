"""What a run leaves to look at: numbers, and pictures of fixed validation views."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from reexposure.light import camera
from reexposure.training import losses
from reexposure.training.generator import masks_of
from reexposure.training.pairs import Pairs
from reexposure.training.recipe import Recipe
from reexposure.training.shards import index_shards
from reexposure.training.whole import WholePictures

SHOWN_EV = -2.5


class Samples:
    """Logs of a run, and validation on views that are the same in every run."""

    def __init__(self, recipe: Recipe, out: Path, device: torch.device, count: int = 48, shown: int = 10) -> None:
        self.out, self.device, self.shown = out, device, shown
        self.writer = SummaryWriter(out / "tensorboard")
        try:
            views = index_shards(Path(recipe.shards) / "val")
        except ValueError:
            views = []
        self.photo: Tensor | None = None
        self.truth: Tensor | None = None
        if views and recipe.augmentation.made_on == "device":
            whole = WholePictures(views, recipe.augmentation, recipe.shares, torch.device("cpu"))
            self.photo, self.truth, _ = whole.batch(count, 7, 0)
        elif views:
            pairs = Pairs(views, recipe.augmentation)
            both = [pairs[int(index), 7][:2] for index in np.linspace(0, len(views) - 1, count)]
            self.photo, self.truth = (torch.stack(side) for side in zip(*both, strict=True))

    def log(self, step: int, elapsed_s: float, values: dict[str, float]) -> None:
        """Add a line to the JSONL log and the values to TensorBoard."""
        with (self.out / "log.jsonl").open("a") as file:
            file.write(json.dumps({"step": step, "minutes": round(elapsed_s / 60, 2)} | values) + "\n")
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def validate(self, reconstruct: Callable[[Tensor], Tensor], step: int, elapsed_s: float) -> dict[str, float]:
        """Errors under the over-exposure mask, as a share of the plain brightness change's."""
        if self.photo is None or self.truth is None:
            return {}
        with torch.no_grad():
            parts = [reconstruct(p.to(self.device)).cpu() for p in torch.split(self.photo, 8)]
        ours, naive = torch.cat(parts), camera.RESPONSES["sqrt"].decode(self.photo)
        over = masks_of(self.photo)[:, :3]
        values = {"val log": losses.log_error(ours, self.truth, over) / losses.log_error(naive, self.truth, over)}
        for ev in (-1.0, -2.0, -4.0):
            shift = torch.full((1, 1, 1, 1), ev)
            error = [
                losses.picture_error(losses.pictures(x, shift), losses.pictures(self.truth, shift), over)
                for x in (ours, naive)
            ]
            values[f"val picture {ev:+.0f} EV"] = error[0] / error[1]
        rounded = {name: round(float(value), 4) for name, value in values.items()}
        self.log(step, elapsed_s, rounded)
        self._picture(step, naive, ours)
        return rounded

    def _picture(self, step: int, naive: Tensor, ours: Tensor) -> None:
        """Photo, plain brightness change, ours and truth, one column each."""
        assert self.photo is not None
        assert self.truth is not None
        dark = [camera.photograph(x[: self.shown], SHOWN_EV) for x in (naive, ours, self.truth)]
        columns = [torch.cat(list(x), dim=1) for x in (self.photo[: self.shown], *dark)]
        sheet = torch.cat(columns, dim=2)
        folder = self.out / "samples"
        folder.mkdir(exist_ok=True)
        picture = (sheet.permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8)
        Image.fromarray(picture).save(folder / f"{step:07d}.png")
        self.writer.add_image("validation", picture, step, dataformats="HWC")
