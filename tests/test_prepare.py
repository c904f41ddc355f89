"""HDR files become shards: whole, split by scene, and resumable."""

import tarfile

import numpy as np
import pytest
from conftest import write_scene
from PIL import Image

from reexposure.light import camera
from reexposure.radiance import with_openimageio
from reexposure.training import pairs
from reexposure.training.prepare import Settings, find_scenes, prepare

pytestmark = pytest.mark.extras
SMALL = Settings(view_px=32, views_per_panorama=5, views_per_image=3, validation_share=0.5)


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
    dataset = pairs.Pairs(pairs.index_shards(out / "train"), pairs.Augmentation(crop_px=32))
    photo, radiance = dataset[0, 1]
    known = (photo > 0.2) & (photo < 0.9)
    np.testing.assert_allclose(camera.RESPONSES["sqrt"].decode(photo[known]), radiance[known], rtol=0.1)
