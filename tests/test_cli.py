"""The command line as a user meets it."""

import io
import os

import numpy as np
import pytest
from conftest import SUNSET
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from reexposure import __version__
from reexposure.cli.app import parse_evs
from reexposure.errors import UsageError


@pytest.fixture
def small(tmp_path):
    """The real example photo, reduced so that tests stay fast."""
    path = tmp_path / "photo.jpg"
    with Image.open(SUNSET) as sunset:
        sunset.reduce(8).save(path, quality=95)
    return path


def pixels_of(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_version_is_told(reexpose):
    assert reexpose("--version", check=True).stdout.decode().strip() == __version__


def test_one_exposure_lands_beside_the_photo(small, reexpose):
    done = reexpose(small, "--ev", "-2", check=True)
    result = small.with_name("photo_ev-2.jpg")
    assert done.stdout.decode().strip() == str(result)
    before, after = pixels_of(small), pixels_of(result)
    known = (before > 60) & (before < 200)
    # Two stops down is half the encoded value under the square-root camera, within what JPEG does.
    assert np.median(after[known] / before[known]) == pytest.approx(0.5, abs=0.01)


def test_a_bracket_lands_in_a_folder(small, tmp_path, reexpose):
    folder = tmp_path / "bracket"  # made on the way
    reexpose(small, "--ev", "-2:2:2", "-o", folder, check=True)
    assert sorted(p.name for p in folder.iterdir()) == ["photo_ev+0.jpg", "photo_ev+2.jpg", "photo_ev-2.jpg"]
    means = [pixels_of(folder / f"photo_ev{ev}.jpg").mean() for ev in ("-2", "+0", "+2")]
    assert means == sorted(means)


def test_several_exposures_into_one_name_are_numbered(small, tmp_path, reexpose):
    reexpose(small, "--ev", "-1,-3", "-o", tmp_path / "dark.png", check=True)
    assert (tmp_path / "dark_ev-1.png").exists()
    assert (tmp_path / "dark_ev-3.png").exists()


def test_standard_input_to_standard_output(small, reexpose):
    done = reexpose("-", "--ev", "-1", "-o", "-", stdin=small.read_bytes(), check=True)
    assert pixels_of(io.BytesIO(done.stdout)).shape == pixels_of(small).shape


def test_the_format_follows_the_output_name(small, tmp_path, reexpose):
    for name, format in (("a.png", "PNG"), ("a.webp", "WEBP"), ("a.tif", "TIFF")):
        reexpose(small, "--ev", "-1", "-o", tmp_path / name, check=True)
        with Image.open(tmp_path / name) as picture:
            assert picture.format == format


def test_a_photo_without_a_suffix_gets_its_formats(small, reexpose):
    bare = small.rename(small.with_suffix(""))
    done = reexpose(bare, "--ev", "-1", check=True)
    assert done.stdout.decode().strip().endswith("photo_ev-1.jpeg")


def test_radiance_is_written(small, tmp_path, reexpose):
    reexpose("radiance", small, "-o", tmp_path / "light.exr", check=True)
    assert (tmp_path / "light.exr").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["missing.jpg"], 1, "missing.jpg: no such file"),
        (["text.jpg"], 1, "text.jpg: not a JPEG"),
        (["empty.jpg"], 1, "empty.jpg: empty file"),
        (["."], 1, "is a directory"),
        (["photo.jpg", "--ev", "dark"], 2, "--ev dark: not an exposure"),
        (["photo.jpg", "--ev", "nan"], 2, "out of range"),
        (["photo.jpg", "--ev", "-1,-2", "-o", "-"], 2, "one exposure only"),
        (["photo.jpg", "--nonsense"], 2, "nonsense"),
        (["photo.jpg", "-o", "missing/out.jpg"], 1, "missing/out.jpg: cannot be written"),
        (["photo.jpg", "-o", "out.xyz"], 1, "out.xyz: unknown format"),
        (["radiance", "photo.jpg", "-o", "out.xyz"], 1, "out.xyz: unknown format"),
        (["photo.jpg", "--response", "log"], 2, "log"),
        (["export", "photo.jpg", "-o", "n.onnx"], 1, "photo.jpg: no checkpoint"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(small, reexpose, arguments, code, reason):
    folder = small.parent
    (folder / "text.jpg").write_text("no picture")
    (folder / "empty.jpg").touch()
    before = sorted(folder.iterdir())
    done = reexpose(*arguments, cwd=folder)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == code
    assert len(lines) == 1
    assert reason in lines[0]
    assert sorted(folder.iterdir()) == before


def test_an_unreadable_photo_is_named(small, reexpose):
    small.chmod(0)
    if os.access(small, os.R_OK):
        pytest.skip("this user may read everything")
    done = reexpose(small)
    assert done.returncode == 1
    assert "permission denied" in done.stderr.decode()


@given(st.floats(-30, 30), st.floats(0, 30), st.floats(0.1, 5))
@example(0.1, 30.0, 0.1)  # the sums of 0.1 go past 30 by a rounding
def test_ranges_go_from_first_to_last(first, span, step):
    last = min(30.0, first + span)
    evs = parse_evs(f"{first}:{last}:{step}")
    assert evs[0] == first
    assert evs[-1] <= last + 1e-5
    assert last - evs[-1] < step + 1e-5


def test_ranges_may_go_down():
    assert parse_evs("4:-4:2") == [4, 2, 0, -2, -4]


@pytest.mark.parametrize("text", ["", "a", "1:", "0:1:0", "0:1:-1", "inf", "-1e9", "1,,2"])
def test_other_words_are_no_exposures(text):
    with pytest.raises(UsageError):
        parse_evs(text)
