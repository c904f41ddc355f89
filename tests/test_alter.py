"""One scene's light becomes many scenes' light, and stays light."""

import numpy as np
import pytest
import torch

from reexposure.training import alter
from reexposure.training.chance import Dice, generator_of

pytestmark = pytest.mark.extras


def dice(seed, count=1):
    return Dice(generator_of(seed), count)


def test_what_is_drawn_is_decided_by_every_number_of_the_seed():
    drawn = [Dice(generator_of(*seed), 2).uniform(2, 3, 5) for seed in ((1, 2), (1, 2), (2, 1), (1, 2 + 2**40))]
    assert drawn[0].shape == (2, 5)
    assert ((drawn[0] >= 2) & (drawn[0] < 3)).all()
    torch.testing.assert_close(drawn[1], drawn[0], atol=0, rtol=0)
    assert all((other != drawn[0]).all() for other in drawn[2:])
    assert len(drawn[0].unique()) == 10  # each picture its own
    many = dice(0, 4000)
    assert float(many.happens(0.3).float().mean()) == pytest.approx(0.3, abs=0.03)
    assert float(many.log_uniform(0.01, 1).median()) == pytest.approx(0.1, rel=0.15)
    assert many.whole(3, 6).unique().tolist() == [3, 4, 5]
    assert many.sign().unique().tolist() == [-1, 1]


def test_colours_never_darken_a_channel_of_white():
    matrix = alter.colours(dice(0, 20))
    white = alter.jittered(torch.ones(20, 3, 1, 1), matrix)
    torch.testing.assert_close(white.amin((1, 2, 3)), torch.ones(20), atol=1e-5, rtol=0)
    assert alter.jittered(dice(1, 20).uniform(0, 3, 3, 8, 8), matrix).min() >= 0


def test_spread_multiplies_stops_over_white_and_keeps_hues():
    light = torch.tensor([[0.9, 0.5, 0.1], [4.0, 2.0, 1.0]]).view(2, 3, 1, 1)
    spread = alter.with_spread(light, torch.tensor([1.5, 1.5]))
    torch.testing.assert_close(spread.view(2, 3), torch.tensor([[0.9, 0.5, 0.1], [8, 4, 2]]))


@pytest.fixture
def parted():
    """Twice a room with two lamps of six stops and one of two, and the numbers of their parts."""
    light = torch.full((2, 3, 20, 30), 0.5)
    light[:, :, 2:6, 2:6] = 64
    light[:, :, 2:6, 20:24] = 64
    light[:, :, 12:16, 10:14] = 4
    parts = alter.parts_of(light[0, 0].numpy())
    assert parts.max() == 3
    return light, torch.from_numpy(np.stack([parts, parts]))


def test_only_parts_far_over_white_are_shifted_each_on_its_own(parted):
    light, parts = parted
    shifted = alter.with_shifted_parts(light, parts, dice(3, 2), torch.zeros(2), count=3)
    torch.testing.assert_close(shifted[..., 12:, :], light[..., 12:, :], atol=0, rtol=0)
    torch.testing.assert_close(shifted[..., 0, :], light[..., 0, :], atol=0, rtol=0)
    ev = torch.stack([torch.log2(shifted[:, 0, 3, column] / 64) for column in (3, 21)]).flatten()
    assert torch.pdist(ev[:, None]).min() > 0.05  # both parts of both pictures
    assert ev.abs().max() <= 2
    assert shifted.min() >= 0.5


def test_the_shift_of_a_part_fades_towards_where_it_begins(parted):
    light, parts = parted
    light[:, :, 5, 2:24] = 8  # still in the parts, three stops over
    shifted = [alter.with_shifted_parts(light, parts, dice(3, 2), torch.full((2,), ev), count=3) for ev in (0.0, 3.0)]
    whole, rim = (torch.log2(shifted[0] / light)[:, 0, row, 3] for row in (3, 5))
    torch.testing.assert_close(rim, whole / 2)
    torch.testing.assert_close(shifted[1][..., 5, :], light[..., 5, :])
    torch.testing.assert_close(shifted[1][..., 3, :], shifted[0][..., 3, :])


