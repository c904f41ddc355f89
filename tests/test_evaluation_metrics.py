"""Metrics have the values that one computes by hand, and the yardstick's."""

import numpy as np
import pytest
import yardstick
from hypothesis import given, settings
from hypothesis import strategies as st

from reexposure.evaluation import field, metrics, perceptual, pu21, response_fit
from reexposure.evaluation.piqe import piqe
from reexposure.light import transfer

pytestmark = pytest.mark.extras

EVERYWHERE = np.ones((16, 16), bool)


def light_and_photo(seed=0, height_px=64, width_px=80):
    """A scene with lamps, and the photo that a square-root camera takes of it."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:height_px, :width_px]
    truth = 0.05 + 0.3 * np.abs(np.sin(row / 9) * np.cos(column / 13))[..., None] * rng.uniform(0.7, 1.3, 3)
    truth[10:25, 20:45] *= 20
    truth[40:44, 60:66] *= 300
    photo = (np.sqrt(truth.clip(0, 1)) * 255 + 0.5).astype(np.uint8)
    return truth.astype(np.float32), photo


@given(st.floats(-6, 6))
@settings(max_examples=20)
def test_light_of_n_stops_more_is_an_error_of_n_stops(stops):
    truth = np.full((16, 16, 3), 50, np.float32)  # so bright that the offset does not matter
    assert metrics.error_stops(truth * np.float32(2**stops), truth, EVERYWHERE) == pytest.approx(abs(stops), abs=0.03)


def test_the_error_in_stops_weighs_as_a_root_mean_square():
    truth = np.ones((16, 16, 3), np.float32)
    light = truth.copy()
    light[:8] = 2 * (1 + metrics.FAINTEST) - metrics.FAINTEST  # half the pixels one stop over
    assert metrics.error_stops(light, truth, EVERYWHERE) == pytest.approx(np.sqrt(0.5), abs=1e-5)
    assert np.isnan(metrics.error_stops(light, truth, ~EVERYWHERE))


def test_pictures_that_differ_by_a_tenth_have_20_db():
    truth = np.full((16, 16, 3), 0.5**2, np.float32)
    light = np.full((16, 16, 3), 0.6**2, np.float32)
    errors = metrics.picture_errors(light, truth, EVERYWHERE, (0.0,))
    assert errors["psnr_all"] == errors["psnr_lost"] == pytest.approx(20, abs=1e-3)
    # At -2 EV encoded values are halved, and so is their difference: 6.02 dB less error.
    assert metrics.picture_errors(light, truth, EVERYWHERE, (-2.0,))["psnr_all"] == pytest.approx(26.02, abs=0.01)
    assert errors["mse_lost_ev+0"] == pytest.approx(0.01, abs=1e-6)


def test_errors_of_lost_pixels_do_not_see_the_others():
    truth = np.full((16, 16, 3), 0.25, np.float32)
    light, where = truth.copy(), np.zeros((16, 16), bool)
    light[0, 0], where[8, 8] = 0, True
    errors = metrics.picture_errors(light, truth, where, (0.0,))
    assert errors["psnr_lost"] == pytest.approx(90)  # the most there is
    assert errors["psnr_all"] == pytest.approx(10 * np.log10(256 / 0.25), abs=0.01)
    assert np.isnan(metrics.picture_errors(light, truth, where & False, (0.0,))["ssim_lost"])


def test_ssim_of_even_pictures_follows_its_formula():
    a, b = np.full((32, 32, 3), 0.4, np.float32), np.full((32, 32, 3), 0.6, np.float32)
    wanted = (2 * 0.4 * 0.6 + 1e-4) / (0.4**2 + 0.6**2 + 1e-4)  # no structure: only the term of means is left
    np.testing.assert_allclose(metrics.similarity(a, b), wanted, atol=1e-4)


@given(st.integers(0, 1000), st.floats(1e-6, 1e4))
@settings(max_examples=20)
def test_alignment_undoes_any_scale(seed, scale):
    truth, photo = light_and_photo(seed)
    np.testing.assert_allclose(metrics.aligned(truth * np.float32(scale), truth, photo), truth, rtol=0.01)


def test_too_few_well_exposed_pixels_are_not_aligned_to():
    light = np.ones((4, 4, 3), np.float32)
    assert metrics.aligned(light, light * 2, np.full((4, 4, 3), 128, np.uint8)) is light


@pytest.mark.parametrize("seed", range(3))
def test_relative_errors_agree_with_the_yardstick(seed):
    truth, photo = light_and_photo(seed)
    light = ((photo / np.float32(255)) ** 2 * np.random.default_rng(seed).uniform(0.5, 2, truth.shape)).astype(
        np.float32
    )
    aligned = metrics.aligned(light, truth, photo)
    got = metrics.relative_errors(aligned, truth, metrics.lost(photo, "highlights"), (-1.0, -2.0, -3.0, -4.0))
    for name, wanted in yardstick.metrics(light, truth, photo).items():
        assert got[name] == pytest.approx(wanted, rel=1e-4), name


def test_pushed_light_is_judged_as_pushed():
    truth = np.full((16, 16, 3), 2.0**-9, np.float32)
    errors = metrics.relative_errors(truth * 2, truth, EVERYWHERE, (3.0,))
    assert errors["error_stops"] == pytest.approx(np.log2((2**-5 + 2**-6) / (2**-6 + 2**-6)), abs=1e-5)


@given(st.floats(0.005, 9000), st.floats(1.01, 1.1))
def test_pu21_rises_with_light_and_agrees_with_the_yardstick(nits, factor):
    values = pu21.encode(np.array([nits, nits * factor]))
    assert values[0] < values[1]
    np.testing.assert_allclose(values, yardstick.pu21(np.array([nits, nits * factor])), rtol=1e-9)


def test_pu21_psnr_of_a_known_difference():
    nits = np.array([100.0, 100.0])
    other = np.array([10.0, 100.0])
    squared = (pu21.encode(nits)[0] - pu21.encode(other)[0]) ** 2 / 2
    wanted = 20 * np.log10(256) - 10 * np.log10(squared)
    assert pu21.psnr(other, nits, pu21.FIELD_PEAK) == pytest.approx(wanted, abs=1e-6)


@given(st.floats(0.005, 10_000))
def test_the_quantiser_is_undone(nits):
    assert float(transfer.pq_decode(transfer.pq_encode(nits))) == pytest.approx(nits, rel=1e-4)


@given(st.floats(0.5, 2), st.floats(0.8, 1.25))
@settings(max_examples=20)
def test_the_response_fit_takes_out_tone_curves(scale, gamma):
    truth, _ = light_and_photo()
    reference = field.on_display(truth)
    # The quantiser's values to a power, a curve that a cubic follows, in all channels alike.
    curved = transfer.pq_decode(transfer.pq_encode(reference * np.float32(scale)) ** gamma).astype(np.float32)
    before, after = (pu21.psnr(x, reference, 256) for x in (curved, response_fit.fitted(curved, reference)))
    assert after > before - 0.1
    assert after > 30


def test_the_response_fit_leaves_a_right_picture_alone():
    reference = field.on_display(light_and_photo()[0])
    np.testing.assert_allclose(response_fit.fitted(reference, reference), reference, rtol=2e-3, atol=0.01)


def test_the_response_fit_does_not_invent_what_clipped():
    truth, photo = light_and_photo()
    reference = field.on_display(truth)
    clipped = field.on_display((photo / np.float32(255)) ** 2)
    fitted = response_fit.fitted(clipped, reference)
    lamp, window = fitted[42, 63], fitted[17, 30]
    np.testing.assert_allclose(lamp, window, rtol=1e-3)  # both were white, and no curve tells them apart


def test_displays_show_the_clip_level_at_200_and_nothing_above_their_peak():
    shown = field.on_display(np.array([[[0.0, 1.0, 4096.0]]], np.float32))
    np.testing.assert_allclose(shown, [[[0.005, 200.0, 1500.0]]])


def test_piqe_has_the_values_of_a_published_implementation():
    row, column = np.mgrid[:90, :120]
    picture = 120 + 60 * np.sin(column / 7) * np.cos(row / 11) + 30 * ((column // 16 + row // 16) % 2)
    picture[:45, 60:] += np.random.default_rng(3).normal(0, 25, (45, 60))
    picture[45:, 60:] = np.repeat(np.repeat(picture[45:, 60:][::8, ::8], 8, 0), 8, 1)[:45, :60]
    # pypiqe 1.2, which was tested against MATLAB's own, says:
    assert piqe(picture.clip(0, 255)) == pytest.approx(62.616648, abs=1e-4)
    assert piqe(np.random.default_rng(0).normal(100, 20, (64, 64))) == pytest.approx(75.766694, abs=1e-4)
    assert piqe(np.ones((32, 32))) == 100


def test_flip_sees_nothing_in_the_same_and_something_in_another():
    truth, photo = light_and_photo()
    assert perceptual.hdr_flip(truth, truth) == 0
    assert 0.01 < perceptual.hdr_flip(((photo / np.float32(255)) ** 2).astype(np.float32), truth) < 1


def test_the_fields_protocol_of_the_truth_and_of_a_clipped_photo():
    truth, photo = light_and_photo(height_px=128, width_px=160)
    right = field.field_errors(truth, truth)
    assert right["field_jod"] == pytest.approx(10)
    assert right["field_pu21_vsi"] == pytest.approx(1, abs=1e-4)
    assert right["field_pu21_psnr"] > 60
    clipped = field.field_errors(((photo / np.float32(255)) ** 2).astype(np.float32), truth)
    assert clipped["field_jod"] < 9.8
    assert clipped["field_pu21_vsi"] < 0.999
    assert clipped["field_pu21_psnr"] < 40
