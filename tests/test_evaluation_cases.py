"""Cases are the yardstick's to the bit, the same on every run, and honest about what was left out."""

import io

import numpy as np
import pytest
import yardstick
from conftest import write_scene
from PIL import Image

from reexposure.evaluation import benchmark, cases, metrics
from reexposure.evaluation.methods import Given
from reexposure.light.colour import ColourSpace
from reexposure.radiance import with_openimageio

pytestmark = pytest.mark.extras


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two panoramas and a picture of another shape."""
    folder = tmp_path_factory.mktemp("hdr")
    for seed in range(2):
        write_scene(folder / f"round{seed}.hdr", seed)
    write_scene(folder / "flat.exr", 5, height_px=240, width_px=320)
    return folder


@pytest.fixture(scope="module")
def made(folder, tmp_path_factory):
    return cases.cut(folder, tmp_path_factory.mktemp("cases"), cases.Settings(views=2))


def jpeg(levels):
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "JPEG", quality=92)
    return np.asarray(Image.open(buffer))


def test_cases_agree_with_the_yardstick(folder, made):
    panoramas = [(name, with_openimageio.read(folder / f"{name}.hdr")) for name in ("round0", "round1")]
    photos = [("flat", with_openimageio.read(folder / "flat.exr"))]
    wanted = list(yardstick.cases(panoramas, photos, views=2))
    got = {case.name: case for case in made[0] if case.kind == "highlights"}
    assert list(got) == [name for name, _, _ in wanted]
    for name, levels, truth in wanted:
        np.testing.assert_array_equal(Given(got[name].photo_path).pixels, jpeg(levels))
        np.testing.assert_array_equal(got[name].truth(), truth.astype(np.float32))


def test_the_named_share_of_pixels_clips(made):
    for case in made[0]:
        if case.kind == "highlights":
            assert (case.truth().max(-1) > 1).mean() == pytest.approx(case.clipped_percent / 100, abs=0.002)


def test_shadow_cases_are_three_stops_too_dark(made):
    bright = {case.scene: case for case in made[0] if case.clipped_percent == 3}
    dark = [case for case in made[0] if case.kind == "shadows"]
    assert len(dark) == 5  # one for each view, whether or not enough of it clips
    for case in dark:
        if case.scene not in bright:
            continue
        usual = bright[case.scene].truth()
        below = usual < 1000  # where neither is limited
        np.testing.assert_allclose(case.truth()[below] * 8, usual[below], rtol=2e-3, atol=1e-4)
        assert case.evs == (3.0,)


def test_noise_is_judged_in_the_tone_of_the_photo(made):
    """The curve of the camera is no noise: without noise there is no error, whatever the curve."""
    dark = [case for case in made[0] if case.kind == "shadows"]
    assert {case.response for case in dark} == set(cases.RESPONSES)
    for case in dark:
        photo, clean = Given(case.photo_path).pixels, case.noiseless()
        darker = photo.max(-1) < np.median(photo.max(-1))
        assert (
            benchmark.noise_psnr(2 * clean, clean, photo, darker, case.evs) > 60
        )  # light is relative: any scale will do
        assert 20 < benchmark.noise_psnr((photo / np.float32(255)) ** 2, clean, photo, darker, case.evs) < 45


def test_a_second_run_cuts_the_same_files(folder, made, tmp_path):
    again, _ = cases.cut(folder, tmp_path, cases.Settings(views=2))
    for first, second in zip(made[0], again, strict=True):
        assert first.photo_path.read_bytes() == second.photo_path.read_bytes()


def test_what_cannot_be_cut_is_said(tmp_path):
    write_scene(tmp_path / "tiny.exr", 1, height_px=60, width_px=80)
    (tmp_path / "broken.hdr").write_bytes(b"#?RADIANCE\nnonsense")
    with_openimageio.write(tmp_path / "even.hdr", np.ones((240, 320, 3), np.float32), ".hdr", ColourSpace())
    made, skipped = cases.cut(tmp_path, tmp_path / "out", cases.Settings())
    assert [case.name for case in made] == ["even_dark3_sqrt"]
    assert any("tiny.exr: smaller than 200 pixels" in line for line in skipped)
    assert any("broken.hdr" in line for line in skipped)
    assert sum("even: nothing to clip" in line for line in skipped) == 3


def test_scenes_of_the_same_name_stay_apart(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        write_scene(tmp_path / place / "scene.exr", 1, height_px=240, width_px=320)
    made, _ = cases.cut(tmp_path, tmp_path / "out", cases.Settings())
    assert len({case.name for case in made}) == len(made) == 8


def test_lost_pixels_are_those_the_photo_says_nothing_about():
    photo = np.array([[[250, 10, 10], [249, 249, 249], [23, 23, 23], [24, 0, 0]]], np.uint8)
    np.testing.assert_array_equal(metrics.lost(photo, "highlights"), [[True, False, False, False]])
    np.testing.assert_array_equal(metrics.lost(photo, "shadows"), [[False, False, True, False]])
