"""HDR files and photographs become shards: whole, split by scene, and resumable."""

import tarfile

import numpy as np
import pytest
import torch
from conftest import write_scene
from PIL import Image

from reexposure import camera
from reexposure.formats import interchange
from reexposure.training import pairs
from reexposure.training.degrade import PhotographExposures
from reexposure.training.photographs import light_of
from reexposure.training.prepare import Settings, find_scenes, prepare
from reexposure.training.views import flat_maximum

SMALL = Settings(view_px=32, views_per_panorama=5, views_per_image=3, validation_share=0.5)
WHOLE = Settings(view_px=40, views_per_image=2, validation_share=0)


def views_in(folder):
    return {m.name for shard in folder.rglob("*.tar") for m in tarfile.open(shard)}


def test_scenes_are_cut_and_split_by_scene(scenes, tmp_path):
    counts = prepare(scenes, tmp_path, SMALL, workers=1)
    assert counts["scenes"] == 4
    assert counts["views"] + counts["dropped"] == 20
    train = {p.stem for p in (tmp_path / "train").glob("*.tar")}
    val = {p.stem for p in (tmp_path / "val").glob("*.tar")}
    assert train
    assert train | val == {f"scene{i}" for i in range(4)}
    assert not train & val


def test_a_rerun_resumes_and_cuts_the_same_views(scenes, tmp_path):
    prepare(scenes, tmp_path, SMALL, workers=1)
    shard = next(tmp_path.rglob("*.tar"))
    before = shard.read_bytes()
    shard.unlink()
    counts = prepare(scenes, tmp_path, SMALL, workers=2)
    assert counts["done before"] == 3
    assert shard.read_bytes() == before


def test_other_settings_are_refused(scenes, tmp_path):
    prepare(scenes, tmp_path, SMALL, workers=1)
    with pytest.raises(ValueError, match="other settings"):
        prepare(scenes, tmp_path, Settings(view_px=64), workers=1)


def test_a_bad_file_is_named_and_skipped(tmp_path, reexpose):
    folder, out = tmp_path / "hdr", tmp_path / "out"
    folder.mkdir()
    write_scene(folder / "good.hdr", 1)
    (folder / "broken.hdr").write_bytes(b"#?RADIANCE\nnonsense")
    (folder / "empty.exr").write_bytes(b"")
    done = reexpose("prepare", folder, "-o", out, "--view-px", 32, "--views", 2, "--validation", 0)
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert any("broken.hdr" in line for line in lines)
    assert any("empty.exr" in line for line in lines)
    assert "Traceback" not in done.stderr.decode()
    assert (out / "train" / "good.tar").exists()


def test_no_scenes_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"no \.hdr or \.exr"):
        prepare(tmp_path, tmp_path / "out", SMALL)


def test_other_images_are_cropped(tmp_path):
    write_scene(tmp_path / "photo.exr", 3, height_px=80, width_px=100)
    counts = prepare(tmp_path, tmp_path / "out", Settings(view_px=32, views_per_image=3, validation_share=0), workers=1)
    assert counts["views"] + counts["dropped"] == 3


def test_paired_folders_keep_photo_and_light_together(tmp_path):
    for name in ("HDR_gt", "LDR_in"):
        (tmp_path / name).mkdir()
    write_scene(tmp_path / "HDR_gt" / "a.hdr", 5, height_px=80, width_px=100)
    light = interchange.read(tmp_path / "HDR_gt" / "a.hdr") / 0.5
    Image.fromarray((camera.photograph(light) * 255 + 0.5).astype(np.uint8)).save(tmp_path / "LDR_in" / "a.png")
    write_scene(tmp_path / "HDR_gt" / "without_photo.hdr", 6)
    assert [s.name for s in find_scenes(tmp_path)] == ["a"]
    out = tmp_path / "out"
    prepare(tmp_path, out, Settings(view_px=48, views_per_image=4, validation_share=0), workers=1)
    dataset = pairs.Pairs(pairs.index_shards(out / "train"), pairs.Augmentation(crop_px=32))
    photo, radiance, _ = dataset[0, 1]
    known = (photo > 0.2) & (photo < 0.9)
    np.testing.assert_allclose(camera.RESPONSES["sqrt"].decode(photo[known]), radiance[known], rtol=0.1)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """A folder with a photograph that hardly burnt and one of which a fifth is burnt, and the shards of both."""
    folder = tmp_path_factory.mktemp("photographs")
    rng = np.random.default_rng(0)
    plain = rng.integers(40, 200, (40, 60, 3), dtype=np.uint8)
    Image.fromarray(plain).save(folder / "plain.png")
    burnt = plain.copy()
    burnt[:, :12] = 255
    Image.fromarray(burnt).save(folder / "burnt.png")
    shards = tmp_path_factory.mktemp("shards")
    prepare(folder, shards, WHOLE, workers=1)
    return folder, shards


