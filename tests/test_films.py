"""Exposure films, checked by decoding them again."""

import subprocess
import sys

import av
import numpy as np
import pytest
from conftest import ROOT, SUNSET
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import reexposure as rx
from reexposure import radiance
from reexposure.films import encoding
from reexposure.films.overlay import Overlay
from reexposure.films.sweep import film_size, glide, reduced, sweep, telling_range
from reexposure.photo import Photo
from reexposure.shown import shown


@pytest.fixture(scope="module")
def photo():
    return Photo(np.ascontiguousarray(rx.load(SUNSET).pixels[::6, ::6]))


def frames_of(path):
    if path.suffix == ".webp":  # FFmpeg does not read animated WebP
        with Image.open(path) as film:
            pictures = []
            for number in range(film.n_frames):
                film.seek(number)
                pictures.append(np.asarray(film.convert("RGB")).astype(int))
            return pictures
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(video=0)]


@pytest.mark.parametrize("suffix", encoding.KINDS)
def test_a_film_starts_as_the_photo_and_glides_down_up_and_back(photo, tmp_path, suffix):
    path = tmp_path / f"film{suffix}"
    sweep(photo, path, first_ev=-3, last_ev=2, seconds=2, fps=12.5, size_px=320)
    assert list(tmp_path.iterdir()) == [path]
    pictures = frames_of(path)
    size = film_size(photo, 320)
    assert pictures[0].shape[:2] == (size[1], size[0])
    upper = np.s_[: size[1] // 2]  # free of inset and scale
    still = np.asarray(shown(reduced(photo, size), size)).astype(int)
    error = np.abs(pictures[0][upper] - still[upper])
    assert error.mean() < (6 if suffix == ".gif" else 3)
    assert np.abs((pictures[0][upper] - still[upper]).mean((0, 1))).max() < 1.5  # no cast: matrix and range are right
    light = np.array([picture[upper].mean() for picture in pictures])
    low, high = int(light.argmin()), int(light.argmax())
    assert 0 < low < high < len(light) - 1
    for leg in (-light[: low + 1], light[low : high + 1], -light[high:]):
        assert np.diff(leg).min() > -0.3
    assert light[-1] > light[0] - 0.5


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_players_are_told_the_colours(photo, tmp_path, suffix):
    path = tmp_path / f"film{suffix}"
    sweep(photo, path, seconds=0.3, fps=10, size_px=161)
    with av.open(str(path)) as film:
        coder = film.streams.video[0].codec_context
        next(film.decode(video=0))
        assert coder.pix_fmt == "yuv420p"
        assert (coder.width % 2, coder.height % 2) == (0, 0)
        assert (coder.colorspace, coder.color_range, coder.color_primaries, coder.color_trc) == (1, 1, 1, 13)


def test_a_film_of_a_radiance_file_shows_the_light_it_holds(tmp_path):
    light = np.full((40, 80, 3), 0.25, np.float32)
    light[:, 40:] = 4.0  # two stops above white: nobody reconstructs exactly that from a photo
    clipped = Photo(np.full((40, 80, 3), 255, np.uint8))
    rx.RadianceMap(light, clipped, "srgb").save(tmp_path / "light.exr")
    scene = radiance.opened(tmp_path / "light.exr")
    sweep(scene, tmp_path / "film.mp4", first_ev=-3, last_ev=-2.9, seconds=0.5, fps=10, size_px=80)
    first = frames_of(tmp_path / "film.mp4")[0]
    expected = np.rint(scene.expose(-3).pixels / 257)
    assert np.abs(first[5, 75].astype(int) - expected[5, 75]).max() <= 4


@given(st.floats(-8, 8), st.floats(-8, 8), st.integers(2, 300))
def test_every_glide_stays_between_its_ends_and_loops(first, last, frames):
    if abs(first - last) < 0.1:
        return
    evs = glide(first, last, frames)
    low, high = min(first, last), max(first, last)
    assert len(evs) == frames
    assert low - 1e-5 <= evs.min() <= evs.max() <= high + 1e-5
    assert evs[0] == pytest.approx(0 if low <= 0 <= high else first, abs=1e-5)
    turns = np.count_nonzero(np.diff(np.sign(np.diff(evs)[np.diff(evs) != 0])))
    assert turns <= 2


def test_the_telling_range_brings_back_the_light(photo):
    dark, bright = telling_range(rx.reconstruct(photo))
    assert -6 <= dark <= -2
    assert 1 <= bright <= 4


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(64, 1280))
def test_sizes_are_even_and_keep_the_aspect_ratio(height, width, long_px):
    size = film_size(Photo(np.broadcast_to(np.uint8(0), (height, width, 3))), long_px)
    assert all(side % 2 == 0 and side >= 2 for side in size)
    assert abs(max(size) - long_px) <= 1


@given(st.integers(1, 700), st.integers(1, 700), st.floats(-6, 6))
@settings(max_examples=25, deadline=None)
def test_the_overlay_fits_any_frame(width, height, ev):
    frame = Image.new("RGB", (2 * width, 2 * height))
    drawn = Overlay(frame.copy(), -6, 6)(frame, ev)
    assert drawn.size == (2 * width, 2 * height)


def test_memory_is_flat_in_the_films_length(tmp_path):
    script = (
        "import resource, sys, numpy as np; from reexposure.films.sweep import sweep;"
        "from reexposure.photo import Photo;"
        "pixels = np.random.default_rng(0).integers(60, 200, (240, 320, 3), np.uint8);"
        "sweep(Photo(pixels), sys.argv[1], first_ev=-2, last_ev=2, seconds=float(sys.argv[2]), fps=25, size_px=320);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "film.mp4")]
    short, long = (
        int(subprocess.run([*command, seconds], check=True, capture_output=True, cwd=ROOT).stdout)
        for seconds in ("4", "16")
    )
    assert long < short * 1.05 + 4000  # kB; the 300 frames more would be 69,000


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["-o", "film.avi"], 1, "film.avi: unknown format"),
        (["--from", "1", "--to", "1"], 2, "the same"),
        (["--fps", "0"], 2, "--fps 0: out of range"),
        (["--seconds", "nan"], 2, "--seconds nan: out of range"),
        (["-o", "missing/film.mp4"], 1, "missing/film.mp4: cannot be written"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(tmp_path, reexpose, arguments, code, reason):
    Image.new("RGB", (60, 40), "grey").save(tmp_path / "photo.png")
    done = reexpose("sweep", "photo.png", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert len(done.stderr.decode().splitlines()) == 1
    assert reason in done.stderr.decode()
    assert [p.name for p in tmp_path.iterdir()] == ["photo.png"]
