"""Pairs made a batch at a time: of whole pictures, the same in every run, and true to their light."""

import numpy as np
import pytest
import torch
from PIL import Image

from reexposure import scenes as cameras
from reexposure.light import camera
from reexposure.training import lights
from reexposure.training.augmentation import Augmentation, Shares
from reexposure.training.chance import Dice, each, generator_of
from reexposure.training.cut import Cameras, Crops
from reexposure.training.pairs import Pairs, taken
from reexposure.training.pictures import Cut, Pictures, cut_of
from reexposure.training.prepare import Settings, prepare
from reexposure.training.shards import index_shards
from reexposure.training.whole import WholePictures

pytestmark = pytest.mark.extras
CPU = torch.device("cpu")
OURS = Augmentation(crop_px=48, spread=(0.8, 1.8), shift_probability=0.5, sun_probability=0.2)
ALL = Shares(scene=14, photo=8, burnt=2, lamps=6, pasted=6)


def dice(seed, count):
    return Dice(generator_of(seed), count)


@pytest.fixture(scope="module")
def shards(scenes, tmp_path_factory):
    """Whole panoramas, and photographs of three kinds."""
    folder, out = tmp_path_factory.mktemp("photographs"), tmp_path_factory.mktemp("whole")
    plain = np.random.default_rng(0).integers(40, 200, (60, 90, 3), dtype=np.uint8)
    burnt = plain.copy()
    burnt[:, :18] = 255
    (folder / "lamps").mkdir()
    for name, picture in (("plain", plain), ("tall", plain[:, :50]), ("burnt", burnt), ("lamps/window", burnt)):
        Image.fromarray(picture).save(folder / f"{name}.png")
    for source in (scenes, folder):
        prepare(source, out, Settings(whole=True, validation_share=0), workers=1)
    return index_shards(out / "train")


@pytest.fixture(scope="module")
def whole(shards):
    return WholePictures(shards, OURS, ALL, CPU)


def test_a_view_is_what_a_camera_takes_of_the_panorama():
    rng = np.random.default_rng(1)
    small, large = (rng.uniform(0, 2, (h, 2 * h, 3)).astype(np.float16) for h in (32, 64))
    pictures = Pictures.of([small, large])
    angles = torch.tensor([[0.3, 0.2, 0.1, 1.0], [3.1, -1.1, -0.4, 1.9], [-2.0, 1.2, 0.0, 0.7]])
    which = torch.tensor([1, 0, 1])
    looking = Cameras(*angles.unbind(1), mirror=torch.tensor([1.0, 1.0, -1.0]))
    cut = cut_of(pictures.look_up(which, looking.places(pictures.size_px[which], 24), wraps=True))
    for view, pano, (yaw, pitch, roll, fov), mirror in zip(
        cut.light, (large, small, large), angles.tolist(), (1, 1, -1), strict=True
    ):
        wanted = cameras.perspective(pano.astype(np.float32), cameras.Camera(yaw, pitch, roll, fov), 24, 24)
        np.testing.assert_allclose(view.permute(1, 2, 0), wanted[:, ::mirror], atol=2e-3)


def test_cameras_look_where_the_recipe_says():
    drawn = Cameras.drawn(dice(1, 2000), (38.0, 112.0))
    fov = torch.rad2deg(drawn.fov)
    assert fov.min() >= 38
    assert fov.max() <= 112
    assert float(fov.median()) == pytest.approx((38 * 112) ** 0.5, rel=0.05)
    assert drawn.pitch.abs().max() <= 1.2


