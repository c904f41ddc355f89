"""Highlights, shadows, --auto and --like on the command line; what is chosen, recorded and read again."""

import json

import numpy as np
import pytest
from PIL import Image

import reexposure as rx
from reexposure.light.develop import Settings
from reexposure.photo.photo import Photo
from reexposure.radiance.radiance import RadianceMap


@pytest.fixture
def photo(tmp_path):
    """A wall with a window that clipped, and a dark corner."""
    grey = np.random.default_rng(0).integers(90, 120, (60, 80, 1))
    grey[10:30, 20:50] = 255
    grey[40:, 60:] = np.random.default_rng(1).integers(2, 14, (20, 20, 1))
    Image.fromarray(np.repeat(grey, 3, -1).astype(np.uint8)).save(tmp_path / "wall.png")
    return tmp_path / "wall.png"


def light(median_ev, share_beyond=0.0, beyond_ev=2.0):
    """Light around a median, a share of it beyond white."""
    values = np.linspace(median_ev - 2, median_ev + 2, 1000)
    values[1000 - round(1000 * share_beyond) :] = beyond_ev
    linear = np.exp2(np.broadcast_to(values[:, None, None], (1000, 4, 3))).astype(np.float32)
    return RadianceMap(linear, Photo(np.zeros((1000, 4, 3), np.uint8)))


def test_names_say_what_was_done(photo, reexpose):
    reexpose(photo, "--highlights", "-80", check=True)
    reexpose(photo, "--ev", "-1,0", "--shadows", "30", check=True)
    reexpose(photo, "--auto", check=True)
    names = {one.name for one in photo.parent.iterdir()} - {photo.name}
    assert names == {
        "wall_highlights-80.png", "wall_ev-1_shadows+30.png", "wall_shadows+30.png", "wall_auto.png",
    }  # fmt: skip


def test_the_command_does_what_the_library_does(photo, reexpose, tmp_path):
    reexpose(photo, "--ev", "0.5", "--highlights", "-70", "--shadows", "40", "-o", tmp_path / "a.png", check=True)
    expected = rx.reconstruct(photo).develop(0.5, -70, 40).pixels
    np.testing.assert_array_equal(rx.open(tmp_path / "a.png").pixels, expected)


def test_like_does_the_same_again(photo, reexpose, tmp_path):
    reexpose(photo, "--auto", "-o", tmp_path / "a.jpg", check=True)
    chosen = rx.reconstruct(photo).suggest()
    assert Settings.of_told(rx.open(tmp_path / "a.jpg").metadata.recorded()) == chosen
    reexpose(photo, "--like", tmp_path / "a.jpg", "-o", tmp_path / "b.jpg", check=True)
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()


def test_many_photos_are_developed_each_by_its_light(photo, reexpose, tmp_path):
    Image.new("RGB", (40, 30), (120, 120, 120)).save(tmp_path / "grey.png")
    photos = [photo, tmp_path / "grey.png"]
    done = reexpose(*photos, "--auto", "-o", tmp_path / "out", "--json", check=True)
    assert [json.loads(line)["status"] for line in done.stdout.splitlines()] == ["written", "written"]
    for one in photos:
        settings = rx.reconstruct(one).suggest()
        made = rx.open(tmp_path / "out" / f"{one.stem}_auto.png")
        assert Settings.of_told(made.metadata.recorded()) == settings
        expected = rx.reconstruct(one).develop(settings.ev, settings.highlights, settings.shadows).pixels
        np.testing.assert_array_equal(made.pixels, expected)
    again = reexpose(*photos, "--auto", "-o", tmp_path / "out", "--json", check=True)
    assert [json.loads(line)["status"] for line in again.stdout.splitlines()] == ["skipped", "skipped"]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--highlights", "-101"], 2, "--highlights -101: out of range; it goes from -100 to 100"),
        (["--shadows", "abc"], 2, "--shadows"),
        (["--shadows", "nan"], 2, "--shadows nan: out of range"),
        (["--auto", "--highlights", "-20"], 2, "--auto says all of it; leave --highlights out"),
        (["--like", "wall.png", "--auto"], 2, "--like says all of it; leave --auto out"),
        (["--like", "wall.png"], 1, "wall.png: cannot be imitated (no settings in it)"),
        (["--like", "gone.jpg"], 1, "gone.jpg: no such file"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(photo, reexpose, options, code, said):
    done = reexpose("wall.png", *options, cwd=photo.parent)
    assert done.returncode == code
    assert said in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    assert [one.name for one in photo.parent.iterdir()] == ["wall.png"]


@pytest.mark.parametrize("value", ["x", "nan", "-200"])
def test_damaged_settings_are_not_imitated(photo, reexpose, tmp_path, value):
    found = rx.open(photo)
    about = found.metadata.recording(ExposureChange="+0", Highlights=value)
    type(found)(found.pixels, metadata=about).save(tmp_path / "odd.png")
    done = reexpose(photo, "--like", tmp_path / "odd.png")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"odd.png: cannot be imitated" in done.stderr


def test_a_night_stays_a_night_and_white_comes_back():
    night = light(-7.5, share_beyond=0.005).suggest()
    assert night == Settings(0, 0, 0)  # a lamp is no reason either
    dim = light(-3.5).suggest()
    assert 0.2 < dim.ev < 0.6
    assert 0 < dim.shadows <= 50
    assert dim.highlights == 0
    sky = light(-2.5, share_beyond=0.2).suggest()
    assert -90 < sky.highlights < -30
    back = light(-2.5, share_beyond=0.2).develop(sky.ev, sky.highlights, sky.shadows).pixels
    assert 235 < back.max() < 255


def test_suggestions_are_in_range_for_any_light():
    for level in (0.0, 1e-9, 1.0, 1e12):
        radiance = RadianceMap(np.full((5, 7, 3), level, np.float32), Photo(np.zeros((5, 7, 3), np.uint8)))
        assert isinstance(radiance.suggest(), Settings)
