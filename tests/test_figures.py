"""Comparison figures: where things stand, what is compared, and the files."""

import numpy as np
import pytest
from conftest import SUNSET
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

import reexposure as rx
from reexposure.figures import closeup, comparison, contact, layout, paper
from reexposure.light import camera
from reexposure.photo.metadata import Metadata
from reexposure.photo.photo import Photo
from reexposure.photo.shown import SRGB_PROFILE, shown


@pytest.fixture(scope="module")
def radiance():
    return rx.reconstruct(Photo(np.ascontiguousarray(rx.open(SUNSET).pixels[::8, ::8])))


def apart(one, other):
    return (
        one.right <= other.left + 1e-9
        or other.right <= one.left + 1e-9
        or one.bottom <= other.top + 1e-9
        or other.bottom <= one.top + 1e-9
    )


@given(st.floats(0.05, 20), st.integers(1, 4))
def test_nothing_overlaps_and_nothing_leaves_the_page(aspect, count):
    page = layout.comparison_page(aspect, count)
    boxes = [box for p in page.panels for box in (p.caption, p.picture, p.closeup, p.histogram)]
    for i, box in enumerate(boxes):
        assert 0 <= box.left < box.right <= page.width
        assert 0 <= box.top < box.bottom <= page.height
        assert all(apart(box, other) for other in boxes[i + 1 :])
    assert page.panels[0].picture.width / page.panels[0].picture.height == pytest.approx(aspect)


@given(st.floats(0.05, 20), st.integers(1, 40))
@settings(max_examples=30)
@pytest.mark.slow
def test_a_sheet_holds_every_pair_on_its_page(aspect, count):
    page = layout.sheet_page(aspect, count)
    boxes = [box for pair in page.pairs for box in pair]
    assert len(boxes) == 2 * count
    for i, box in enumerate(boxes):
        assert box.right <= page.width
        assert box.bottom <= page.height
        assert all(apart(box, other) for other in boxes[i + 1 :])


@pytest.mark.parametrize(("ev", "level"), [(-2, 50), (0, 100), (2, 200), (4, 255)])
def test_the_plain_change_scales_light_and_clips(ev, level):
    plain = closeup.brightness_change(Photo(np.full((2, 2, 3), 100, np.uint8)), ev)
    assert (plain.pixels == level).all()  # the square-root camera: two stops are twice the level


def test_the_plain_change_is_ours_where_the_photo_is_well_exposed(radiance):
    encoded = radiance.photo.pixels / 255
    known = (encoded > camera.UNDER_FROM) & (encoded < camera.OVER_FROM)
    plain, ours = closeup.brightness_change(radiance.photo, -3), radiance.expose(-3)
    assert np.abs(plain.pixels[known].astype(int) - ours.pixels[known]).max() <= 1


@given(st.integers(0, 199), st.integers(0, 99))
@settings(max_examples=30)
def test_the_close_up_finds_the_one_thing_that_differs(x, y):
    one = Photo(np.full((100, 200, 3), 90, np.uint8))
    pixels = one.pixels.copy()
    pixels[y, x] = 255
    size = (40.0, 30.0)
    window = closeup.window_at(*closeup.most_different(one, Photo(pixels), size), size, (200, 100))
    left, top, right, bottom = window.crop_px
    assert left <= x + 0.5 <= right
    assert top <= y + 0.5 <= bottom
    assert (left, top) >= (0, 0)
    assert right <= 200
    assert bottom <= 100


def test_the_edge_of_a_blown_sky_is_shown_and_not_its_middle():
    plain, ours = np.full((200, 300, 3), 40, np.uint8), np.full((200, 300, 3), 40, np.uint8)
    plain[:120], ours[:120] = 128, 180  # a sky above a horizon at row 120
    size = (60.0, 40.0)
    window = closeup.window_at(*closeup.most_different(Photo(plain), Photo(ours), size), size, (300, 200))
    assert window.top + 4 < 120 < window.top + window.height - 4