def test_a_crop_is_the_photographs_own_pixels():
    photo = np.random.default_rng(2).uniform(0, 1, (30, 40, 3)).astype(np.float16)
    pictures, still = Pictures.of([photo]), torch.zeros(2)
    at = torch.tensor([[0.5, 0.25], [0.0, 1.0]])
    crops = Crops(torch.ones(2), still, torch.tensor([1.0, -1.0]), at)
    cut = pictures.cut(torch.zeros(2, dtype=torch.long), crops, 16).light.permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(cut[0], photo[7:23, 6:22], atol=1e-5)
    np.testing.assert_allclose(cut[1], photo[:16, :23:-1], atol=1e-5)
    quarter = Crops(torch.ones(1), torch.full((1,), np.pi / 2), torch.ones(1), at[:1])
    turned = pictures.cut(torch.zeros(1, dtype=torch.long), quarter, 16).light[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(turned, np.rot90(photo[7:23, 6:22], 1), atol=1e-3)


def test_a_reduced_crop_is_a_mean_and_an_impossible_one_is_the_whole():
    photo = np.random.default_rng(2).uniform(0, 1, (32, 40, 3)).astype(np.float16)
    pictures, still = Pictures.of([photo]), torch.zeros(1)
    for step in (2.0, 9.0):
        crops = Crops(torch.full((1,), step), still, torch.ones(1), torch.zeros(1, 2))
        cut = pictures.cut(torch.zeros(1, dtype=torch.long), crops, 16).light[0].permute(1, 2, 0)
        means = photo[:, :32].astype(np.float32).reshape(16, 2, 16, 2, 3).mean((1, 3))
        np.testing.assert_allclose(cut, means, atol=1e-3)


def test_the_same_step_has_the_same_batch_and_another_step_another(shards, whole):
    first, again = whole.batch(12, 3, 0, 5), WholePictures(shards, OURS, ALL, CPU).batch(12, 3, 0, 5)
    for one, two in zip(first, again, strict=True):
        assert one.shape == (12, 3, 48, 48)
        torch.testing.assert_close(one, two, atol=0, rtol=0)
    for other in ((3, 0, 6), (3, 1, 5), (4, 0, 5)):  # another step, process and seed
        assert (whole.batch(12, *other)[0] - first[0]).abs().mean((1, 2, 3)).min() > 0.005


def test_batches_are_photos_of_light(whole):
    for step in range(3):
        photo, radiance, bounds = whole.batch(18, 0, 0, step)
        assert photo.min() >= 0
        assert photo.max() <= 1
        assert radiance.isfinite().all()
        assert radiance.min() >= 0
        assert bounds.unique().tolist() in ([0.0], [0.0, 1.0])
        well = (photo > 0.2) & (photo < 0.8) & (radiance < 0.9)
        off = camera.RESPONSES["sqrt"].encode(radiance[well]) - photo[well]
        assert abs(float(off.median())) < 0.01


def test_kinds_come_by_their_shares(whole, shards):
    assert whole.counts(36, 11) == {"scene": 14, "photo": 8, "burnt": 2, "lamps": 6, "pasted": 6}
    few = [whole.counts(4, step) for step in range(900)]
    assert {sum(counts.values()) for counts in few} == {4}
    for kind, of_36 in (("scene", 14), ("burnt", 2), ("pasted", 6)):
        assert sum(counts.get(kind, 0) for counts in few) / 900 == pytest.approx(4 * of_36 / 36, abs=0.02)
    panoramas = [view for view in shards if view.kind == "scene"]
    assert WholePictures(panoramas, OURS, ALL, CPU).counts(8, 0) == {"scene": 8}
    with pytest.raises(ValueError, match="no pictures of a kind"):
        WholePictures(panoramas, OURS, Shares(scene=0), CPU)


def test_bounds_travel_with_what_burnt(whole):
    made = dice(2, 16)
    cut = whole.photographs("burnt", made)
    assert 0.02 < cut.bounds.mean() < 0.6
    assert cut.light[cut.bounds > 0].quantile(0.2) == pytest.approx(1, abs=0.02)  # but for the rims
    assert cut.light[cut.bounds == 0].max() < 0.65
    _, radiance, bounds = taken(lights.of_photographs(cut, "burnt", OURS, made), made)
    torch.testing.assert_close(bounds, cut.bounds)
    assert radiance[bounds > 0].median() > 1.5  # over-exposed by a stop at least
    lamps = lights.of_photographs(whole.photographs("lamps", made), "lamps", OURS, made)
    assert lamps.bounds.max() == 0
    assert lamps.light.max() > 2  # what the released network sees there


def test_the_sun_of_a_panorama_that_was_cut_off_is_bounded():
    pano = np.full((32, 64, 3), 0.5, np.float16)
    pano[14:18, 30:34] = 500
    layers = np.concatenate([pano, pano > 400], axis=-1).astype(np.float16)
    pictures = Pictures.of([layers])
    ahead = Cameras(*(torch.tensor([v]) for v in (0.0, 0.0, 0.0, 1.5)), mirror=torch.ones(1))
    cut = cut_of(pictures.look_up(torch.tensor([0]), ahead.places(pictures.size_px, 32), wraps=True))
    assert 0 < cut.bounds.mean() < 0.3
    assert cut.light[cut.bounds == 0].max() == pytest.approx(0.5)


def test_pasted_lamps_keep_their_light():
    """Those of the scene, exposed together, over a photo that is otherwise as it was."""
    count, size = 30, 48
    grey = Cut(torch.full((count, 3, size, size), 0.2), torch.zeros(count, 3, size, size))
    scene = torch.full((count, 3, size, size), 0.1)
    scene[..., 8:16, 8:16] = 40.0
    scene[..., 30:34, 30:34] = 10.0
    bounds = (scene > 30).float()
    none = torch.zeros(count, size, size, dtype=torch.int32)
    scenes = lights.Scenes(scene, bounds, none, torch.zeros(count), 0)
    lit = lights.of_pasted(grey, scenes, Augmentation(crop_px=size, blur_px=(0.1, 0.1)), dice(1, count))
    bright, dim, far = lit.light[..., 10:14, 10:14], lit.light[..., 31:33, 31:33], lit.light[..., 44:, :4]
    ratio = bright.mean((1, 2, 3)) / dim.mean((1, 2, 3))
    both = dim.mean((1, 2, 3)) > 1.5  # in others the lamps clip barely and are not put, or the brighter one alone
    assert both.sum() > 2
    np.testing.assert_allclose(ratio[both], 4, rtol=0.15)  # but for glare
    assert far.max() < 0.5
    torch.testing.assert_close(lit.bounds[both][..., 10:14, 10:14], torch.ones(int(both.sum()), 3, 4, 4))
    assert lit.bounds[..., 30:, 30:].max() == 0


def test_scenes_are_normalised_and_their_parts_are_the_panoramas(whole):
    cut = whole.scenes(dice(4, 12))
    share = (cut.light.amax(1) <= 1).float().mean((1, 2))
    np.testing.assert_allclose(share, 0.95, atol=0.01)
    assert (cut.parts > 0).any()
    assert cut.parts.max() <= cut.count
    stops = cut.light.amax(1).clip(1e-6).log2()
    inside = stops[cut.parts > 0] - each(cut.begin_ev).expand(12, 1, 48, 48)[:, 0][cut.parts > 0]
    assert inside.quantile(0.1) > -0.5  # but for what is between pixels


def test_views_are_not_taken_for_whole_pictures_nor_the_other_way_round(shards, scenes, tmp_path):
    with pytest.raises(ValueError, match="holds a whole picture"):
        Pairs(shards, OURS)
    prepare(scenes, tmp_path, Settings(view_px=32, views_per_panorama=1, validation_share=0), workers=1)
    with pytest.raises(ValueError, match="no whole picture; make some with `reexpose prepare --whole`"):
        WholePictures(index_shards(tmp_path / "train"), OURS, ALL, CPU)
