"""The command line as a user meets it."""

import io
import os
import re
import subprocess
import sys

import click
import numpy as np
import pytest
from conftest import SUNSET
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

import reexposure as rx
from reexposure import __version__
from reexposure.cli.app import app
from reexposure.ev import parse_evs
from reexposure.light.colour import ColourSpace
from reexposure.photo.photo import Photo
from reexposure.progress import track
from reexposure.radiance import with_openimageio


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


def test_version_is_told(reexpose_process):
    assert reexpose_process("--version").stdout.decode().strip() == __version__


def test_without_an_exposure_the_photo_is_described(small, reexpose):
    before = sorted(small.parent.iterdir())
    done = reexpose(small, check=True)
    first, lost, made, back = done.stdout.decode().splitlines()
    assert first == f"{small}: 534 x 356 pixels, JPEG, 8 bits, sRGB"
    assert re.fullmatch(r"burnt: \d+\.\d % of its pixels; crushed: .+", lost)
    assert re.fullmatch(r"\d+ % highlights reconstructed, \d+ % shadows cleaned", made)
    assert re.fullmatch(r"its highlights, up to \+\d\.\d EV, come back at -\d(\.5)? EV", back)
    assert (done.stderr, sorted(small.parent.iterdir())) == (b"", before)


def test_shares_of_what_is_lost_are_counted(tmp_path, reexpose):
    grey = np.full((100, 100, 3), 128, np.uint8)
    grey[:25], grey[25:30], grey[30, 0] = 255, 0, (255, 255, 128)
    Image.fromarray(grey).save(tmp_path / "a.png")
    lines = reexpose("a.png", cwd=tmp_path, check=True).stdout.decode().splitlines()
    assert lines[1] == "burnt: 25.0 % of its pixels; crushed: 5.0 %"
    Image.fromarray(grey[40:]).save(tmp_path / "b.png")
    lines = reexpose("b.png", cwd=tmp_path, check=True).stdout.decode().splitlines()
    assert lines == [
        "b.png: 100 x 60 pixels, PNG, 8 bits, sRGB", "burnt: 0 % of its pixels; crushed: 0 %", "no highlights are lost",
    ]  # fmt: skip


def test_light_is_described(small, tmp_path, reexpose):
    reexpose("radiance", small, "-o", tmp_path / "light.exr", check=True)
    first, back = reexpose("light.exr", cwd=tmp_path, check=True).stdout.decode().splitlines()
    assert first == "light.exr: 534 x 356 pixels, linear light, sRGB primaries"
    assert "come back at -" in back
    dark = np.full((8, 8, 3), 0.5, np.float32)
    with_openimageio.write(tmp_path / "dark.exr", dark, ".exr", ColourSpace())
    assert b"nothing is brighter than white" in reexpose("dark.exr", cwd=tmp_path, check=True).stdout


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


