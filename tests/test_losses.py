"""What the generator and the discriminator are told, by numbers that can be checked by hand."""

import dataclasses

import pytest
import torch

from reexposure.training import losses, precision
from reexposure.training.critic import Shown
from reexposure.training.discriminator import Heads
from reexposure.training.recipe import Recipe

pytestmark = pytest.mark.extras


def planes(*rows):
    """A batch of one picture, alike in its three channels."""
    return torch.tensor(rows, dtype=torch.float32).expand(1, 3, -1, -1).contiguous()


def test_errors_of_means_see_light_and_not_texture():
    truth, all_over = torch.full((1, 3, 8, 8), 4.0), torch.ones(1, 3, 8, 8)
    checks = torch.ones(8, 8)
    checks[::2, ::2] = checks[1::2, 1::2] = -1
    textured = truth * 2**checks
    assert losses.log_error(textured, truth, all_over) == pytest.approx(1, abs=1e-2)
    assert losses.log_error(textured, truth, all_over, px=8) == pytest.approx(0, abs=1e-4)
    assert losses.log_error(2 * truth, truth, all_over, px=8) == pytest.approx(1, abs=1e-2)
    half = all_over.clone()
    half[..., 4:] = 0
    wrong_outside = torch.where(half > 0, truth, 16 * truth)
    assert losses.log_rms_error(wrong_outside, truth, half, px=8) == pytest.approx(0.001**0.5, abs=1e-3)


def test_a_lower_bound_is_right_once_it_is_reached():
    radiance = planes([1.0, 4.0, 4.0]).requires_grad_()
    truth = losses.reached(planes([2.0, 2.0, 2.0]), radiance, bounds=planes([1.0, 1.0, 0.0]))
    torch.testing.assert_close(truth, planes([2.0, 4.0, 2.0]))
    losses.log_error(radiance, truth, torch.ones(1, 3, 1, 3)).backward()
    assert (radiance.grad[0, 0, 0] != 0).tolist() == [True, False, True]


def test_attention_rises_between_two_and_four_stops_over():
    truth, over = planes([0.5, 4, 8, 16, 1024]), planes([0.5, 1, 1, 1, 1])
    torch.testing.assert_close(losses.attention(over, truth, 2.0), planes([0.5, 1, 2, 3, 3]))


def test_what_clipped_is_shown_as_mid_grey():
    truth = torch.cat([torch.full((1, 3, 8, 8), 8.0), torch.full((1, 3, 8, 8), 0.5)])
    over = (truth > 1).float()
    ev = losses.mid_grey_ev(truth, over, torch.full((2, 1, 1, 1), -1.0))
    assert ev.flatten().tolist() == pytest.approx([-2.3 - 3, -1.0])


def test_right_is_the_share_of_patches_told_apart():
    real, fake = torch.tensor([[[[1.0, 1.0, -1.0, 5.0]]]]), torch.tensor([[[[-1.0, 1.0, 1.0, 5.0]]]])
    weights = torch.tensor([[[[1.0, 1.0, 1.0, 0.0]]]])
    assert losses.right(real, fake, weights) == pytest.approx((1 + 0.5 + 0) / 3)


def test_heads_score_each_layer_at_its_own_size():
    heads = Heads()
    features = [torch.rand(2, *size) for size in ((64, 32, 32), (128, 16, 16), (256, 8, 8))]
    scores = heads(features, torch.ones(2, 3, 32, 32), torch.full((2, 1, 1, 1), 0.3))
    assert [tuple(score.shape) for score in scores] == [(2, 1, 32, 32), (2, 1, 16, 16), (2, 1, 8, 8)]


def test_squares_are_cut_where_most_is_lost():
    masks = torch.zeros(1, 6, 64, 64)
    masks[..., 40:, 20:40] = 1
    light = torch.arange(64.0).expand(1, 3, 64, 64).contiguous()
    cut = Shown(light, light, torch.zeros(1, 1, 1, 1), masks, masks[:, :3]).cut(32)
    assert cut.masks.shape == (1, 6, 32, 32)
    assert (cut.radiance[0, 0, 0, 0], cut.masks.mean()) == (16, pytest.approx(24 * 20 / 32**2))


@pytest.mark.parametrize("faster", [True, False])
def test_the_faster_precision_is_taken_and_kept(monkeypatch, tmp_path, faster):
    monkeypatch.setattr(precision, "seconds", lambda recipe, halved: 1.0 if halved == faster else 2.0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    chosen = precision.with_precision(Recipe(), None)
    assert chosen.optimisation.precision == ("bf16-mixed" if faster else "32-true")
    checkpoint = tmp_path / "last.ckpt"
    torch.save({"recipe": dataclasses.asdict(chosen)}, checkpoint)
    monkeypatch.setattr(precision, "seconds", None)  # a resumed run is not timed
    assert precision.with_precision(Recipe(), checkpoint) == chosen
