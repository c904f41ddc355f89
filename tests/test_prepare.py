"""HDR files and photographs become shards: whole, split by scene, and resumable."""

import tarfile

import numpy as np
import pytest
import torch
from conftest import write_scene
from PIL import Image

from reexposure.light import camera
from reexposure.radiance import with_openimageio
from reexposure.training.augmentation import Augmentation, Shares
from reexposure.training.degrade import PhotographExposures
from reexposure.training.pairs import FreshPairs, Pairs
from reexposure.training.photographs import light_of
from reexposure.training.prepare import Settings, find_scenes, prepare
from reexposure.training.shards import View, index_shards, layers_of
from reexposure.training.views import flat_maximum

pytestmark = pytest.mark.extras
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
    light = with_openimageio.read(tmp_path / "HDR_gt" / "a.hdr") / 0.5
    Image.fromarray((camera.photograph(light) * 255 + 0.5).astype(np.uint8)).save(tmp_path / "LDR_in" / "a.png")
    write_scene(tmp_path / "HDR_gt" / "without_photo.hdr", 6)
    assert [s.name for s in find_scenes(tmp_path)] == ["a"]
    out = tmp_path / "out"
    prepare(tmp_path, out, Settings(view_px=48, views_per_image=4, validation_share=0), workers=1)
    dataset = Pairs(index_shards(out / "train"), Augmentation(crop_px=32))
    photo, radiance, _ = dataset[0, 1]
    known = (photo > 0.2) & (photo < 0.9)
    np.testing.assert_allclose(camera.RESPONSES["sqrt"].decode(photo[known]), radiance[known], rtol=0.1)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Photographs that hardly burnt, of which a fifth is burnt, and of which a fifth shines; and the shards of all."""
    folder = tmp_path_factory.mktemp("photographs")
    plain = np.random.default_rng(0).integers(40, 200, (40, 60, 3), dtype=np.uint8)
    burnt = plain.copy()
    burnt[:, :12] = 255
    (folder / "lamps").mkdir()
    for name, picture in (("plain", plain), ("burnt", burnt), ("lamps/window", burnt)):
        Image.fromarray(picture).save(folder / f"{name}.png")
    shards = tmp_path_factory.mktemp("shards")
    prepare(folder, shards, WHOLE, workers=1)
    return folder, shards


def test_photographs_are_sorted_by_what_they_burn(photographs):
    folder, shards = photographs
    assert [s.name for s in find_scenes(folder)] == ["burnt", "window", "plain"]
    found = {str(p.relative_to(shards / "train")) for p in shards.rglob("*.tar")}
    assert found == {"burnt/burnt.tar", "photo/plain.tar", "lamps/window.tar"}
    assert prepare(folder, shards, WHOLE, workers=1)["done before"] == 3


def test_what_a_photograph_burnt_is_bounded_and_what_shines_is_guessed(photographs):
    folder, _ = photographs
    light = light_of(folder / "burnt.png")
    assert (light.kind, light.guess) == ("burnt", None)
    np.testing.assert_array_equal(light.bounds[..., 0].mean(0), [1] * 12 + [0] * 48)
    np.testing.assert_allclose(light.known[:, :12], 1)
    encoded = np.asarray(Image.open(folder / "burnt.png"))[5, 30] / 255
    np.testing.assert_allclose(light.known[5, 30], ((encoded + 0.055) / 1.055) ** 2.4, rtol=1e-4)
    shining = light_of(folder / "lamps" / "window.png")
    assert shining.kind == "lamps"
    assert shining.guess[:, :12].mean() > 1.5  # what the released network makes of a fifth of the picture
    assert (shining.guess >= light.known).all()
    assert light_of(folder / "plain.png").kind == "photo"


def test_burnt_photographs_are_bounded_and_lamps_are_as_the_release_sees_them(photographs):
    folder, shards = photographs
    guess = float(np.median(light_of(folder / "lamps" / "window.png").guess[:, :12]))
    exposures = PhotographExposures(stops=(2.0, 2.0), lamps_ev=(0.0, 0.0))
    views = index_shards(shards / "train")
    for kind, light, bounded in (("burnt", 4.0, True), ("lamps", guess, False)):
        augmentation = Augmentation(crop_px=32, scale=(0.9, 0.9), photographs=exposures)
        dataset = Pairs([view for view in views if view.kind == kind], augmentation)
        photo, radiance, bounds = (torch.stack(one) for one in zip(*(dataset[n % 2, n] for n in range(8)), strict=True))
        assert (bounds.max() == 1) == bounded
        burnt = bounds.amin(1) > 0 if bounded else photo.amin(1) > 0.99
        assert radiance.amin(1)[burnt].median() == pytest.approx(light, rel=0.4)


def test_pictures_are_kept_whole(photographs, scenes, tmp_path):
    folder, _ = photographs
    whole = Settings(whole=True, validation_share=0)
    Image.fromarray(np.random.default_rng(0).integers(40, 200, (600, 900, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    for source in (scenes, folder, tmp_path):
        assert prepare(source, tmp_path / "whole", whole, workers=1)["bad"] == 0
    found = {view.shard.stem: (view.kind, layers_of(view)) for view in index_shards(tmp_path / "whole" / "train")}
    assert {name: (kind, layers.shape) for name, (kind, layers) in found.items()} == {
        **{f"scene{n}": ("scene", (96, 192, 6)) for n in range(4)},
        "plain": ("photo", (40, 60, 3)),
        "burnt": ("burnt", (40, 60, 6)),
        "window": ("lamps", (40, 60, 3)),  # its light is the guess, of which nothing is bounded
        "a": ("photo", (448, 672, 3)),
    }
    assert (found["scene0"][1].max(-1) <= 1).mean() == pytest.approx(0.95, abs=0.01)
    np.testing.assert_array_equal(found["burnt"][1][0, :, 3], [1] * 12 + [0] * 48)
    assert found["window"][1][:, :12].mean() > 1.5
    assert found["a"][1].mean() == pytest.approx(light_of(tmp_path / "a.png").known.mean(), rel=0.01)
    with pytest.raises(ValueError, match="other settings"):
        prepare(folder, tmp_path / "whole", Settings(validation_share=0), workers=1)


def test_only_panoramas_and_photographs_are_kept_whole(tmp_path, reexpose):
    write_scene(tmp_path / "room.exr", 3, height_px=80, width_px=100)
    done = reexpose("prepare", tmp_path, "-o", tmp_path / "out", "--whole")
    assert (done.returncode, b"room.exr: no panorama" in done.stderr) == (1, True)


def test_shards_of_before_there_were_whole_pictures_go_on(scenes, tmp_path):
    prepare(scenes, tmp_path, SMALL, workers=1)
    record = tmp_path / "settings.json"
    record.write_text(record.read_text().replace('"whole": false, ', ""))
    assert "whole" not in record.read_text()
    assert prepare(scenes, tmp_path, SMALL, workers=1)["done before"] == 4


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
    views = [View(kind, tmp_path, place) for kind in ["scene"] * 90 + ["photo"] * 5 + ["burnt"] * 5]
    batches = iter(FreshPairs(views, Shares(scene=0.5, photo=0.25, burnt=0.25, lamps=0.5), 50, 0, 0))
    kinds = [views[index].kind for _ in range(40) for index, _ in next(batches)]
    assert [kinds.count(kind) / 2000 for kind in ("scene", "photo", "burnt")] == pytest.approx(
        [0.5, 0.25, 0.25], abs=0.03
    )
    alone = FreshPairs(views[:90], Shares(), 8, 0, 0)
    assert len(next(iter(alone))) == 8
