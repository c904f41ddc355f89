"""Many photos with one command: what is found, what results are called, what is done again and what is not."""

import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from conftest import SUNSET
from PIL import Image

import reexposure as rx
from reexposure.cli import main
from reexposure.errors import PhotoError, UsageError
from reexposure.many.budget import BASE_BYTES, Budget
from reexposure.many.in_order import in_order
from reexposure.many.results import plan
from reexposure.many.sources import Source, are_many, sources
from reexposure.reconstruction import network

PIXELS = np.random.default_rng(0).integers(80, 160, (24, 32, 3), np.uint8)  # nothing lost: the network is not needed


def photo(path, pixels=PIXELS):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    """Photos in a folder and one below it, beside what is no photo and what is hidden."""
    for name in ("b.jpg", "a.png", "a.jpg", "trip/c.webp", ".hidden.jpg", "__MACOSX/d.jpg", ".cache/e.jpg"):
        photo(tmp_path / "in" / name)
    (tmp_path / "in" / "notes.txt").write_text("no photo")
    return tmp_path / "in"


def names(found):
    return [str(source.folder / source.path.name) for source in found]


def test_a_folder_stands_for_its_photos_and_those_of_its_folders(folder):
    assert names(sources([str(folder)])) == ["a.jpg", "a.png", "b.jpg", "trip/c.webp"]
    assert names(sources([str(folder / "b.jpg"), str(folder)])) == ["b.jpg", "a.jpg", "a.png", "trip/c.webp"]


def test_patterns_lists_and_sequences(tmp_path, folder):
    assert names(sources([str(folder / "*.jpg")])) == ["a.jpg", "b.jpg"]
    (tmp_path / "list.txt").write_text(f"# mine\n{folder / 'b.jpg'}\n\n{folder / 'missing.jpg'}\n")
    assert names(sources([f"@{tmp_path / 'list.txt'}"])) == ["b.jpg", "missing.jpg"]
    for number in (1, 2, 10, 9999, 10000):
        photo(tmp_path / f"plate.{number:04d}.jpg")
    every = ["plate.0001.jpg", "plate.0002.jpg", "plate.0010.jpg", "plate.9999.jpg", "plate.10000.jpg"]
    for pattern in ("plate.####.jpg", "plate.%04d.jpg"):
        assert names(sources([str(tmp_path / pattern)])) == every
        assert names(sources([str(tmp_path / pattern)], "2-3")) == ["plate.0002.jpg", "plate.0003.jpg"]


def test_a_file_is_one_photo_whatever_its_name_says(tmp_path):
    odd = photo(tmp_path / "holiday [#1] 50%d.jpg")
    assert not are_many([str(odd)])
    assert are_many([str(odd), str(odd)])
    assert are_many([str(tmp_path)])


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("empty", "no photos in this folder"),
        ("*.jpg", "no file has such a name"),
        ("x.##.jpg", "no frames"),
        ("@none.txt", "none.txt: no such file"),
    ],
)
def test_what_stands_for_nothing_is_said_in_one_line(tmp_path, monkeypatch, named, said):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PhotoError, match=said):
        sources([named])


def test_bad_use_is_told_from_bad_input():
    with pytest.raises(UsageError, match="--frames 9-1"):
        sources(["x.##.jpg"], "9-1")
    with pytest.raises(UsageError, match="standard input is one photo"):
        sources(["-"])


def test_results_are_told_apart_by_what_they_were_made_of(tmp_path):
    def targets(found, suffix=".exr"):
        return [t.name for item in plan(found, tmp_path, lambda s: [(s.stem, suffix)]) for t in item.targets]

    x, y = [Source(tmp_path / name) for name in ("x.jpg", "x.png")], [Source(tmp_path / "y.jpg")]
    assert targets(x + y) == ["x_jpg.exr", "x_png.exr", "y.exr"]
    with pytest.raises(UsageError, match="would be made of"):
        targets([Source(tmp_path / "one" / "x.jpg"), Source(tmp_path / "two" / "X.jpg")])
    with pytest.raises(UsageError, match="is one of the photos"):
        targets([Source(tmp_path / "x.jpg")], ".jpg")