def test_the_rim_of_a_lamp_larger_than_the_window_is_shown():
    y, x = np.mgrid[:300, :400]
    lamp = np.hypot(y - 150, x - 200) < 100
    plain = np.full((300, 400, 3), 40, np.uint8)
    plain[lamp] = 90
    ours = plain.copy()
    ours[lamp] = 150 + (x[lamp] // 8 % 2)[:, None] * 8  # not flat, either
    size = (60.0, 40.0)
    window = closeup.window_at(*closeup.most_different(Photo(plain), Photo(ours), size), size, (400, 300))
    left, top, right, bottom = map(round, window.crop_px)
    assert 0.2 < lamp[top:bottom, left:right].mean() < 0.8


def test_rounding_is_no_difference():
    one, other = (Photo(np.full((100, 200, 3), level, np.uint8)) for level in (90, 92))
    assert closeup.most_different(one, other, (40, 20)) is None
    other.pixels[80, 30, 0] = 93
    assert closeup.most_different(one, other, (40, 20)) is not None


@pytest.fixture
def words(monkeypatch):
    """The texts of the figure that was written last, and the boxes they cover, in pixels."""
    found = {}

    def save(paper, path, overwrite):
        paper.canvas.draw()
        found.clear()
        found.update({text: text.get_window_extent(paper.canvas.get_renderer()) for text in paper.figure.texts})
        found["page"] = paper.figure.bbox

    monkeypatch.setattr(paper.Paper, "save", save)
    return found


def check_words(words):
    page = words.pop("page")
    boxes = list(words.values())
    for i, box in enumerate(boxes):
        assert page.x0 <= box.x0 < box.x1 <= page.x1
        assert page.y0 <= box.y0 < box.y1 <= page.y1
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


@pytest.mark.parametrize("shape", [(400, 20), (300, 100), (90, 90), (20, 400)])
@pytest.mark.slow
def test_no_words_overlap_or_leave_the_page(shape, words):
    height, width = shape
    pixels = np.random.default_rng(0).integers(60, 200, (height, width, 3), np.uint8)
    radiance = rx.reconstruct(Photo(pixels))
    comparison.compare(radiance, "figure.png", -2.25, long_px=800)
    check_words(words)
    for evs in ([-0.25], [-2.25, 0], [-0.25] * 33):
        contact.contact_sheet(radiance, "sheet.png", evs, 800)
        check_words(words)


def test_the_footnote_says_where_nothing_differs(words):
    grey = rx.reconstruct(Photo(np.full((40, 60, 3), 120, np.uint8)))
    comparison.compare(grey, "figure.png", -2, zoom=340)
    written = " ".join(text.get_text() for text in words if text != "page")
    assert "The last two look the same" in written
    assert "Bars with a gap" not in written
    assert "340\N{MULTIPLICATION SIGN}" in written


def test_photos_too_long_for_a_page_are_refused(tmp_path):
    line = rx.reconstruct(Photo(np.full((300, 1, 3), 120, np.uint8)))
    for write in (comparison.compare, lambda light, path: contact.contact_sheet(light, path, [0])):
        with pytest.raises(rx.PhotoError, match="1 x 300 pixels is too long"):
            write(line, tmp_path / "figure.png")
    assert not list(tmp_path.iterdir())


def test_a_white_picture_has_an_edge(tmp_path):
    white = rx.RadianceMap(np.ones((60, 90, 3), np.float32), Photo(np.full((60, 90, 3), 255, np.uint8)))
    contact.contact_sheet(white, tmp_path / "sheet.png", [0], 800)
    page = layout.sheet_page(90 / 60, 1)
    with Image.open(tmp_path / "sheet.png") as sheet:
        scale = sheet.width / page.width
        box = page.pairs[0][0]
        row = np.asarray(sheet.convert("L"))[round((box.top + box.height / 2) * scale)].astype(int)
    left = round(box.left * scale)
    assert row[left - 3 : left + 1].min() < 245
    assert (row[left + 2 : left + 40] == 255).all()


def test_a_brightened_photo_has_no_comb():
    ramp = Photo(np.repeat(np.arange(30, 256, dtype=np.uint8)[None, :, None], 3, -1).repeat(50, 0))
    bright = closeup.brightness_change(ramp, 3)
    heights = comparison._histogram(bright, 3, camera.RESPONSES["sqrt"])[0]
    even = heights[25:60]  # from the darkest level, brightened, to those that clip
    assert even.max() < 1.15 * even.min()
    unspread = comparison._histogram(bright, 0, camera.RESPONSES["sqrt"])[0][25:60]
    assert unspread.max() > 1.3 * unspread.min()


def test_transparent_pixels_are_not_counted():
    pixels = np.full((20, 20, 3), 100, np.uint8)
    pixels[:10] = 0
    alpha = np.full((20, 20), 255, np.uint8)
    alpha[:10] = 0
    heights = comparison._histogram(Photo(pixels, alpha), 0, camera.RESPONSES["sqrt"])
    assert heights[:, 25].tolist() == [1, 1, 1]
    assert heights[:, 0].tolist() == [0, 0, 0]
    gone = comparison._histogram(Photo(pixels, np.zeros_like(alpha)), 0, camera.RESPONSES["sqrt"])
    assert comparison._scale(gone) == 1


def test_only_a_spike_is_cut():
    heights = np.full((3, 64), 0.1)
    heights[0, 10] = 0.14
    assert comparison._scale(heights) == pytest.approx(0.14)
    heights[:, 63] = 0.9
    assert comparison._scale(heights) == pytest.approx(0.3)  # a third: the cut is never deeper


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".jpg", b"\xff\xd8"), (".pdf", b"%PDF"), (".svg", b"<?xml")]
)
def test_figures_are_written_in_every_format(radiance, tmp_path, suffix, start):
    path = tmp_path / f"figure{suffix}"
    comparison.compare(radiance, path, -3, long_px=600)
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


