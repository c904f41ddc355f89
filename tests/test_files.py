"""Files appear whole or not at all, whatever happens meanwhile, and the same input gives the same file."""

import fcntl
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import pytest
from conftest import SUNSET
from PIL import Image

import reexposure as rx
from reexposure import files
from reexposure.errors import PhotoError
from reexposure.photo.photo import Photo
from reexposure.radiance.radiance import RadianceMap


@pytest.fixture
def photo():
    return Photo(np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8))


def left_over(folder, content=b"half"):
    path = folder / f"{files.PREFIX}0123456789abcdef{files.SUFFIX}"
    path.write_bytes(content)
    return path


def test_a_file_takes_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    with files.written_aside(path) as aside:
        aside.write_text("new")
        assert list(tmp_path.iterdir()) == [aside]
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.txt", "new")]


def test_a_private_file_stays_private(tmp_path):
    path = tmp_path / "a.txt"
    path.touch(mode=0o600)
    with files.written_aside(path) as aside:
        aside.write_text("new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)


def test_an_error_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), files.written_aside(path) as aside:
        aside.write_text(f"new {1 / 0}")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.txt", "old")]


@pytest.mark.parametrize("links", [True, False])
def test_what_came_meanwhile_is_not_overwritten_unasked(tmp_path, monkeypatch, links):
    path = tmp_path / "a.txt"

    def no_links(*_):
        raise PermissionError(1, "no links on this drive")

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(FileExistsError, match=r"a\.txt: exists; --overwrite"), files.written_aside(path, False):
        path.write_text("theirs")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.txt", "theirs")]
    path.unlink()
    with files.written_aside(path, False) as aside:
        aside.write_text("new")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.txt", "new")]


def test_threads_have_names_of_their_own(tmp_path):
    begun = threading.Barrier(8)

    def write(number):
        with files.written_aside(tmp_path / "a.txt") as aside:
            begun.wait(10)
            aside.write_text(str(number) * 1000)

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (only,) = tmp_path.iterdir()
    assert len(set(only.read_text())) == 1


def test_names_of_255_bytes_fit(tmp_path, photo):
    for stem in ("a" * 251, "ä" * 125 + "a"):
        photo.save(tmp_path / f"{stem}.png")
        assert rx.open(tmp_path / f"{stem}.png").pixels.shape == (40, 60, 3)
    with pytest.raises(PhotoError, match=r"a\.png: cannot be written \(file name too long\)"):
        photo.save(tmp_path / f"{'a' * 252}.png")
    assert len(list(tmp_path.iterdir())) == 2


def test_left_overs_go_but_only_those_that_nobody_writes(tmp_path):
    dead = left_over(tmp_path)
    with files.written_aside(tmp_path / "a.txt") as alive:
        alive.write_text("new")
        link = tmp_path / f"{files.PREFIX}link{files.SUFFIX}"
        link.symlink_to(tmp_path / "elsewhere")
        folder = tmp_path / f"{files.PREFIX}folder{files.SUFFIX}"
        folder.mkdir()
        os.mkfifo(tmp_path / f"{files.PREFIX}fifo{files.SUFFIX}")
        files.remove_left_overs(tmp_path)
        assert alive.exists()
        assert not dead.exists()
    assert len(list(tmp_path.iterdir())) == 4


def test_left_overs_of_others_stay(tmp_path, monkeypatch):
    theirs = left_over(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: theirs.stat().st_uid + 1)
    files.remove_left_overs(tmp_path)
    assert theirs.exists()


def test_where_there_are_no_locks_nothing_is_removed(tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(95, "not supported")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    dead = left_over(tmp_path)
    with files.written_aside(tmp_path / "a.txt") as aside:
        aside.write_text("new")
    assert sorted(tmp_path.iterdir()) == sorted([dead, tmp_path / "a.txt"])


def test_scratch_folders_of_killed_runs_go(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files._swept.cache_clear()
    dead = tmp_path / f"{files.SCRATCH}dead"
    (dead / "sub").mkdir(parents=True)
    with files.scratch_folder() as first:
        assert list(tmp_path.iterdir()) == [first]
        files._swept.cache_clear()
        with files.scratch_folder() as second:
            assert sorted(tmp_path.iterdir()) == sorted([first, second])
    assert list(tmp_path.iterdir()) == []


def bracket(small, folder, *more):
    command = [sys.executable, "-m", "reexposure", small, "--ev", "-4:4:1/2", "-o", folder, *more]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.slow
def test_kills_leave_no_half_file_and_the_next_run_tidies(tmp_path):
    small, folder = tmp_path / "photo.jpg", tmp_path / "out"
    with Image.open(SUNSET) as sunset:
        sunset.reduce(4).save(small, quality=95)
    whole = bracket(small, folder)
    first = whole.stdout.readline() and time.monotonic()
    assert whole.communicate()[1] == b""
    span_s = time.monotonic() - first  # of the writing
    good = {one.name: one.read_bytes() for one in folder.iterdir()}
    for seed in range(int(os.environ.get("KILLS", "4"))):
        for one in folder.iterdir():
            one.unlink()
        run = bracket(small, folder)
        run.stdout.readline()  # the first is there: it is in the middle of its work
        time.sleep(random.Random(seed).random() * span_s)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        for one in folder.iterdir():
            assert one.name.startswith(files.PREFIX) or one.read_bytes() == good[one.name]
    left_over(folder)
    assert bracket(small, folder, "--overwrite").communicate()[1] == b""
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == good


@pytest.fixture
def tiny_disk(tmp_path):
    """A drive of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("drives cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg", ".exr", ".hdr", ".mp4", ".gif"])
@pytest.mark.slow
def test_a_full_disk_is_said_in_a_line(tiny_disk, suffix, reexpose, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    commands = {".exr": ["radiance"], ".hdr": ["radiance"], ".mp4": ["sweep"], ".gif": ["sweep"]}
    command = commands.get(suffix, ["--ev", "0"])
    done = reexpose(*command, tmp_path / "noise.png", "-o", tiny_disk / f"a{suffix}")
    assert done.returncode == 1
    # Where it is slow, it has also said how far a film is.
    [said] = [line for line in done.stderr.decode().splitlines() if " a second, " not in line]
    assert said.startswith(f"reexpose: {tiny_disk}/a{suffix}: ")
    assert list(tiny_disk.iterdir()) == []


def test_errors_while_writing_name_the_file(tmp_path, photo, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PhotoError, match=r"^\S+/a\.png: cannot be written \(no space left on device\)$"):
        photo.save(tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_read_only_is_said_before_any_work(tmp_path, reexpose, photo):
    photo.save(tmp_path / "a.png")
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write anywhere")
    done = reexpose(tmp_path / "a.png", "--ev", "1", "-o", folder)
    assert done.returncode == 1
    assert done.stderr.decode() == f"reexpose: {folder}/a_ev+1.png: cannot be written (permission denied)\n"


@pytest.mark.parametrize("suffix", [".exr", ".hdr", ".tif", ".jpg"])
def test_the_same_light_is_the_same_file(tmp_path, photo, suffix):
    light = RadianceMap(np.square(photo.pixels / np.float32(200)), photo)
    light.save(tmp_path / f"a{suffix}")
    time.sleep(1.1)  # past the second that a time of day would tell
    light.save(tmp_path / f"b{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
