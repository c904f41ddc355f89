"""Exposure films, checked by decoding them again."""

import subprocess
import sys

import av
import numpy as np
import pytest
from av.video.reformatter import Interpolation
from conftest import ROOT, SUNSET
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from serving import PATIENCE_S, wait_until

import reexposure as rx
from reexposure.films import encoding
from reexposure.films.overlay import Overlay
from reexposure.films.sweep import RANGE_PX, film_size, glide, reduced, sweep, telling_range
from reexposure.photo.photo import Photo
from reexposure.photo.shown import shown


@pytest.fixture(scope="module")
def photo():
    return Photo(np.ascontiguousarray(rx.open(SUNSET).pixels[::6, ::6]))


def frames_of(path):
    if path.suffix == ".webp":  # FFmpeg does not read animated WebP
        with Image.open(path) as film:
            pictures = []
            for number in range(film.n_frames):
                film.seek(number)
                pictures.append(np.asarray(film.convert("RGB")).astype(int))
            return pictures
    with av.open(str(path)) as film:
        # Without its slower rounding FFmpeg decodes a level too dark.
        exact = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
        frames = (frame.reformat(format="rgb24", interpolation=exact) for frame in film.decode(video=0))
        return [frame.to_ndarray().astype(int) for frame in frames]


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
    assert (
        np.abs((pictures[0][upper] - still[upper]).mean((0, 1))).max() < 0.7
    )  # no cast: the wrong matrix makes one of 1.1
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
    scene = rx.open(tmp_path / "light.exr")
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


@pytest.mark.parametrize(("given", "other"), [("first_ev", "last_ev"), ("last_ev", "first_ev")])
def test_an_end_that_meets_the_automatic_one_makes_a_film_to_0_ev(photo, tmp_path, given, other):
    dark, bright = telling_range(rx.reconstruct(reduced(photo, film_size(photo, RANGE_PX))))
    met = bright if given == "first_ev" else dark  # what the other end would be
    sweep(photo, tmp_path / "met.mp4", **{given: met}, seconds=0.3, fps=10, size_px=80)
    sweep(photo, tmp_path / "said.mp4", **{given: met, other: 0.0}, seconds=0.3, fps=10, size_px=80)
    assert (tmp_path / "met.mp4").read_bytes() == (tmp_path / "said.mp4").read_bytes()


def test_equal_ends_are_refused():
    with pytest.raises(ValueError, match="nothing would move"):
        glide(3.0005, 3, 10)


def test_transparent_pixels_stay_transparent_and_do_not_count():
    pixels = np.full((40, 80, 3), 120, np.uint8)
    pixels[:, 40:] = 0
    alpha = np.full((40, 80), 255, np.uint8)
    alpha[:, 40:] = 0
    small = reduced(Photo(pixels, alpha), (80, 40))
    opaque = reduced(Photo(np.full((40, 80, 3), 120, np.uint8)), (80, 40))
    radiance = rx.reconstruct(small)
    assert telling_range(radiance) == telling_range(rx.reconstruct(opaque))
    for ev in (-3, 2):
        assert np.asarray(shown(radiance.expose(ev), (80, 40)))[20, 70].tolist() == [255, 255, 255]  # paper


def test_a_gif_is_timed_in_whole_hundredths(photo, tmp_path):
    sweep(photo, tmp_path / "film.gif", first_ev=-1, last_ev=1, seconds=1, fps=30, size_px=64)
    with Image.open(tmp_path / "film.gif") as film:
        durations = set()
        for number in range(film.n_frames):
            film.seek(number)
            durations.add(film.info["duration"])
        assert film.n_frames == 33
    assert durations == {30}  # ms


def test_a_film_uses_the_light_of_a_gain_map_and_says_so(tmp_path, reexpose):
    light = np.full((40, 80, 3), 0.25, np.float32)
    light[:, 40:] = 4.0
    clipped = np.full((40, 80, 3), 255, np.uint8)
    clipped[:, :40] = 137
    rx.RadianceMap(light, Photo(clipped), "srgb").save(tmp_path / "photo.jpg")
    arguments = ["photo.jpg", "--from", "-3", "--to", "-2.9", "--seconds", "0.2", "--fps", "10", "--size", "80"]
    own = reexpose("sweep", *arguments, "-o", "own.mp4", cwd=tmp_path, check=True)
    assert own.stderr.decode().count("brings a gain map") == 1
    frame = frames_of(tmp_path / "own.mp4")[0]
    expected = rx.reconstruct(tmp_path / "photo.jpg").expose(-3).pixels
    assert np.abs(frame[5, 75] - expected[5, 75]).max() <= 4
    ignored = reexpose("sweep", *arguments, "--ignore-gain-map", "-o", "not.mp4", cwd=tmp_path, check=True)
    assert not ignored.stderr
    assert (tmp_path / "own.mp4").read_bytes() != (tmp_path / "not.mp4").read_bytes()


