"""Photos made for training are photos of the light they are paired with."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from reexposure.light import camera
from reexposure.training import alter, degrade, jpeg
from reexposure.training.chance import Dice, generator_of

pytestmark = pytest.mark.extras


def dice(seed, count):
    return Dice(generator_of(seed), count)


def lights(count):
    """Tinted ramps from almost black to a stop and a half over white."""
    smooth = torch.linspace(0.002, 3, 96).expand(count, 1, 64, 96)
    return smooth * dice(3, count).uniform(0.7, 1.2, 3, 1, 1)


def test_known_light_is_the_photos_own_and_lost_light_is_the_scenes():
    light = lights(12)
    photo, radiance = degrade.take_photo(light, dice(0, 12))
    for one, lit, taken in zip(light, radiance, photo, strict=True):
        known = (taken > 0.15) & (taken < 0.85) & (one < 0.9)
        off = camera.RESPONSES["sqrt"].encode(lit[known]) - taken[known]
        assert abs(float(off.mean())) < 0.01
    torch.testing.assert_close(radiance[light >= 1], light[light >= 1], atol=0, rtol=0)


def test_noise_is_from_hardly_any_to_a_few_levels():
    """What is left of it in a JPEG of a dark, plain surface."""
    photo, _ = degrade.take_photo(torch.full((40, 3, 64, 64), 0.003), dice(0, 40))
    levels = 255 * photo.flatten(1).std(1)
    assert levels.min() < 0.3
    assert 3 < levels.max() < 20


def test_the_same_seed_takes_the_same_photo_and_every_picture_another():
    light = lights(3)
    first, second = (degrade.take_photo(light, dice(5, 3))[0] for _ in range(2))
    torch.testing.assert_close(first, second, atol=0, rtol=0)
    assert (first[0] - first[1]).abs().mean() > 1e-3


def test_each_picture_has_one_curve_and_all_kinds_come():
    response = degrade.RandomResponse.drawn(dice(1, 400))
    chosen = torch.stack([one for one, _ in response.curves])
    assert (chosen.sum(0) == 1).all()
    np.testing.assert_allclose(chosen.float().mean(1), [0.2, 0.15, 0.07, 0.58], atol=0.05)
    encoded = response.encode(torch.full((400, 3, 1, 1), 0.25))[:, 0, 0, 0]
    torch.testing.assert_close(encoded[chosen[0]], torch.full_like(encoded[chosen[0]], 0.5))
    srgb = 1.055 * 0.25 ** (1 / 2.4) - 0.055
    torch.testing.assert_close(encoded[chosen[1]], torch.full_like(encoded[chosen[1]], srgb))
    assert encoded[chosen[3]].std() > 0.03
    ends = response.encode(torch.tensor([0.0, 1.0]).view(1, 1, 1, 2).expand(400, 3, 1, 2))
    torch.testing.assert_close(ends[:, :, 0], torch.tensor([0.0, 1.0]).expand(400, 3, 2))


def test_exposures_clip_the_share_they_say():
    light = lights(4)
    exposures = degrade.Exposures(clipped_share=(0.1, 0.1001), shift_probability=0.0)
    exposed = camera.expose(light, exposures.sample(light, dice(0, 4)).view(4, 1, 1, 1))
    np.testing.assert_allclose((exposed.amax(1) >= 1).float().mean((1, 2)), 0.1, atol=0.02)
    shifted = degrade.Exposures(shift_ev=(-2.0, -2.0), shift_probability=1.0)
    assert shifted.sample(light, dice(0, 4)).tolist() == [-2.0] * 4


def test_photographs_are_over_exposed_by_one_to_four_stops():
    light = lights(1)
    exposures = degrade.PhotographExposures(clipped_share=(0.3, 0.3001))
    white = np.percentile(light.amax(1).numpy(), 70)
    for darker, ev in ((1, 1.0), (16, np.log2(16 / white)), (1000, 4.0)):  # unlimited, the first would be darkened
        assert float(exposures.sample(light / darker, dice(0, 1))) == pytest.approx(ev, abs=0.02)


def test_sharpening_adds_what_a_blur_takes():
    edge = torch.where(torch.arange(32) < 16, 0.3, 0.6).expand(1, 3, 8, 32)
    sharp = degrade.sharpened(edge, torch.tensor([1.0]), torch.tensor([0.8]))
    soft = alter.blurred(edge, torch.tensor([0.8]), reach_px=4)
    torch.testing.assert_close(sharp + soft, 2 * edge, atol=1e-6, rtol=0)
    assert sharp[0, 0, 4, 15] < 0.25
    assert sharp[0, 0, 4, 16] > 0.65


def by_pillow(picture, quality, subsampled):
    buffer = io.BytesIO()
    levels = (picture * 255).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(levels).save(buffer, "JPEG", quality=quality, subsampling=2 if subsampled else 0)
    return torch.from_numpy(np.asarray(Image.open(buffer), np.float32) / 255).permute(2, 0, 1)


@pytest.mark.parametrize("subsampled", [False, True])
@pytest.mark.parametrize("size", [(64, 96), (40, 52)])
def test_jpegs_are_as_a_file_of_pillow_would_be(subsampled, size):
    """Within about a level on average, where the file changes up to ten; it halves colour in integers."""
    drawn = dice(4, 6)
    picture = alter.blurred(drawn.uniform(0, 1, 3, *size), torch.full((6,), 1.0), reach_px=3)
    picture[:, :, 10:30, 20:45] = drawn.uniform(0, 1, 3, 1, 1)  # edges, of colour, too
    picture = camera.quantise(picture.clip(0, 1))
    qualities = torch.tensor([30.0, 60, 75, 85, 92, 98])
    ours = jpeg.compressed(picture, qualities, torch.full((6,), subsampled))
    theirs = torch.stack([by_pillow(p, int(q), subsampled) for p, q in zip(picture, qualities, strict=True)])
    off, changed = (255 * (theirs - other).abs().mean((1, 2, 3)) for other in (ours, picture))
    assert (off < (1.6 if subsampled else 0.6)).all()
    assert off.mean() < 1.2
    assert (off < 0.6 * changed).all()


def test_each_jpeg_has_its_own_quality_and_colours():
    picture = dice(2, 1).uniform(0, 1, 3, 32, 32).expand(3, 3, 32, 32)
    made = jpeg.compressed(picture, torch.tensor([60.0, 95.0, 95.0]), torch.tensor([False, False, True]))
    off = (made - picture).abs().mean((1, 2, 3))
    assert off[1] < off[0] < off[2]
    alone = jpeg.compressed(picture[:1], torch.tensor([60.0]), torch.tensor([False]))
    torch.testing.assert_close(alone[0], made[0], atol=1 / 255, rtol=0)
