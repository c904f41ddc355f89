"""Realism is measured as it says: texture, hue and lamps by numbers that one can check by hand."""

from pathlib import Path

import numpy as np
import pytest
from conftest import write_scene
from PIL import Image

from reexposure.cli import main
from reexposure.evaluation import cases, photo_cases, realism, summary
from reexposure.evaluation.benchmark import Result
from reexposure.evaluation.cases import Case
from reexposure.evaluation.patches import Moments, Patches, frechet
from reexposure.light import camera

pytestmark = pytest.mark.extras

BURNT = np.full((40, 48, 3), 255, np.uint8)
"""A photo of which nothing is left: all of it is inside."""


def light_of(encoded, ev=-2.0):
    """Light whose picture at ``ev`` is ``encoded`` grey."""
    return (np.float32(encoded)[..., None].repeat(3, -1) ** 2 * np.float32(2**-ev)).astype(np.float32)


def test_inside_is_three_pixels_from_where_anything_is_left():
    photo = np.zeros((40, 50, 3), np.uint8)
    photo[10:30, 10:40] = 255
    photo[20, 25, 1] = 249  # a channel that did not clip
    inside = realism.inside_of(photo)
    expected = np.zeros((40, 50), bool)
    expected[13:27, 13:37] = True
    expected[17:24, 22:29] = False
    np.testing.assert_array_equal(inside, expected)
    assert realism.inside_of(BURNT).all()  # what lies beyond the picture did not stay


