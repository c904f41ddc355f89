"""The camera is the same in torch as in numpy, and can be learned through."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_camera import responses, unit

from reexposure.light import camera

pytestmark = pytest.mark.extras


@given(st.lists(unit, min_size=1, max_size=20), responses)
def test_torch_and_numpy_agree(values, response):
    array = np.array(values, np.float64)
    for function in (response.encode, response.decode, camera.over_exposure, camera.under_exposure, camera.quantise):
        np.testing.assert_allclose(function(torch.from_numpy(array)).numpy(), function(array), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", camera.RESPONSES)
def test_gradients_are_finite_over_the_whole_range(name):
    linear = torch.linspace(1e-6, 1, 101, requires_grad=True)
    camera.RESPONSES[name].encode(linear).sum().backward()
    assert torch.isfinite(linear.grad).all()