def test_the_tree_is_kept_and_what_is_done_is_not_done_again(folder, tmp_path, capsys):
    out = tmp_path / "out"
    command = [str(folder), "--ev", "-1,-2", "-o", str(out)]
    assert main(command) == 0
    made = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert made == sorted(
        f"{stem}_ev{ev}{suffix}"
        for stem, suffix in (("a", ".jpg"), ("a", ".png"), ("b", ".jpg"), ("trip/c", ".webp"))
        for ev in (-1, -2)
    )
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    (out / "b_ev-2.jpg").unlink()
    assert main(command) == 0
    assert "1 written, 3 skipped, 0 failed" in capsys.readouterr().err
    assert all(
        path.stat().st_mtime_ns == time for path, time in before.items() if path.name not in ("b_ev-2.jpg", "out")
    )
    assert main([str(folder), "--ev", "-1", "-o", str(out), "--response", "srgb"]) == 1  # other settings
    assert "a_ev-1.png: exists; --overwrite replaces it" in capsys.readouterr().err
    assert main([str(folder), "--ev", "-1", "-o", str(out), "--response", "srgb", "--overwrite"]) == 0


def test_a_photo_that_changed_is_in_the_way_of_its_old_result(folder, tmp_path, capsys):
    command = [str(folder / "trip"), "--ev", "-1", "-o", str(tmp_path / "out")]
    assert main(command) == 0
    os.utime(folder / "trip" / "c.webp")
    assert main(command) == 1
    assert "c_ev-1.webp: exists" in capsys.readouterr().err


def test_a_bad_photo_is_named_and_the_rest_goes_on(folder, tmp_path, capsys):
    (folder / "bad.jpg").write_text("no picture")
    assert main([str(folder), "--ev", "-1", "-o", str(tmp_path / "out"), "--json"]) == 1
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(os.path.basename(line["input"]), line["status"]) for line in lines] == [
        ("a.jpg", "written"), ("a.png", "written"), ("b.jpg", "written"), ("bad.jpg", "failed"), ("c.webp", "written"),
    ]  # fmt: skip
    assert lines[0]["output"] == [str(tmp_path / "out" / "a_ev-1.jpg")]
    assert lines[0]["ev"] == [-1.0]
    assert lines[0]["highlights"] == 0
    assert lines[0]["brightest_ev"] == pytest.approx(np.log2((160 / 255) ** 2), abs=0.3)
    assert f"{folder / 'bad.jpg'}: not a JPEG" in err


FULL = """
import resource, sys
from reexposure.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
sys.exit(main(sys.argv[1:]))
"""


def test_a_target_that_is_full_keeps_what_is_done_and_has_nothing_half_written(tmp_path):
    pytest.importorskip("resource")
    noise = np.random.default_rng(0).integers(80, 160, (300, 300, 3), np.uint8)
    for name, pixels in (("a.png", PIXELS), ("b.png", noise), ("c.png", PIXELS)):
        photo(tmp_path / "in" / name, pixels)
    out = tmp_path / "out"
    asked = [str(tmp_path / "in"), "--ev", "-1", "-o", str(out)]
    done = subprocess.run([sys.executable, "-c", FULL, *asked, "--quiet"], capture_output=True, check=False, text=True)
    said = f"reexpose: {tmp_path / 'in' / 'b.png'}: {out / 'b_ev-1.png'}: cannot be written (file too large)\n"
    assert (done.returncode, done.stderr) == (1, said)
    assert sorted(os.listdir(out)) == ["a_ev-1.png", "c_ev-1.png"]
    written = {name: (out / name).stat().st_mtime_ns for name in os.listdir(out)}
    assert main(asked) == 0
    assert sorted(os.listdir(out)) == ["a_ev-1.png", "b_ev-1.png", "c_ev-1.png"]
    assert written == {name: (out / name).stat().st_mtime_ns for name in written}