@pytest.mark.parametrize("step", [1, 2, 4, 8])
def test_a_ramp_has_the_gradient_of_its_slope(step):
    ramp = 0.1 + np.arange(48) / 100 + np.zeros((40, 1))
    places = (40 // step - 1) * (48 // step - 1)
    found = realism.gradient_sum(light_of(ramp), -2.0, step, np.ones((40, 48), bool))
    if places < realism.FEWEST_PLACES:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(places * step / 100, rel=1e-3)


def test_fine_texture_is_in_the_finest_octave_only():
    checks = 0.5 + 0.1 * (-1.0) ** np.add.outer(np.arange(40), np.arange(48))
    found = realism.errors(light_of(checks), light_of(0.5 + 0 * checks), BURNT)
    assert found["gradient_ev-2_1px"] == pytest.approx(39 * 47 * 0.2 * np.sqrt(2), rel=1e-4)
    assert found["gradient_ev-2_2px"] == pytest.approx(0, abs=1e-3)
    assert found["gradient_true_ev-2_1px"] == pytest.approx(0, abs=1e-3)
    assert found["gradient_ev-1_1px"] == pytest.approx(39 * 47 * 0.2 * 2, rel=1e-4)  # sqrt(2) times as bright


def test_hue_is_a_distance_between_chromaticities():
    light, truth = (np.full((40, 48, 3), colour, np.float32) for colour in ((2.0, 1.0, 1.0), (1.0, 1.0, 2.0)))
    chromaticities = []
    for colour in (light, truth):
        r, g, b = (float(value) / 4 + 1e-4 for value in colour[0, 0])
        x, y, z = (
            0.4124 * r + 0.3576 * g + 0.1805 * b, 0.2126 * r + 0.7152 * g + 0.0722 * b,
            0.0193 * r + 0.1192 * g + 0.9505 * b,
        )  # fmt: skip
        chromaticities.append((4 * x / (x + 15 * y + 3 * z), 9 * y / (x + 15 * y + 3 * z)))
    expected = 1000 * np.hypot(*np.subtract(*chromaticities))
    assert realism.errors(light, truth, BURNT)["hue"] == pytest.approx(expected, rel=1e-3)


def test_too_little_to_tell_says_nothing_but_how_bright_it_is():
    photo = np.zeros((40, 48, 3), np.uint8)
    photo[:5, :5, 0] = 255  # one channel clipped: a peak, and nothing inside
    light = np.full((40, 48, 3), 8.0, np.float32)
    found = realism.errors(light, light / 2, photo)
    assert (found["peak_ev"], found["peak_true_ev"]) == pytest.approx((3, 2), abs=1e-3)
    assert np.isnan(found["hue"])
    assert np.isnan(found["gradient_ev-2_1px"])


def results_of(method, errors):
    for number, one in enumerate(errors):
        case = Case(f"case{number}", f"case{number}", "highlights", 3, "sqrt", Path("none.jpg"))
        yield Result(case, method, 0.03, 0.1, {"psnr_all": 30.0} | one)


def test_the_table_pools_texture_and_counts_lamps():
    names = [f"{ev:+g}_1px" for ev in realism.TEXTURE_EVS] + [f"-2_{step}px" for step in realism.OCTAVES_PX]

    def errors(peak, true_peak, own, true):
        texture = {f"gradient_ev{name}": own for name in names} | {f"gradient_true_ev{name}": true for name in names}
        return texture | {"peak_ev": peak, "peak_true_ev": true_peak, "hue": 10.0}

    ours = [
        errors(2.4, 4.0, 1.0, 4.0), errors(2.6, 9.0, 1.0, 1.0), errors(2.1, 1.1, float("nan"), float("nan")),
        errors(1.9, 0.5, 1.0, 3.0), errors(3.0, 2.0, 1.0, 2.0), errors(1.0, 4.0, 0.0, 0.0),
    ]  # fmt: skip
    results = [*results_of("brightness change", ours), *results_of("faithful", ours)]
    table = summary.realism_table(results, "highlights", {"faithful": 28.0})
    said = dict(zip(table.columns[:-1], [cell.text for cell in table.rows[1]], strict=False))
    assert said["texture at -1 EV"] == said["8 px"] == "0.40"  # 4 of 10
    assert said["lamps missed, %"] == "67"  # two of three
    assert said["false lamps, %"] == "50"
    assert (said["patches"], table.rows[0][7].text) == ("28.0", "-")
    assert [cell.text for cell in table.rows[1]][-3::2] == ["3", "2"]


def test_the_distance_of_two_normal_distributions():
    rng = np.random.default_rng(0)
    one, other = Moments(), Moments()
    samples = rng.normal(size=(400, 3)).astype(np.float32)
    for part in np.split(samples, 4):  # a few at a time
        one.add(part)
    np.testing.assert_allclose(one.covariance, np.cov(samples.T), rtol=1e-9)
    assert frechet(one, one) == pytest.approx(0, abs=1e-9)
    exact = np.array([[-1.0, 0], [1, 0], [0, -1], [0, 1]], np.float32)
    one, other = Moments(), Moments()
    one.add(exact)
    other.add(3 * exact + np.float32([1, 2]))
    deviation = np.sqrt(2 / 3)  # of each axis; the other's is three times that
    assert frechet(one, other) == pytest.approx(1**2 + 2**2 + 2 * (2 * deviation) ** 2)


@pytest.fixture(scope="module")
def vgg19_file(tmp_path_factory):
    """Weights of the right shapes that nobody taught anything."""
    torch, safetensors = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch")
    from reexposure.training import vgg19

    torch.manual_seed(0)
    state = {}
    for name, (inputs, outputs) in vgg19.LAYERS.items():
        state[f"{name}.weight"] = torch.randn(outputs, inputs, 3, 3) * (2 / (9 * inputs)) ** 0.5
        state[f"{name}.bias"] = torch.zeros(outputs)
    file = tmp_path_factory.mktemp("vgg19") / "vgg19.safetensors"
    safetensors.save_file(state, file)
    return file


def test_patches_are_compared_wherever_they_lie(vgg19_file, tmp_path):
    case = Case("it", "it", "photos", 20, "sqrt", tmp_path / "it.jpg")
    texture = 0.5 + 0.2 * np.random.default_rng(0).random(BURNT.shape[:2])
    seen = Patches(vgg19_file)
    for method, encoded in (("truth", texture), ("same", texture), ("moved", np.roll(texture, 8, 1)), ("fog", 0.6)):
        seen.add(case, BURNT, method, light_of(encoded + 0 * texture))
    found = seen.distances("photos")
    assert found["same"] == pytest.approx(0, abs=1e-6)
    assert found["moved"] < 0.2 * found["fog"]
    assert seen.distances("highlights") == {}


def test_photographs_become_cases_whose_truth_is_the_photograph(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(20, 240, (60, 80, 3)).astype(np.uint8)
    (tmp_path / "photos").mkdir()
    Image.fromarray(pixels).save(tmp_path / "photos" / "a.png")
    pixels[:20] = 255
    Image.fromarray(pixels).save(tmp_path / "photos" / "burnt.png")
    Image.fromarray(pixels // 40).save(tmp_path / "photos" / "dark.png")
    made, skipped = photo_cases.cut(photo_cases.photos(tmp_path / "photos"), tmp_path / "out", cases.Settings())
    assert [(case.clipped_percent, case.response) for case in made] == [(5, "sqrt"), (20, "srgb"), (45, "camera")]
    assert skipped[0].endswith("of it is burnt already")
    assert "too dark" in skipped[-1]
    source = camera.RESPONSES["srgb"].decode(np.asarray(Image.open(tmp_path / "photos" / "a.png")) / np.float32(255))
    for case in made:
        truth = case.truth()
        assert (truth.max(-1) >= 1).mean() == pytest.approx(case.clipped_percent / 100, abs=0.01)
        np.testing.assert_allclose(truth / truth.max(), source / source.max(), rtol=2e-3, atol=1e-4)
        assert case.evs == (-1, -2, -3, -4)


def test_photos_beside_scenes_are_measured_with_detail_and_shown_at_mid_grey(tmp_path, vgg19_file):
    for name in ("hdr", "photos"):
        (tmp_path / name).mkdir()
    write_scene(tmp_path / "hdr" / "flat.exr", 5, height_px=240, width_px=320)
    shade = np.linspace(30, 235, 120)[:, None, None] + np.zeros((1, 90, 3))
    Image.fromarray(shade.astype(np.uint8)).save(tmp_path / "photos" / "ramp.png")
    folders, report = [str(tmp_path / name) for name in ("hdr", "photos")], tmp_path / "report"
    assert main(["evaluate", *folders, "-o", str(report), "--quick", "--limit", "5", "--vgg19", str(vgg19_file)]) == 0
    text = (report / "summary.md").read_text()
    assert "cut from `hdr`, `photos`" in text
    for title in ("Highlights: how real they look", "Ordinary photos: how real they look"):
        part = text.split(f"## {title}")[1].split("##")[0]
        assert "| faithful |" in part
        assert "| detail |" in part
    page = (report / "index.html").read_text()
    assert page.count('data-ev="grey"') == page.count('data-ev="-4"') > 0