def test_standard_input_to_standard_output(small, reexpose_process):
    done = reexpose_process("-", "--ev", "-1", "-o", "-", stdin=small.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert pixels_of(io.BytesIO(done.stdout)).shape == pixels_of(small).shape


def test_the_format_follows_the_output_name(small, tmp_path, reexpose):
    for name, format in (("a.png", "PNG"), ("a.webp", "WEBP"), ("a.tif", "TIFF")):
        reexpose(small, "--ev", "-1", "-o", tmp_path / name, check=True)
        with Image.open(tmp_path / name) as picture:
            assert picture.format == format


def test_a_photo_without_a_suffix_gets_its_formats(small, reexpose):
    bare = small.rename(small.with_suffix(""))
    done = reexpose(bare, "--ev", "-1", check=True)
    assert done.stdout.decode().strip().endswith("photo_ev-1.jpg")


def test_radiance_is_written(small, tmp_path, reexpose):
    reexpose("radiance", small, "-o", tmp_path / "light.exr", check=True)
    assert (tmp_path / "light.exr").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["missing.jpg"], 1, "missing.jpg: no such file"),
        (["text.jpg"], 1, "text.jpg: not a JPEG"),
        (["empty.jpg"], 1, "empty.jpg: empty file"),
        (["."], 2, "say which exposure to write"),
        (["empty", "--ev", "1"], 1, "empty: no photos in this folder"),
        (["photo.jpg", "--ev", "dark"], 2, "--ev dark: not an exposure"),
        (["photo.jpg", "--ev", "nan"], 2, "out of range"),
        (["photo.jpg", "--ev", "-1,-2", "-o", "-"], 2, "one exposure only"),
        (["photo.jpg", "--nonsense"], 2, "unknown option: --nonsense; write ./--nonsense for a file of this name"),
        (["photo.jpg", "--maxpixels", "9"], 2, 'unknown option: --maxpixels; did you mean "--max-pixels"?'),
        (["-photo.jpg", "--ev", "1"], 2, "unknown option: -photo.jpg; write ./-photo.jpg for a file of this name"),
        (["photo.jpg", "--ev", "-1", "--ev", "-2"], 2, "--ev is said twice"),
        (["photo.jpg", "--ev"], 2, "Option '--ev' requires an argument"),
        (["radiancee", "photo.jpg"], 2, 'radiancee: no such command or file; did you mean "reexpose radiance"?'),
        (["seve"], 2, 'did you mean "reexpose serve"?'),
        (["compar", "photo.jpg", "--ev", "1"], 2, 'did you mean "reexpose compare"?'),
        (["serve", "missing.jpg"], 1, "missing.jpg: no such file"),
        (["photo.jpg", "--ev", "1", "--max-pixels", "1000"], 1, "photo.jpg: more than 0.001 megapixels (534 x 356)"),
        (["radiance", "photo.jpg", "--max-pixels", "0"], 2, "--max-pixels"),
        (["export"], 2, "CHECKPOINT"),
        (["photo.jpg", "--ev", "1", "-o", "missing/out.jpg"], 1, "missing/out.jpg: cannot be written (no such file"),
        (["photo.jpg", "--ev", "1", "-o", "photo.jpg/out/"], 1, "cannot be written (not a directory)"),
        (["photo.jpg", "--ev", "1", "-o", f"{'a' * 256}.jpg"], 1, "cannot be written (file name too long)"),
        (["photo.jpg", "--ev", "1", "-o", "out.xyz"], 2, "out.xyz: unknown format"),
        (["photo.jpg", "--ev", "1", "--mask", "out.xyz"], 2, "out.xyz: unknown format"),
        (["photo.jpg", "-o", "out.jpg"], 2, "say which exposure to write"),
        (["photo.jpg", "--mask", "out.png"], 2, "say which exposure to write"),
        (["photo.jpg", "--ev", "-1.0000001,-1"], 2, "photo_ev-1.jpg: two results would have this name"),
        (["photo.jpg", "--ev", "1", "-o", "a.png", "--mask", "./a.png"], 2, "a.png: two results would have this name"),
        (["radiance", "photo.jpg", "-o", "out.xyz"], 2, "out.xyz: unknown format"),
        (["radiance", "photo.jpg", "-o", "-"], 2, "do not go to standard output"),
        (["photo.jpg", "--response", "log"], 2, "log"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(small, reexpose, arguments, code, reason):
    folder = small.parent
    (folder / "text.jpg").write_text("no picture")
    (folder / "empty.jpg").touch()
    (folder / "empty").mkdir()
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


@pytest.mark.parametrize(("text", "evs"), [("1/3", [1 / 3]), ("-2/3,+1/2", [-2 / 3, 0.5]), ("0:1:1/2", [0, 0.5, 1])])
def test_fractions_are_read(text, evs):
    assert parse_evs(text) == evs


@pytest.mark.parametrize(
    "text", ["1/0", "1/", "/3", "1/2/3", "0:1:2:3", "", "a", "1:", "0:1:0", "0:1:-1", "inf", "-1e9", "1,,2"]
)
def test_other_words_are_no_exposures(text):
    with pytest.raises(ValueError, match="exposure"):
        parse_evs(text)


@pytest.mark.parametrize("own", ["photo.jpg", "./photo.jpg", "soft.jpg", "hard.jpg", "folder/../photo.jpg"])
@pytest.mark.parametrize(
    "command", [["photo.jpg", "--ev", "-1", "-o"], ["radiance", "photo.jpg", "-o", "a.exr", "--mask"]]
)
def test_the_input_is_never_written_to(small, reexpose, command, own):
    before, folder = small.read_bytes(), small.parent
    (folder / "folder").mkdir()
    (folder / "soft.jpg").symlink_to(small)
    os.link(small, folder / "hard.jpg")
    for arguments in ([*command, own], [*command, own, "--overwrite"]):
        done = reexpose(*arguments, cwd=folder)
        assert (done.returncode, done.stderr) == (2, f"reexpose: {own.removeprefix('./')}: is the input itself; "
                                                  "say another name with -o\n".encode())  # fmt: skip
    assert small.read_bytes() == before
    assert sorted(one.name for one in folder.iterdir()) == ["folder", "hard.jpg", "photo.jpg", "soft.jpg"]


def test_standard_input_from_a_file_is_the_input(small, reexpose):
    with small.open("rb") as file:
        command = [sys.executable, "-m", "reexposure", "-", "--ev", "1", "-o", "photo.jpg", "--overwrite"]
        done = subprocess.run(command, stdin=file, capture_output=True, check=False, cwd=small.parent)
    assert b"is the input itself" in done.stderr


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (["photo.jpg", "--ev", "-1,-2"], "photo_ev-2.jpg"),
        (["photo.jpg", "--ev", "-1", "-o", "a.jpg", "--mask", "b.png"], "b.png"),
        (["radiance", "photo.jpg"], "photo.exr"),
        (["compare", "photo.jpg", "--size", "800"], "photo_compare.png"),
        (["sweep", "photo.jpg", "--size", "64", "--seconds", "0.2", "-o", "a.gif"], "a.gif"),
        (["page", "-o", "site"], "site/ui/main.js"),
    ],
)
def test_no_file_is_overwritten_unasked(small, reexpose, command, written):
    folder = small.parent
    (folder / written).parent.mkdir(parents=True, exist_ok=True)
    (folder / written).write_text("mine")
    before = sorted(folder.rglob("*"))
    done = reexpose(*command, cwd=folder)
    assert done.returncode in (1, 2)
    assert done.stderr.decode() == f"reexpose: {written}: exists; --overwrite replaces it\n"
    assert done.stdout == b""
    assert sorted(folder.rglob("*")) == before
    assert (folder / written).read_text() == "mine"
    reexpose(*command, "--overwrite", cwd=folder, check=True)
    assert (folder / written).read_bytes() != b"mine"


