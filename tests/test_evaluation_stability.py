"""Stability as a user reads it: how much of the light would flicker in a sequence of such frames."""

import numpy as np
import pytest
from conftest import write_scene

from reexposure.evaluation import benchmark, cases, stability, summary
from reexposure.evaluation.methods import BrightnessChange

pytestmark = pytest.mark.extras


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """The cases of one small picture."""
    root = tmp_path_factory.mktemp("stability")
    write_scene(root / "room.hdr", 0, 210, 230)
    found, _ = cases.cut(root, root / "cases", cases.Settings())
    return {case.kind: case for case in found}


class Trembling:
    """Light that is brighter by so many stops each time, whatever the photo."""

    name = "trembling"

    def __init__(self, stops):
        self.factor, self.times = np.float32(2**stops), 0

    def reconstruct(self, photo):
        light = np.full(photo.pixels.shape, 64, np.float32)
        self.times += 1
        return light * self.factor**self.times


def test_what_trembles_by_n_stops_a_photo_is_told_so(cut):
    found = stability.flicker(cut["highlights"], Trembling(0.25), stability.photos(cut["highlights"]))
    assert found["flicker_noise"] == pytest.approx(0.25, abs=1e-3)
    assert found["flicker_jpeg"] == pytest.approx(0.5, abs=1e-3)
    assert found["flicker_shift"] == pytest.approx(0.75, abs=1e-3)


class FromTheRight:
    """Light that doubles with each pixel from the right and from below: a pixel beside it is a stop away."""

    name = "from the right"

    def reconstruct(self, photo):
        height, width = photo.pixels.shape[:2]
        rows, columns = np.mgrid[height:0:-1, width:0:-1]
        return np.repeat(2.0 ** ((rows + columns) / 20)[..., None], 3, -1).astype(np.float32)


def test_a_photo_shifted_by_a_pixel_is_compared_at_the_same_places(cut):
    found = stability.flicker(cut["highlights"], FromTheRight(), stability.photos(cut["highlights"]))
    assert found == {"flicker_noise": 0, "flicker_jpeg": 0, "flicker_shift": 0}


def test_nothing_lost_is_nothing_that_flickers():
    light = np.ones((2, 2, 3), np.float32)
    assert np.isnan(stability.change_stops(light, light, np.zeros((2, 2, 3), bool)))


def test_quick_leaves_it_out_and_the_table_counts_what_flickers(cut):
    def ignore(case, photo, method, light):
        pass

    case = cut["highlights"]
    plain, quick = BrightnessChange(), [Trembling(0.05)]
    assert "flicker_noise" not in next(iter(benchmark.measure(case, quick, True, ignore))).errors
    errors = stability.flicker(case, Trembling(0.05), stability.photos(case)) | {"psnr_all": 30.0}
    results = [benchmark.Result(case, name, 0.03, 0.1, errors) for name in (plain.name, "trembling")]
    table = summary.stability_table(results, "highlights")
    assert [cell.text for cell in table.rows[1]] == ["trembling", "0.050", "0.100", "0.150", "33"]