@pytest.mark.parametrize("format", ["exr", "hdr", "tif", "jpg"])
def test_radiance_takes_many_in_each_format(folder, tmp_path, format, capsys):
    command = ["radiance", str(folder), "-o", str(tmp_path / "out"), "--format", format]
    assert main(command) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_file()) == [
        f"a_jpg.{format}", f"a_png.{format}", f"b.{format}",
    ]  # fmt: skip
    assert main(command) == 0
    assert "0 written, 4 skipped" in capsys.readouterr().err


def test_frames_keep_their_numbers(tmp_path):
    for number in (7, 8):
        photo(tmp_path / f"plate.{number:04d}.png")
    assert main([str(tmp_path / "plate.####.png"), "--ev", "1", "-o", str(tmp_path / "out")]) == 0
    assert sorted(os.listdir(tmp_path / "out")) == ["plate_ev+1.0007.png", "plate_ev+1.0008.png"]


def test_several_photos_are_what_one_photo_is(folder, tmp_path):
    assert main([str(folder), "--ev", "-1", "-o", str(tmp_path / "out")]) == 0
    assert main([str(folder / "a.png"), "--ev", "-1", "-o", str(tmp_path / "one.png")]) == 0
    np.testing.assert_array_equal(rx.open(tmp_path / "out" / "a_ev-1.png"), rx.open(tmp_path / "one.png"))


def test_work_comes_back_in_order_and_a_failure_ends_it_in_its_turn():
    def work(number):
        if number == 5:
            raise ValueError("five")
        return number

    results = in_order(work, range(1000), threads=3)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="five"):
        next(results)


def test_no_more_is_taken_up_than_is_asked_for():
    begun = []
    results = in_order(begun.append, range(1000), threads=2)
    next(results)
    results.close()
    assert len(begun) <= 5


def test_photos_share_a_budget_and_the_largest_are_alone():
    budget, held, most = Budget(BASE_BYTES + 100), [], []
    lock = threading.Lock()

    def work(need):
        with budget.share(need):
            with lock:
                held.append(min(need, 100))
                most.append(sum(held))
            with lock:
                held.remove(min(need, 100))

    list(in_order(work, [60, 50, 1000, 30, 30, 30, 200] * 20, threads=4))
    assert max(most) <= 100
    assert budget._left == 100


@pytest.mark.slow
def test_the_number_of_threads_changes_nothing():
    whole = rx.open(SUNSET).pixels[::4, ::4]
    maps = [rx.reconstruct(whole, threads=threads) for threads in (1, 3)]
    maps += rx.reconstruct_many([whole, whole], threads=2)
    for other in maps[1:]:
        np.testing.assert_allclose(other, maps[0], rtol=1e-3)
    assert len({one.expose(-2).encoded("PNG") for one in maps}) == 1


def test_a_network_of_ones_own_is_used_or_named(tmp_path):
    burnt = np.full((32, 32, 3), 255, np.uint8)
    with pytest.raises(OSError, match="No such file"):
        rx.reconstruct(burnt, network=tmp_path / "none")
    (tmp_path / "light.onnx").write_bytes(b"no graph")
    with pytest.raises(rx.NetworkError, match="no ONNX network"):
        rx.reconstruct(burnt, network=tmp_path)


def test_reconstruct_many_gives_what_reconstruct_gives(folder):
    photos = [folder / "a.jpg", folder / "b.jpg"] * 2
    maps = list(rx.reconstruct_many(photos, threads=2))
    assert len(maps) == 4
    for path, found in zip(photos, maps, strict=True):
        np.testing.assert_array_equal(found, rx.reconstruct(path))


@pytest.mark.parametrize(
    ("device", "there", "used"),
    [
        ("cuda", ["CUDAExecutionProvider", "CPUExecutionProvider"], ["CUDAExecutionProvider", "CPUExecutionProvider"]),
        ("cuda", ["CPUExecutionProvider"], ["CPUExecutionProvider"]),
        ("", ["CUDAExecutionProvider", "CPUExecutionProvider"], ["CPUExecutionProvider"]),
    ],
)
def test_a_gpu_is_used_where_it_is_asked_for_and_there(monkeypatch, device, there, used):
    import onnxruntime

    asked = []
    monkeypatch.setenv(network.DEVICE, device)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda data, options, providers: asked.append(providers))
    network.session(b"")
    assert asked == [used]