def test_photographs_are_sorted_by_what_they_burn(photographs):
    folder, shards = photographs
    assert [s.name for s in find_scenes(folder)] == ["burnt", "plain"]
    assert {str(p.relative_to(shards)) for p in shards.rglob("*.tar")} == {
        "train/burnt/burnt.tar",
        "train/photo/plain.tar",
    }
    assert prepare(folder, shards, WHOLE, workers=1)["done before"] == 2


def test_what_a_photograph_burnt_is_bounded_and_guessed(photographs):
    folder, _ = photographs
    light = light_of(folder / "burnt.png")
    assert light.kind == "burnt"
    np.testing.assert_array_equal(light.bounds[..., 0].mean(0), [1] * 12 + [0] * 48)
    np.testing.assert_allclose(light.known[:, :12], 1)
    encoded = np.asarray(Image.open(folder / "burnt.png"))[5, 30] / 255
    np.testing.assert_allclose(light.known[5, 30], ((encoded + 0.055) / 1.055) ** 2.4, rtol=1e-4)
    assert light.guess[:, :12].mean() > 1.01  # the released network takes a fifth of the picture for a bright thing
    assert (light.guess >= light.known).all()
    assert light_of(folder / "plain.png").guess is None


def test_pairs_of_burnt_photographs_are_bounded_or_as_taken(photographs):
    """Pushed, the burnt part is a lower bound; as taken it is what the released network makes of it."""
    folder, shards = photographs
    guess = float(np.median(light_of(folder / "burnt.png").guess[:, :12]))
    assert guess > 1.5
    views = [view for view in pairs.index_shards(shards / "train") if view.kind == "burnt"]
    for as_taken in (0.0, 1.0):
        exposures = PhotographExposures(as_taken=as_taken, stops=(2.0, 2.0))
        dataset = pairs.Pairs(views, pairs.Augmentation(crop_px=32, scale=(0.9, 0.9), photographs=exposures))
        photo, radiance, bounds = (torch.stack(one) for one in zip(*(dataset[n % 2, n] for n in range(8)), strict=True))
        bounded = bounds.min(1).values > 0
        assert bounded.any() == (as_taken == 0)
        white = photo.min(1).values > 0.99
        least = radiance.min(1).values[bounded if bounded.any() else white]
        assert least.median() == pytest.approx(4 if as_taken == 0 else guess, rel=0.4)


def test_a_panorama_is_bounded_where_its_maximum_is_flat():
    pano = np.random.default_rng(1).uniform(0, 10, (16, 32, 3)).astype(np.float32)
    pano[8, [0, 31]] = 5000  # neighbours across the seam
    pano[9, 31] = 4980
    pano[4, 16] = 5000  # alone: a sun that was measured
    expected = np.zeros((16, 32), bool)
    expected[8, [0, 31]] = expected[9, 31] = True
    np.testing.assert_array_equal(flat_maximum(pano), expected)


def test_batches_hold_each_kind_by_its_share(tmp_path):
    place = (0, 0)
    views = [pairs.View(kind, tmp_path, place) for kind in ["scene"] * 90 + ["photo"] * 5 + ["burnt"] * 5]
    batches = iter(pairs.FreshPairs(views, pairs.Shares(scene=0.5, photo=0.25, burnt=0.25), 50, 0, 0))
    kinds = [views[index].kind for _ in range(40) for index, _ in next(batches)]
    assert [kinds.count(kind) / 2000 for kind in ("scene", "photo", "burnt")] == pytest.approx(
        [0.5, 0.25, 0.25], abs=0.03
    )
    alone = pairs.FreshPairs(views[:90], pairs.Shares(), 8, 0, 0)
    assert len(next(iter(alone))) == 8