def test_glare_spreads_a_share_of_the_light_and_keeps_the_rest():
    light = torch.zeros(8, 3, 64, 96)
    light[..., 32, 48] = 1000
    glared = alter.with_glare(light, dice(2, 8))
    share = 1 - glared[:, 0, 32, 48] / 1000
    assert share.min() > 0.001
    assert share.max() < 0.1
    assert len(share.unique()) == 8
    total = glared.sum((2, 3))
    assert (total <= 1000.5).all()  # what goes beyond the picture is gone
    assert (total >= 995).all()
    falling = glared[:, 0, 32, 49:80:6]
    assert (falling.diff(dim=1) < 0).all()
    torch.testing.assert_close(glared[..., 32, 40], glared[..., 32, 56], rtol=1e-3, atol=1e-4)  # to both sides alike
    twice = alter.with_glare(2 * light, dice(2, 8))
    torch.testing.assert_close(twice, 2 * glared, rtol=1e-4, atol=1e-3)


def test_glare_is_the_kernel_it_says():
    """Laid over a point, pixel by pixel, three Gaussians of one share and width."""
    light = torch.zeros(1, 3, 96, 96)
    light[..., 48, 48] = 1.0
    for seed in range(20):
        drawn = dice(seed)
        share, sigma = float(drawn.log_uniform(0.003, 0.1)), float(drawn.log_uniform(0.005, 0.03)) * 96
        if sigma > 1.5:  # narrower ones are no Gaussian any more in whole pixels
            break
    y, x = np.mgrid[:96, :96] - 48.0
    kernel = sum(
        weight * np.exp(-(x**2 + y**2) / (2 * (sigma * scale) ** 2)) / (2 * np.pi * (sigma * scale) ** 2)
        for weight, scale in ((0.6, 1), (0.3, 3), (0.1, 9))
    )
    glared = alter.with_glare(light, dice(seed))[0, 0].numpy()
    kernel[48, 48] += (1 - share) / share
    np.testing.assert_allclose(glared, share * kernel, atol=0.02 * share * np.sort(kernel.ravel())[-2])


@pytest.fixture
def sky():
    light = torch.full((10, 3, 48, 64), 0.3)
    light[:, :, :16] = 0.8
    return light


def test_a_sun_only_adds_light_and_falls_with_distance_from_a_core_far_over_white(sky):
    sunny = alter.with_sun(sky, dice(1, 10))
    torch.testing.assert_close(sunny, alter.with_sun(sky, dice(1, 10)), atol=0, rtol=0)
    assert (sunny >= sky).all()
    white = sunny.amin(1)
    assert (white.amax((1, 2)) > 16).all()  # four stops over: white even then
    rows = white.flatten(1).argmax(1) // 64
    assert (rows < 16).all()  # where it was bright already
    added = (sunny - sky).mean((1, 3))
    assert (added[:, -8:].amax(1) < added.gather(1, rows[:, None])[:, 0]).all()


def test_no_sun_hides_in_what_burns_already(sky):
    light = torch.full((4, 3, 48, 64), 1.5)
    torch.testing.assert_close(alter.with_sun(light, dice(1, 4)), light, atol=0, rtol=0)


def test_each_picture_is_blurred_by_its_own_sigma_and_keeps_its_light():
    point = torch.zeros(2, 3, 31, 31)
    point[..., 15, 15] = 1
    soft = alter.blurred(point, torch.tensor([0.5, 2.0]), reach_px=6)
    torch.testing.assert_close(soft.sum((2, 3)), torch.ones(2, 3))
    for one, sigma in zip(soft[:, 0], (0.5, 2.0), strict=True):
        assert float(one[15, 16] / one[15, 15]) == pytest.approx(np.exp(-0.5 / sigma**2), rel=1e-4)
        assert float(one[17, 15] / one[15, 15]) == pytest.approx(np.exp(-2 / sigma**2), rel=1e-4)
    flat = torch.full((1, 3, 8, 8), 0.7)
    torch.testing.assert_close(alter.blurred(flat, torch.tensor([3.0]), reach_px=9), flat)


def test_quantiles_are_of_each_picture():
    values = torch.stack([torch.linspace(0, 1, 40_000), torch.linspace(2, 4, 40_000)]).view(2, 200, 200)
    found = alter.quantile(values[:, :, torch.randperm(200, generator=generator_of(1))], torch.tensor([0.25, 0.5]))
    torch.testing.assert_close(found, torch.tensor([0.25, 3.0]), atol=0.02, rtol=0)