def test_a_terminated_sweep_leaves_nothing(tmp_path):
    Image.new("RGB", (600, 400), "grey").save(tmp_path / "photo.png")
    command = [sys.executable, "-m", "reexposure", "sweep", "photo.png", "--seconds", "600"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    wait_until(lambda: list(tmp_path.glob(".*.part")), "a part of the film")
    process.terminate()
    assert process.wait(PATIENCE_S) == 143
    assert [p.name for p in tmp_path.iterdir()] == ["photo.png"]


def test_a_film_lands_in_a_folder_but_never_on_the_photo(tmp_path, reexpose):
    Image.new("RGB", (60, 40), "grey").save(tmp_path / "photo.webp")
    arguments = ["photo.webp", "--seconds", "0.2", "--size", "64"]
    reexpose("sweep", *arguments, "-o", "films", cwd=tmp_path, check=True)
    assert [p.name for p in (tmp_path / "films").iterdir()] == ["photo_sweep.mp4"]
    before = (tmp_path / "photo.webp").read_bytes()
    done = reexpose("sweep", *arguments, "-o", tmp_path / "photo.webp", cwd=tmp_path)
    assert done.returncode == 2
    assert "is the input itself" in done.stderr.decode()
    assert (tmp_path / "photo.webp").read_bytes() == before


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
@settings(max_examples=25)
def test_the_overlay_fits_any_frame(width, height, ev):
    frame = Image.new("RGB", (2 * width, 2 * height))
    drawn = Overlay(frame.copy(), -6, 6)(frame, ev)
    assert drawn.size == (2 * width, 2 * height)


def test_the_scale_names_its_ends():
    panels = {}
    for high in (2.0, 2.25):
        overlay = Overlay(Image.new("RGB", (960, 640)), -4, high)
        panels[high] = np.asarray(overlay.still)[..., 3].astype(int)  # the panel is translucent, words are not
        end = round(overlay._x(high))
        number = panels[high][round(overlay._y + 0.3 * overlay.em) :, end - 5 : end + 6]
        assert number.max() > 200


def test_a_white_inset_is_seen_on_white():
    white = Image.new("RGB", (640, 480), "white")
    overlay = Overlay(white, -2, 2)
    left, top, _, bottom = overlay.inset_box
    frame = np.asarray(overlay(white.copy(), 0))
    assert frame[(top + bottom) // 2, left].max() < 50
    assert frame[(top + bottom) // 2, left + 3].min() == 255


@pytest.mark.slow
def test_memory_is_flat_in_the_films_length(tmp_path):
    script = (
        "import resource, sys, numpy as np; from reexposure.films.sweep import sweep;"
        "from reexposure.photo.photo import Photo;"
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
        (["-o", "film.avi"], 2, "film.avi: unknown format"),
        (["-o", "-"], 2, "do not go to standard output"),
        (["--from", "1", "--to", "1"], 2, "the same"),
        (["--from", "3.0005", "--to", "3"], 2, "the same"),
        (["--fps", "60", "-o", "film.gif"], 2, "--fps 60: out of range; it goes from 1 to 50 for .gif"),
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


def test_nothing_of_the_frame_before_stays_in_a_fade(tmp_path):
    across = np.linspace(60, 90, 160, dtype=np.float32)[None, :, None].repeat(96, 0).repeat(3, 2)
    fade = [np.rint(across - 1.5 * n).astype(np.uint8) for n in range(20)]
    encoding.write_film(tmp_path / "a.webp", map(Image.fromarray, fade), (160, 96), 20)
    with Image.open(tmp_path / "a.webp") as film:
        assert film.n_frames == len(fade)
        for number, drawn in enumerate(fade):
            film.seek(number)
            off = np.asarray(film.convert("RGB"), np.float32) - drawn
            assert np.abs(off.reshape(12, 8, 20, 8, 3).mean((1, 3))).max() < 2, number  # each block