@pytest.mark.parametrize("folder", ["new/sub/", "dir.with.dot/", "plain"])
def test_a_folder_is_made_where_one_is_meant(small, reexpose, folder):
    done = reexpose("photo.jpg", "--ev", "1", "-o", folder, cwd=small.parent)
    assert done.stdout.decode() == f"{folder.rstrip('/')}/photo_ev+1.jpg\n"
    assert (small.parent / folder / "photo_ev+1.jpg").exists()
    reexpose("radiance", "photo.jpg", "-o", folder, "--mask", folder, cwd=small.parent, check=True)
    assert {one.name for one in (small.parent / folder).iterdir()} == {"photo_ev+1.jpg", "photo.exr", "photo_mask.png"}


def test_full_outputs_are_said_in_a_line(small):
    for arguments in ([], ["--ev", "1", "-o", "-"]):
        command = [sys.executable, "-m", "reexposure", small, *arguments]
        with open("/dev/full", "wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 1
        assert re.fullmatch(rb"reexpose: standard output: .*no space left on device\)?\n", done.stderr)


def test_names_that_are_no_text_are_printed_as_they_are(small, reexpose):
    odd = os.fsencode(small.parent) + b"/b\xffd.jpg"
    os.rename(small, odd)
    done = reexpose(os.fsdecode(odd), "--ev", "1", check=True)
    assert done.stdout == odd.replace(b".jpg", b"_ev+1.jpg") + b"\n"


def test_libraries_are_not_heard(tmp_path, reexpose):
    """libtiff, numpy and Python's warnings write to stderr by themselves; stdout has the picture only."""
    noise = (
        "import os, sys, warnings; sys.argv = ['reexpose', 'none.jpg']\n"
        "from reexposure import cli; from reexposure.cli import sources\n"
        "def noisy(path, **reading):\n"
        "    os.write(1, b'NOISE'); os.write(2, b'NOISE'); warnings.warn('NOISE'); raise OSError('the end')\n"
        "from reexposure.radiance import opening; opening.open = noisy\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    done = subprocess.run([sys.executable, "-c", noise], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"reexpose: the end\n")


def test_a_command_without_its_packages_says_what_to_install(tmp_path):
    for command, arguments in (("train", ["a.toml"]), ("export", ["a.ckpt", "-o", "a.onnx"])):
        without = (
            "import sys; sys.modules['torch'] = None\n"
            f"from reexposure.cli import main; sys.exit(main({[command, *arguments]}))"
        )
        done = subprocess.run([sys.executable, "-c", without], capture_output=True, check=False, cwd=tmp_path)
        told = f"reexpose: {command} needs torch; install with: pip install 'reexposure[train]'\n"
        assert (done.returncode, done.stderr.decode()) == (2, told)


def test_help_shows_what_to_name(reexpose):
    assert "CHECKPOINT" in reexpose("export", "--help", check=True).stdout.decode().splitlines()[0]


def test_help_says_what_everything_is():
    for command in map(app.made, ("", *app)):
        for one in command.params:
            about = one.help if isinstance(one, click.Option) else command.about[one.name]
            assert about, f"{command.name} {one.name}"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_one_line_that_makes_way():
    terminal = Terminal()
    for photo in track(["a.jpg", "b.jpg"], 2, "photos", to=terminal):
        print(photo, file=terminal)
    lines = terminal.getvalue().split("\n")
    assert [line.rpartition("\r")[2] for line in lines] == ["a.jpg", "b.jpg", ""]  # what stays to be seen
    assert "photos: 1 of 2, " in lines[1]


def test_modules_beside_the_photos_are_not_run(small, reexpose_process):
    for name in ("json", "numpy", "PIL", "click", "logging"):
        (small.parent / f"{name}.py").write_text("raise SystemExit('a stranger in the house')")
    assert reexpose_process("photo.jpg", "--ev", "1", cwd=small.parent).stdout == b"photo_ev+1.jpg\n"


def test_what_is_left_of_a_cut_photo_can_be_opened(small, reexpose):
    whole, cut = small.read_bytes(), small.with_name("cut.jpg")
    cut.write_bytes(whole[: len(whole) * 6 // 10])
    done = reexpose("cut.jpg", "--ev", "0", cwd=small.parent)
    assert done.returncode == 1
    assert done.stderr == b"reexpose: cut.jpg: damaged picture (cut short; --lenient opens what there is)\n"
    done = reexpose("cut.jpg", "--ev", "0", "-o", "a.png", "--lenient", cwd=small.parent, check=True)
    told = re.fullmatch(rb"cut.jpg: cut short: the last (\d+) % are missing, and grey here\n", done.stderr)
    share = int(told[1])
    there = rx.open(cut, lenient=True).pixels == pixels_of(small)
    assert 10 < share < 70
    assert share <= 100 * (1 - there.all((1, 2)).mean()) < share + 7  # the last row of blocks is there in part
    assert pixels_of(small.with_name("a.png")).shape == pixels_of(small).shape


def test_what_the_format_cannot_hold_is_said(tmp_path, reexpose):
    values = np.random.default_rng(0).integers(0, 65536, (40, 60, 3), np.uint16)
    Photo(values, alpha=values[..., 0]).save(tmp_path / "deep.png")
    done = reexpose("deep.png", "--ev", "-1,1", "-o", "a.jpg", cwd=tmp_path, check=True)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("a_ev-1.jpg: JPEG does not hold more than 8 bits")
    assert "transparency" in line
    assert not reexpose("deep.png", "--ev", "1", cwd=tmp_path, check=True).stderr
