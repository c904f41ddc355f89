"""Pictures of every case for the page: the photo, and each method's re-exposed pictures beside the truth's."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from reexposure.arrays import Float32, UInt8
from reexposure.evaluation import metrics
from reexposure.evaluation.cases import Case
from reexposure.light import camera
from reexposure.photo.photo import Photo

GREY, FURTHEST_EV = 0.18, 12.0
"""Mid grey, as light; and how far down an exposure goes to show it."""

ENCODING = {"quality": 90, "subsampling": 0}


class Pictures:
    """A folder of JPEG files, one folder a case, with names that only depend on case, method and exposure."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.grey_ev: dict[str, float] = {}

    def evs(self, case: Case) -> tuple[float, ...]:
        """The exposures that are shown: where the clipped part is mid grey, which comes first, and the case's own."""
        grey = self.grey_ev.get(case.name)
        return case.evs if grey is None else (grey, *case.evs)

    def path(self, case: Case, method: str, ev: float) -> Path:
        """Where the picture of ``method`` (or ``truth``) at ``ev`` is."""
        name = re.sub(r"[^\w-]+", "_", method)
        return self.folder / case.name / f"{name}_ev{ev:+.4g}.jpg"

    def photo_path(self, case: Case) -> Path:
        """Where the photo itself is."""
        return self.folder / case.name / "photo.jpg"

    def write(
        self, case: Case, photo: UInt8[np.ndarray, "h w 3"], method: str, light: Float32[np.ndarray, "h w 3"]
    ) -> None:
        """Write the pictures of ``light`` at the exposures of `evs`, and the photo if it is not there.

        The truth comes first: its median where the photo clipped says at which exposure that is mid grey.
        """
        if method == "truth" and case.kind != "shadows":
            clipped = light[metrics.lost(photo, case.kind)].mean(-1)
            if clipped.size:
                self.grey_ev[case.name] = float(np.log2(GREY / np.median(clipped)).clip(-FURTHEST_EV, 0))
        copy = self.photo_path(case)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(case.photo_path, copy)
        for ev in self.evs(case):
            levels = np.rint(camera.photograph(light, np.float32(ev)) * 255).astype(np.uint8)
            Photo(levels, encoding=ENCODING).save(self.path(case, method, ev))

    def keep_only(self, cases: Iterable[Case], all_cases: Iterable[Case]) -> None:
        """Remove the pictures of cases that are not shown."""
        kept = {case.name for case in cases}
        for case in all_cases:
            if case.name not in kept:
                shutil.rmtree(self.folder / case.name, ignore_errors=True)
