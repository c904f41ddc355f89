"""How far patches of pictures are from real ones, wherever they lie: the Frechet distance of VGG19's features.

Source: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule" (FID), of the features of conv3_4, where each
place of a picture is a sample. 0 is right; the plain change of burnt parts is some 85 from the truth, two halves of the
truth 0.6.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from reexposure.arrays import Float32, Float64, UInt8
from reexposure.evaluation.cases import Case
from reexposure.evaluation.realism import FEWEST_PX, SEEN_EV, in_squares, inside_of
from reexposure.light import camera

PLACE_PX, MOST_A_CASE = 4, 400
"""A feature of conv3_4 stands for so many pixels across; of one case so many count at most."""


class Moments:
    """Mean and covariance of samples that come a few at a time."""

    def __init__(self) -> None:
        self.count = 0
        self.total: Any = 0.0
        self.products: Any = 0.0

    def add(self, samples: Float32[np.ndarray, "n features"]) -> None:
        """Count some samples more."""
        exact = samples.astype(np.float64)
        self.count += len(exact)
        self.total = self.total + exact.sum(0)
        self.products = self.products + exact.T @ exact

    @property
    def mean(self) -> Float64[np.ndarray, " features"]:
        """Their mean."""
        return np.asarray(self.total) / self.count

    @property
    def covariance(self) -> Float64[np.ndarray, "features features"]:
        """Their covariance, of samples of more."""
        return (np.asarray(self.products) - self.count * np.outer(self.mean, self.mean)) / (self.count - 1)


def frechet(one: Moments, other: Moments) -> float:
    """The squared Frechet distance of two normal distributions."""
    roots = np.sqrt(np.linalg.eigvals(one.covariance @ other.covariance).real.clip(0, None))
    apart = ((one.mean - other.mean) ** 2).sum()
    return float(apart + np.trace(one.covariance) + np.trace(other.covariance) - 2 * roots.sum())


class Patches:
    """What VGG19 sees inside clipped parts of each method's pictures, all cases of a kind together."""

    def __init__(self, weights: Path) -> None:
        """Raises OSError naming the file of the weights if it cannot be read."""
        from reexposure.training.vgg19 import Vgg19

        self.network: Any = Vgg19(weights).eval()
        self.seen: defaultdict[tuple[str, str], Moments] = defaultdict(Moments)

    def add(
        self, case: Case, photo: UInt8[np.ndarray, "h w 3"], method: str, light: Float32[np.ndarray, "h w 3"]
    ) -> None:
        """Look at the aligned ``light`` of a ``method``, or of ``truth``."""
        inside = inside_of(photo)
        if case.kind == "shadows" or inside.sum() < FEWEST_PX:
            return
        features = self._features(camera.photograph(light, np.float32(SEEN_EV)).astype(np.float32))
        here = np.asarray(in_squares(inside, PLACE_PX).all((1, 3)))[: features.shape[0], : features.shape[1]]
        places = features[here]
        chosen = np.random.default_rng(zlib.crc32(case.name.encode())).permutation(len(places))[:MOST_A_CASE]
        self.seen[case.kind, method].add(places[chosen])

    def _features(self, picture: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h2 w2 features"]:
        import torch

        with torch.no_grad():
            found = self.network(torch.from_numpy(picture.transpose(2, 0, 1)[None].copy()))[0]
        return np.asarray(found.numpy().transpose(1, 2, 0))

    def distances(self, kind: str) -> dict[str, float]:
        """How far each method is from the truth on cases of a ``kind``; none where there was too little to see."""
        truth = self.seen.get((kind, "truth"))
        if truth is None or truth.count < 2:
            return {}
        others = {name: seen for (of, name), seen in self.seen.items() if of == kind and name != "truth"}
        return {name: frechet(seen, truth) for name, seen in others.items() if seen.count > 1}
