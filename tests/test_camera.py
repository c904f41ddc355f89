"""The camera is the same both ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reexposure.light import blend, camera

unit = st.floats(0, 1, width=32)
responses = st.one_of(
    st.sampled_from(list(camera.RESPONSES.values())),
    st.builds(camera.PowerResponse, st.floats(1, 3)),
    st.builds(camera.SigmoidResponse, st.floats(0.6, 1.3), st.floats(0.2, 1.5)),
)


@given(unit, responses)
def test_decode_inverts_encode(linear, response):
    assert response.decode(response.encode(np.float64(linear))) == pytest.approx(linear, abs=1e-6)


@given(unit, unit, responses)
def test_response_keeps_order_and_ends(a, b, response):
    low, high = sorted((np.float64(a), np.float64(b)))
    assert response.encode(low) <= response.encode(high) + 1e-12
    assert response.encode(np.float64(0)) == pytest.approx(0, abs=1e-12)
    assert response.encode(np.float64(1)) == pytest.approx(1, abs=1e-12)


@given(st.floats(0, 1e4), st.floats(-10, 10))
def test_exposing_up_and_down_is_the_identity(linear, ev):
    assert camera.expose(camera.expose(np.float64(linear), ev), -ev) == pytest.approx(linear, rel=1e-12)


def test_one_stop_is_twice_the_light():
    assert camera.expose(np.float32(0.3), 1) == np.float32(0.6)


@given(st.floats(0, 50), responses)
def test_clipping_is_where_the_mask_says(linear, response):
    encoded = camera.quantise(camera.photograph(np.float64(linear), 0.0, response))
    if linear >= 1:
        assert camera.over_exposure(encoded) == 1
    if camera.over_exposure(encoded) == 0:
        assert linear < 1
    assert not (camera.over_exposure(encoded) > 0 and camera.under_exposure(encoded) > 0)


def test_every_8_bit_value_survives_the_square_root_camera():
    values = np.arange(256, dtype=np.float32)
    linear = camera.RESPONSES["sqrt"].decode(values / 255)
    np.testing.assert_array_equal(np.rint(camera.photograph(linear) * 255), values)


@given(unit, unit, st.floats(0, 12))
def test_over_exposed_light_is_never_below_the_photo_or_the_clip_level(linear, over, gain):
    light = blend.over_exposed_light(np.float64(linear), over, gain)
    assert light >= linear * (1 - 1e-9)
    if over == 1:
        assert light >= 1


@given(unit, unit, st.floats(-0.01, 0.01))
def test_a_cleaned_shadow_is_never_below_black_and_moves_by_the_correction_at_most(encoded, under, correction):
    value = float(blend.cleaned(np.float64(encoded), np.float64(under), correction))
    assert value >= 0
    assert abs(value - encoded) <= abs(correction) + 1e-12
    if under == 0:
        assert value == encoded