def test_the_figure_shows_the_photos_own_pixels(radiance, tmp_path):
    path = tmp_path / "figure.png"
    comparison.compare(radiance, path, -3, at_px=(5, 5), long_px=1000)
    height, width = radiance.photo.pixels.shape[:2]
    page = layout.comparison_page(width / height)
    with Image.open(path) as figure:
        assert max(figure.size) == 1000
        assert "icc_profile" in figure.info
        scale = 1000 / max(page.width, page.height)
        box = page.panels[0].picture
        corners = tuple(round(n * scale) for n in (box.left, box.top, box.right, box.bottom))
        printed = np.asarray(figure.convert("RGB").crop(corners)).astype(int)
    expected = np.asarray(shown(radiance.photo, (printed.shape[1], printed.shape[0])))
    away = np.s_[-20:, -60:]  # from the close-up's frame at the upper left
    assert np.abs(printed[away] - expected[away]).max() <= 1


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["--ev", "-2"], "photo_compare.png"),
        (["--bracket", "1:-1:1"], "photo_bracket.png"),
        (["--bracket", "0", "-o", "figures"], "figures/photo_bracket.png"),
    ],
)
def test_figures_are_named_after_the_photo(tmp_path, reexpose, arguments, name):
    Image.new("RGB", (60, 40), "grey").save(tmp_path / "photo.png")
    done = reexpose("compare", "photo.png", *arguments, "--size", "800", cwd=tmp_path, check=True)
    assert done.stdout.decode().strip() == name
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("shape", [(40, 300), (300, 40), (90, 90)])
def test_a_contact_sheet_of_any_photo(shape, tmp_path):
    pixels = np.random.default_rng(0).integers(60, 200, (*shape, 3), np.uint8)
    contact.contact_sheet(rx.reconstruct(Photo(pixels)), tmp_path / "sheet.png", [-2, 0, 2], 500)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert max(sheet.size) == 500


def test_colours_are_converted_by_the_photos_profile():
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 200
    same = Photo(red, metadata=Metadata(profile=SRGB_PROFILE))
    assert np.asarray(shown(same, (4, 4)))[0, 0].tolist() == [200, 0, 0]
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # Red and blue primaries exchanged: the same numbers now mean blue.
    r, b = profile.index(b"rXYZ", 128), profile.index(b"bXYZ", 128)
    profile[r : r + 4], profile[b : b + 4] = b"bXYZ", b"rXYZ"
    other = shown(Photo(red, metadata=Metadata(profile=bytes(profile))), (4, 4))
    assert np.asarray(other)[0, 0] == pytest.approx([0, 0, 200], abs=3)
    assert (red[..., 0] == 200).all()
    broken = Photo(red, metadata=Metadata(profile=b"no profile"))
    assert np.asarray(shown(broken, (4, 4)))[0, 0].tolist() == [200, 0, 0]


def test_transparent_parts_show_white():
    photo = Photo(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8))
    assert np.asarray(shown(photo, (2, 2))).min() == 255


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["-o", "fig.xyz"], 2, "fig.xyz: unknown format"),
        (["-o", "photo.png"], 2, "photo.png: is the input itself"),
        (["--bracket", "-2:2:2", "--ev", "-3"], 2, "do not go with it"),
        (["--bracket", "-2:2:2", "--zoom", "4"], 2, "do not go with it"),
        (["--ev", "-1,-2"], 2, "one exposure"),
        (["--bracket", "dark"], 2, "--bracket dark: not an exposure"),
        (["--at", "5"], 2, "--at 5: not a point"),
        (["--at", "9999,5"], 2, "outside the photo"),
        (["--size", "5"], 2, "--size 5: out of range"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(tmp_path, reexpose, arguments, code, reason):
    Image.new("RGB", (60, 40), "grey").save(tmp_path / "photo.png")
    done = reexpose("compare", "photo.png", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert len(done.stderr.decode().splitlines()) == 1
    assert reason in done.stderr.decode()
    assert [p.name for p in tmp_path.iterdir()] == ["photo.png"]
