"""The page as a photographer uses it: a real browser, a real photo, and the pixels on screen."""

import base64
import io
import os
import signal
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import SUNSET
from PIL import Image
from serving import opened, saved, served, until

import reexposure as rx
from reexposure.light import camera, colour, icc
from reexposure.light.develop import Settings
from reexposure.light.gradient import Gradient
from reexposure.photo.decoding import decode
from reexposure.photo.shown import shown
from reexposure.radiance import with_openimageio
from reexposure.radiance.radiance import percent
from reexposure.server import serving

READY = "reexposure.album.current?.opened && !reexposure.busy"


@pytest.fixture(scope="module")
def photo() -> bytes:
    """The real example photo, reduced so that tests stay fast; larger than the stage at 100 %."""
    with Image.open(SUNSET) as sunset:
        buffer = io.BytesIO()
        sunset.reduce(4).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def radiance(photo):
    return rx.reconstruct(decode(photo, "photo"))


@pytest.fixture(scope="module")
def started(chromium):
    with served() as both:
        yield both


@pytest.fixture(scope="module")
def server(started):
    return started[0]


@pytest.fixture(scope="module")
def address(started):
    return started[1]


def alone(chromium, address, **options):
    """A page that finds nothing of what those of other tests have open on the server, which keeps it."""
    page = chromium.new_page(**options)

    def answer(route):
        route.fulfill(json=[]) if route.request.method == "GET" else route.continue_()

    page.route("**/api/photos", answer)
    return opened(page, address)


def drop(page, data, name="photo.jpg"):
    """Drop a file on the page as a hand would."""
    script = """([text, name]) => {
        const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([data], name, { type: "image/jpeg" }));
        for (const type of ["dragenter", "dragover", "drop"])
          document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }"""
    page.evaluate(script, [base64.b64encode(data).decode(), name])


def with_photo(chromium, address, data, **options):
    """A page of its own with a photo dropped on it and its light there."""
    page = alone(chromium, address, **options)
    drop(page, data)
    until(page, READY)
    return page


@pytest.fixture(scope="module")
def shared(chromium, address, photo):
    """A page with the photo dropped on it and its light there."""
    page = with_photo(chromium, address, photo, viewport={"width": 1000, "height": 700})
    yield page
    assert page.errors == []


@pytest.fixture
def page(shared):
    """The page as it is after a photo was opened: nothing marked, exposure 0, fitted."""
    shared.evaluate("""() => {
        for (const box of document.querySelectorAll("[type=checkbox]")) if (box.checked) box.click();
        document.querySelector("[name=clipping][value='0']").click();
        document.querySelector("[name=compare][value=off]").click();
        document.activeElement.blur();
        document.getElementById("gradient-line").style.visibility = "";
        reexposure.developing.reset();
        reexposure.view.fit();
    }""")
    return shared


def on_screen(page, size=400):
    """At 100 %: what the left top of the stage shows, and the rows and columns of the photo that it is."""
    page.keyboard.press("1")
    look = settled(page)
    assert look["scale"] == 1
    box = page.locator("#stage").bounding_box()
    shot = page.screenshot(clip={"x": box["x"], "y": box["y"], "width": size, "height": size})
    left, top = -int(look["x"]), -int(look["y"])
    return np.asarray(Image.open(io.BytesIO(shot)))[..., :3].astype(int), (
        slice(top, top + size),
        slice(left, left + size),
    )


def settled(page):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("() => reexposure.view.look()")


def test_the_photo_is_seen_before_its_light(chromium, address, photo):
    page = alone(chromium, address)
    seen = page.evaluate("""() => new Promise((done) => {
        const { album } = reexposure, hear = album.onchange, stages = [];
        album.onchange = (photo) => {
          hear(photo);
          stages.push([photo.text, Boolean(photo.preview), Boolean(photo.opened), photo.share]);
          if (photo.opened) done(stages);
        };
        document.getElementById("sample").click();
    })""")
    assert any(preview and not opened for _, preview, opened, _ in seen)
    shares = [share for _, _, _, share in seen]
    assert shares == sorted(shares)
    texts = {text for text, _, _, _ in seen}
    assert {"Reading the photo", "Loading the light"} <= texts  # what is between may be over before it is told
    page.close()


def test_photos_that_were_named_are_open_and_a_private_file_leads_there(chromium, photo, tmp_path):
    (tmp_path / "n\u00e4mlich.jpg").write_bytes(photo)
    with served(tmp_path / "n\u00e4mlich.jpg") as (_, address):
        page = chromium.new_page()
        page.goto(serving._leading_to(f"{address}/", tmp_path).as_uri())  # as a browser is started
        page.wait_for_url(f"{address}/")
        until(page, "globalThis.reexposure && " + READY)
        assert page.evaluate("reexposure.album.current.name") == "n\u00e4mlich.jpg"
        page.close()


@pytest.mark.parametrize("ev", [-2.3, 0, 1])
def test_pixels_are_those_of_expose(page, radiance, ev):
    page.fill("#ev", str(ev))
    page.keyboard.press("Enter")
    until(page, f"reexposure.view.ev === {ev}")
    shown, place = on_screen(page)
    assert np.abs(shown - radiance.expose(ev).pixels[place]).max() <= 2


LINE = Gradient(-1.5, (0.2, 0.05), (0.5, 0.6))
DEVELOPED = [
    Settings(0, -100), Settings(1.5, -60, 80), Settings(-1, 70, -50), Settings(gradient=LINE),
    Settings(0.5, -80, 60, Gradient(-1, where="highlights")),
]  # fmt: skip


def develop(page, settings):
    """Set all of it, as the controls do; returns the script's own settings."""
    told = {"ev": settings.ev, "highlights": settings.highlights, "shadows": settings.shadows, "gradient": None}
    if settings.gradient is not None:
        there = settings.gradient
        told["gradient"] = {"ev": there.ev, "from": there.start, "to": there.end, "where": there.where}
    page.evaluate("(told) => reexposure.developing.change(told)", told)
    hide_grips(page)


def hide_grips(page):
    page.evaluate("() => (document.getElementById('gradient-line').style.visibility = 'hidden')")


def expected_of(radiance, settings, place):
    return radiance.develop(settings.ev, settings.highlights, settings.shadows, settings.gradient).pixels[place]


def test_pixels_are_those_of_develop(page, radiance, tmp_path):
    for settings in DEVELOPED:
        develop(page, settings)
        shown, place = on_screen(page)
        expected = expected_of(radiance, settings, place)
        assert np.abs(shown - expected).max() <= 2, settings
        assert np.abs(expected.astype(int) - radiance.photo.pixels[place]).max() > 20
    path = saved(page, "png", tmp_path)  # of the last of them
    assert path.name == "photo_ev+0.5_highlights-80_shadows+60_gradient.png"
    np.testing.assert_array_equal(np.asarray(Image.open(path)), expected_of(radiance, DEVELOPED[-1], slice(None)))
    assert decode(path.read_bytes(), "saved").metadata.recorded() == DEVELOPED[-1].told() | {
        "Software": f"reexposure {rx.__version__}",
        "Detail": "1",
        "Seed": "0",
    }


def test_the_canvas_without_webgl_shows_the_same(chromium, address, photo, radiance):
    page = with_photo(chromium, f"{address}/?no-webgl", photo, viewport={"width": 1000, "height": 700})
    for settings in [Settings(-1), *DEVELOPED]:
        develop(page, settings)
        shown, place = on_screen(page)
        assert np.abs(shown - expected_of(radiance, settings, place)).max() <= 2, settings
    page.close()


def drawn(photo, amount, seed=0):
    return rx.reconstruct(decode(photo, "photo"), detail=amount, seed=seed)


@pytest.fixture(scope="module")
def paper() -> bytes:
    """The photo with a sheet of paper in it, burnt as a whole: on suns and lamps nothing is drawn."""
    with Image.open(SUNSET) as sunset:
        small = sunset.reduce(4)
    small.paste((255, 255, 255), (100, 100, 600, 450))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def papered(chromium, address, paper):
    """A page of its own with the paper on it."""
    page = with_photo(chromium, address, paper, viewport={"width": 1000, "height": 700})
    yield page
    page.close()


def test_detail_is_drawn_once_for_each_seed_and_scaled_by_the_screen(papered, paper, tmp_path):
    page = papered
    page.fill("#ev", "-2")
    page.keyboard.press("Enter")
    page.evaluate("document.activeElement.blur()")
    asked = []
    page.on("request", lambda request: request.url.endswith("/drawn") and asked.append(request.post_data))
    assert page.evaluate("reexposure.view.detail") == rx.reconstruct(decode(paper, "photo")).detail
    page.evaluate("reexposure.album.current.opened.drawn = undefined")  # whatever was drawn by default
    faithful = drawn(paper, 0).expose(-2).pixels.astype(int)
    for text, amount in (("100", 1), ("40 %", 0.4)):
        page.fill("[data-setting=detail] .value", text)
        page.keyboard.press("Enter")
        until(page, f"reexposure.view.detail === {amount} && !reexposure.busy")
        shown, place = on_screen(page, 500)
        expected = drawn(paper, amount).expose(-2).pixels[place].astype(int)
        assert np.abs(shown - expected).max() <= 3
        differs = (expected != faithful[place]).any(-1)
        assert differs.sum() > 500
        assert np.abs(shown - expected)[differs].mean() < np.abs(shown - faithful[place])[differs].mean()
    page.fill("#ev", "-1")
    page.keyboard.press("Enter")
    until(page, "reexposure.view.ev === -1")
    assert [page.evaluate("reexposure.album.current.opened.drawn.seed"), len(asked)] == [0, 1]
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("r")
    until(page, "reexposure.album.current.opened.drawn.seed === 1")
    assert len(asked) == 2
    shown, place = on_screen(page, 500)
    expected = drawn(paper, 0.4, 1).expose(-1).pixels
    assert np.abs(shown - expected[place]).max() <= 3
    path = saved(page, "png", tmp_path)
    assert path.name == "photo_ev-1_detail40-1.png"
    np.testing.assert_array_equal(np.asarray(Image.open(path)), expected)
    assert decode(path.read_bytes(), "saved").metadata.recorded().items() >= {"Detail": "0.4", "Seed": "1"}.items()
    page.keyboard.press("Control+z")
    assert page.evaluate("reexposure.developing.settings.seed") == 0
    page.fill("[data-setting=detail] .value", "101")
    page.keyboard.press("Enter")
    assert "from 0 to 100" in page.inner_text("#toast-text")


def counted(linear):
    """The histogram of draw/histogram.js: bins of an eighth of a stop from -20 EV on, three times smoothed."""
    values = linear.astype(np.float16).astype(np.float32).reshape(-1, 3)
    values = values[:: max(1, round(len(values) / 300_000))]
    bins = ((np.log2(values.clip(2**-24)) + 20) * 8).clip(0, 287).astype(int)
    counts = np.stack([np.bincount(channel, minlength=288) for channel in bins.T])
    for _ in range(3):
        wide = np.pad(counts, ((0, 0), (1, 1)))
        counts = wide[:, :-2] / 4 + wide[:, 1:-1] / 2 + wide[:, 2:] / 4
    return counts


def test_the_histogram_is_of_the_light_that_is_seen(papered, paper):
    page = papered
    own = {amount: counted(drawn(paper, amount).linear) for amount in (0, 1)}
    for amount in (1, 0, 1):
        page.evaluate(f"reexposure.developing.change({{ detail: {amount}, seed: 0 }})")
        until(page, f"reexposure.view.detail === {amount} && !reexposure.busy")
        said = np.array(page.evaluate("reexposure.histogram.light.map((channel) => [...channel])"))
        right, wrong = (np.abs(said - own[which]).sum() / said.sum() for which in (amount, 1 - amount))
        assert right < 0.01
        assert right < wrong / 3


def test_where_nothing_clipped_there_is_no_detail_to_ask_for(chromium, address):
    page = alone(chromium, address)
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (120, 130, 140)).save(buffer, "PNG")
    drop(page, buffer.getvalue(), "grey.png")
    until(page, READY)
    assert page.is_disabled("#detail")
    assert page.is_disabled("#another")
    page.close()


def test_surroundings_are_those_of_light_with_detail(page, photo):
    develop(page, Settings(0, -100))
    page.fill("[data-setting=detail] .value", "100")
    page.keyboard.press("Enter")
    until(page, "reexposure.view.detail === 1 && !reexposure.busy")
    shown, place = on_screen(page, 500)
    radiance = drawn(photo, 1)
    assert np.abs(shown - radiance.develop(0, -100).pixels[place]).max() <= 5  # by faithful light's own: 17
    page.click("#auto")
    wanted, said = radiance.suggest(), page.evaluate("reexposure.developing.settings")
    assert (said["ev"], said["highlights"], said["shadows"]) == (wanted.ev, wanted.highlights, wanted.shadows)


def test_auto_is_what_suits_the_light(page, radiance):
    page.click("#auto")
    wanted = radiance.suggest()
    said = page.evaluate("reexposure.developing.settings")
    assert (said["ev"], said["highlights"], said["shadows"]) == (wanted.ev, wanted.highlights, wanted.shadows)
    page.keyboard.press("Control+z")
    assert page.evaluate("reexposure.developing.settings.highlights") == 0


def test_every_setting_is_undone_and_done_again(page):
    settings = "() => reexposure.developing.settings"
    before = page.evaluate(settings)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    page.focus("#highlights")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.fill(".fader[data-setting=shadows] .value", "+30")
    page.keyboard.press("Enter")
    page.click("#where span >> text=Line")
    box = page.locator("#grip-to").bounding_box()
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 60, steps=4)  # one pull is one step
    page.mouse.up()
    after = page.evaluate(settings)
    assert (after["ev"], after["highlights"], after["shadows"]) == (0.1, -2, 30)
    assert after["gradient"]["to"] != [0.5, 0.55]
    steps = [page.evaluate(settings)]
    for _ in range(6):
        page.keyboard.press("Control+z")
        steps.append(page.evaluate(settings))
    assert steps[1]["gradient"]["to"] == [0.5, 0.55]
    assert steps[2]["gradient"] is None
    assert (steps[3]["shadows"], steps[4]["highlights"], steps[5]["highlights"]) == (0, -1, 0)
    assert steps[6] == before
    assert page.input_value("#ev") == "0"
    for _ in range(6):
        page.keyboard.press("Control+Shift+Z")
    assert page.evaluate(settings) == after
    assert page.input_value("#shadows") == "30"


@pytest.mark.parametrize(("box", "text"), [("highlights", "bright"), ("shadows", "101"), ("gradient", "-9 EV")])
def test_what_is_no_setting_is_said(page, box, text):
    page.click("#where span >> text=Line")
    before = page.evaluate("reexposure.developing.settings")
    page.fill(f".fader[data-setting={box}] .value", text)
    page.keyboard.press("Enter")
    assert page.inner_text("#toast-text").startswith(f"{text}: write a number from")
    assert page.evaluate("reexposure.developing.settings") == before
    assert page.input_value(f".fader[data-setting={box}] .value") == "0"


def test_both_pictures_are_side_by_side(page, radiance):
    develop(page, Settings(-2))
    page.keyboard.press("b")
    shown, place = on_screen(page, size=300)
    np.testing.assert_allclose(shown[60:], radiance.photo.pixels[place][60:].astype(int), atol=2)
    box = page.locator("#stage").bounding_box()
    half = round(box["width"] / 2)
    shot = page.screenshot(clip={"x": box["x"] + half, "y": box["y"] + 60, "width": 300, "height": 240})
    other = np.asarray(Image.open(io.BytesIO(shot)))[..., :3].astype(int)
    np.testing.assert_allclose(other[:, 4:], radiance.expose(-2).pixels[place][60:, 4:].astype(int), atol=2)


def test_a_page_that_is_loaded_again_has_lost_nothing(chromium, photo, tmp_path):
    with served() as (_, address):
        page = opened(chromium.new_page(), address)
        drop(page, photo, "one.jpg")
        drop(page, photo, "two.jpg")
        until(page, "reexposure.album.photos.length === 2 && reexposure.album.photos.every((photo) => photo.opened)")
        page.locator("#tray [role=option]").first.click()
        develop(page, Settings(-1, -40, gradient=LINE))
        settings = page.evaluate("reexposure.developing.settings")
        page.keyboard.press("c")
        page.reload()  # at once
        until(page, "globalThis.reexposure && " + READY)
        assert page.evaluate("reexposure.album.photos.map((photo) => photo.name)") == ["one.jpg", "two.jpg"]
        assert page.evaluate("reexposure.album.current.name") == "one.jpg"
        assert page.evaluate("reexposure.developing.settings") == settings
        page.keyboard.press("c")
        page.keyboard.press("]")
        page.keyboard.press("v")
        assert page.evaluate("reexposure.developing.settings") == settings
        page.click("#forget")
        with page.expect_response("**/api/photos"):  # until it has forgotten them
            page.click("#forget-dialog [value=forget]")
        assert page.is_visible("#welcome")
        page.reload()
        until(page, "'ready' in document.documentElement.dataset")
        assert page.evaluate("reexposure.album.photos.length") == 0
        page.close()


def test_a_bracket_is_one_archive_and_a_mask_shows_what_was_made(page, radiance, tmp_path):
    develop(page, Settings(-1))
    with zipfile.ZipFile(saved(page, "bracket", tmp_path)) as files:
        assert files.namelist() == ["photo_ev-2.jpg", "photo_ev-1.jpg", "photo_ev+0.jpg"]
        assert files.read("photo_ev-1.jpg") == radiance.expose(-1).encoded("JPEG")
    path = saved(page, "mask", tmp_path)
    radiance.save_mask(tmp_path / "expected.png")
    assert (path.name, path.read_bytes()) == ("photo_mask.png", (tmp_path / "expected.png").read_bytes())


def test_a_picture_is_saved_as_it_is_wished_for(page, radiance, tmp_path):
    def choose(format, **options):
        page.keyboard.press("s")
        page.check(f"#formats [value={format}]", force=True)
        for name, value in options.items():
            page.select_option(f"[data-format={format}] [name={name}]", value)
        page.keyboard.press("Escape")

    for format, suffix in (("png", ".png"), ("tiff", ".tif")):
        choose(format, bits="16", long_px="1080")
        path = saved(page, format, tmp_path)
        choose(format, bits="8", long_px="")
        assert path.name == f"photo_ev+0_16bit{suffix}"  # the photo is smaller than that
        deep = decode(path.read_bytes(), "deep")
        assert deep.levels == 65535
        np.testing.assert_allclose(deep.pixels / 257.0, radiance.expose(0).pixels, atol=0.51)
    page.keyboard.press("s")
    page.check("#formats [value=jpeg]", force=True)
    page.fill("[data-format=jpeg] [name=quality]", "good")
    page.click("#save-one")
    said = "Quality good: write a number from 1 to 100, or nothing."
    until(page, f"document.getElementById('toast-text').textContent === '{said}'")
    page.evaluate("() => (document.querySelector('[data-format=jpeg] [name=quality]').value = '')")


def test_a_photo_with_a_gain_map_shows_its_own_light(chromium, address, radiance, tmp_path):
    radiance.save(tmp_path / "ultra.jpg")
    data = (tmp_path / "ultra.jpg").read_bytes()
    its_own = rx.reconstruct(decode(data, "photo"))
    assert (its_own.origin, its_own.response) == ("gain map", "srgb")
    page = with_photo(chromium, address, data, viewport={"width": 1000, "height": 700})
    page.keyboard.press("Shift+ArrowLeft")
    shown, place = on_screen(page)
    assert np.abs(shown - its_own.expose(-1).pixels[place]).max() <= 2
    page.keyboard.down(" ")
    shown, place = on_screen(page)
    linear = camera.RESPONSES["srgb"].decode(its_own.photo.pixels[place] / np.float32(255))
    expected = np.rint(255 * camera.photograph(linear, -1.0, camera.RESPONSES["srgb"]))
    np.testing.assert_allclose(shown[60:], expected[60:], atol=2)
    page.close()


def test_a_photo_in_another_colour_space_shows_its_colours(chromium, address, photo):
    adobe = colour.ColourSpace("Adobe RGB", colour.KNOWN["Adobe RGB"], camera.PowerResponse(2.2))
    buffer = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(buffer, "JPEG", quality=95, icc_profile=icc.profile_of(adobe))
    its_own = rx.reconstruct(decode(buffer.getvalue(), "photo"))
    page = with_photo(chromium, address, buffer.getvalue(), viewport={"width": 1000, "height": 700})
    page.keyboard.press("Shift+ArrowLeft")
    on_page, place = on_screen(page)
    exposed = its_own.expose(-1)
    expected = np.asarray(shown(exposed, exposed.pixels.shape[1::-1]))[place].astype(int)
    within = (expected > 2).all(-1) & (expected < 253).all(-1)  # what a screen of sRGB can show
    assert np.abs(exposed.pixels[place].astype(int) - expected)[within].max() > 8
    assert np.abs(on_page - expected)[within].max() <= 3
    page.close()


def test_a_photo_whose_worker_died_can_be_tried_again(chromium, address, photo, server):
    page = with_photo(chromium, address, photo)
    page.keyboard.press("x")
    worker = worker_of(server)
    os.kill(worker, signal.SIGSTOP)  # so that it is in the middle of the work when it dies
    drop(page, photo)
    until(page, "reexposure.album.current.preview && !reexposure.album.current.opened")
    os.kill(worker, signal.SIGKILL)
    page.wait_for_selector("#retry")
    assert "the decoder stopped" in page.inner_text("#failure")
    assert page.inner_text("#failure-text").startswith("Could not open this photo: the decoder stopped")
    page.click("#retry")
    until(page, READY)
    assert page.is_hidden("#failure")
    page.keyboard.press("x")
    assert page.is_visible("#welcome")
    page.close()


def worker_of(server):
    children = f"/proc/{server.pid}/task/{server.pid}/children"
    return int(Path(children).read_text().split()[0])


def test_what_cannot_be_read_is_not_tried_again(chromium, address, photo, server):
    page = alone(chromium, address)
    icon = io.BytesIO()
    Image.new("RGB", (32, 32), "grey").save(icon, "ICO")  # which browsers read, and we do not
    os.kill(worker_of(server), signal.SIGSTOP)  # until it is seen
    drop(page, icon.getvalue(), "icon.ico")
    until(page, "reexposure.album.current.preview")
    os.kill(worker_of(server), signal.SIGCONT)
    page.wait_for_selector("#failure")
    assert "Could not open this photo" in page.inner_text("#failure-text")
    assert page.is_hidden("#retry")
    page.click("#dismiss")
    assert page.is_visible("#welcome")
    page.close()


def test_what_was_done_is_said(page, radiance):
    said = page.inner_text("#done")
    words = [f"{percent(radiance.highlights_share)} highlights reconstructed"]
    assert said == ", ".join([*words, f"{percent(radiance.shadows_share)} shadows cleaned"])


def test_the_next_photo_is_seen_while_another_is_worked_on(chromium, address, photo, server):
    page = alone(chromium, address)
    os.kill(worker_of(server), signal.SIGSTOP)  # until it is seen
    drop(page, photo, "one.jpg")
    drop(page, photo, "two.jpg")
    until(page, "reexposure.album.current.name === 'two.jpg' && reexposure.album.current.preview")
    assert page.evaluate("!reexposure.album.current.opened")
    os.kill(worker_of(server), signal.SIGCONT)
    until(page, READY)
    page.close()


def test_a_film_is_stopped(page):
    page.keyboard.press("s")
    page.check("#formats [value=film]", force=True)
    assert page.inner_text("#save-one") == "Save"
    page.click("#save-one")
    until(page, "document.getElementById('toast').innerText.includes('%')")
    page.click("#stop")
    until(page, "document.getElementById('toast').innerText.includes('photo_film.mp4 was not saved')")


def test_enter_saves_what_the_dialog_was_opened_for(page, photo):
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("s")
    page.check("#formats [value=jpeg]", force=True)
    assert page.inner_text("#save-one") == "Save at \N{MINUS SIGN}1 EV"
    drop(page, photo, "later.jpg")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "photo_ev-1.jpg"
    until(page, "reexposure.album.photos.every((photo) => photo.opened)")
    page.evaluate("reexposure.album.remove(reexposure.album.photos[1])")


@pytest.mark.parametrize(
    ("written", "ev"), [("-1.5", -1.5), ("\N{MINUS SIGN}1,5 EV", -1.5), ("1/3", 1 / 3), ("+1 2/3", 5 / 3)]
)
def test_exposures_are_read_as_people_write_them(page, written, ev):
    page.fill("#ev", written)
    page.keyboard.press("Enter")
    until(page, f"Math.abs(reexposure.view.ev - {ev}) < 0.006")


def test_the_number_box_is_what_the_exposure_is(page):
    page.fill("#ev", "3")
    page.keyboard.press("ArrowUp")
    assert (page.input_value("#ev"), page.evaluate("reexposure.view.ev")) == ("+3.1", pytest.approx(3.1))
    page.fill("#ev", "-5")
    page.keyboard.press("Escape")
    assert (page.input_value("#ev"), page.evaluate("reexposure.view.ev")) == ("+3.1", pytest.approx(3.1))
    page.fill("#ev", "bright")
    page.keyboard.press("Enter")
    assert "bright is no exposure" in page.inner_text("#toast")
    assert page.input_value("#ev") == "+3.1"


def test_keys_move_the_exposure(page):
    ev = "() => reexposure.view.ev"
    for key, expected in [("ArrowLeft", -0.1), ("Shift+ArrowLeft", -1.1), ("ArrowUp", -1), ("Shift+ArrowRight", 0)]:
        page.keyboard.press(key)
        assert page.evaluate(ev) == pytest.approx(expected)
    assert page.get_attribute("#scale", "aria-valuetext") == "0 stops"
    page.keyboard.press("Shift+ArrowUp")
    assert page.get_attribute("#scale", "aria-valuetext") == "+1 stops"
    assert page.input_value("#ev") == "+1"
    page.keyboard.press("0")
    until(page, "reexposure.view.ev === 0")


def test_the_mouse_moves_the_exposure(page, radiance):
    box = page.locator("#scale").bounding_box()
    middle = box["y"] + 15
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - box["width"] / 6, middle, steps=4)
    page.mouse.up()
    assert page.evaluate("() => reexposure.view.ev") == pytest.approx(-2, abs=0.03)
    ev = page.evaluate("() => reexposure.view.ev")
    shown, place = on_screen(page)
    assert np.abs(shown - radiance.expose(ev).pixels[place]).max() <= 2
    page.dblclick("#scale", position={"x": 20, "y": 15})
    until(page, "reexposure.view.ev === 0")


def test_wheel_zooms_and_dragging_pans(page):
    box = page.locator("#stage").bounding_box()
    x, y = box["x"] + 200, box["y"] + 200
    page.mouse.move(x, y)
    before = settled(page)
    page.mouse.wheel(0, -600)
    until(page, f"reexposure.view.scale > {before['scale']} * 1.5")
    after = settled(page)
    point = [(200 - look["x"]) / look["scale"] for look in (before, after)]
    assert point[0] == pytest.approx(point[1], abs=1)  # what is under the pointer stays there
    page.mouse.down()
    page.mouse.move(x - 50, y - 30, steps=3)
    page.mouse.up()
    moved = settled(page)
    assert (moved["x"] - after["x"], moved["y"] - after["y"]) == pytest.approx((-50, -30), abs=1)


def test_divider_shows_the_photo_as_taken_and_the_plain_change(page, photo, radiance):
    page.keyboard.press("d")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    shown, place = on_screen(page)
    taken = radiance.photo.pixels[place].astype(int)
    width = page.locator("#stage").bounding_box()["width"]
    edge = int(width / 2) - 30  # of the handle and its tags
    assert edge < 400
    np.testing.assert_allclose(shown[50:, :edge], taken[50:, :edge], atol=2)
    page.focus("#divider")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")
    page.check("[name=before][value=plain]", force=True)
    page.evaluate("document.activeElement.blur()")
    shown, place = on_screen(page)
    edge = int(width * 0.1)
    plain = np.rint(255 * np.sqrt((taken / 255) ** 2 / 4))
    np.testing.assert_allclose(shown[50:, : edge - 25], plain[50:, : edge - 25], atol=2)
    np.testing.assert_allclose(shown[50:, edge + 25 :], radiance.expose(-2).pixels[place][50:, edge + 25 :], atol=2)
    page.check("[name=before][value=taken]", force=True)


def test_holding_space_shows_the_plain_change(page, radiance):
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.down(" ")
    shown, place = on_screen(page)
    page.keyboard.up(" ")
    plain = np.rint(255 * np.sqrt((radiance.photo.pixels[place] / 255.0) ** 2 / 2))
    np.testing.assert_allclose(shown[60:], plain[60:], atol=2)  # the badge says what is seen
    shown, _ = on_screen(page)
    assert np.abs(shown - radiance.expose(-1).pixels[place]).max() <= 2


def test_clipping_and_invented_light_are_marked_where_they_are(page, radiance):
    def red(shown):
        return (shown == [242, 41, 56]).all(-1)

    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("j")
    shown, place = on_screen(page)
    result = radiance.expose(-1).pixels[place].max(-1) == 255
    assert (red(shown) != result).mean() < 1e-4  # half floats round a few to the other side
    page.keyboard.press("j")
    shown, place = on_screen(page)
    clipped = radiance.photo.pixels[place].max(-1) == 255
    assert clipped.sum() > 1000
    np.testing.assert_array_equal(red(shown), clipped)
    page.keyboard.press("j")
    page.keyboard.press("i")
    shown, place = on_screen(page)
    orange = shown[..., 0] - shown[..., 2] > 60
    assert orange[radiance.over[place].min(-1) == 1].mean() > 0.99
    assert not orange[radiance.over[place].max(-1) == 0].any()
    assert "reconstructed highlights" in page.inner_text("#legend")


def test_the_histogram_ends_in_hdr(page):
    def coloured_right_of_white():
        return page.evaluate("""() => {
            const canvas = document.getElementById("histogram"), at = Math.ceil(canvas.width * 8 / 12) + 4;
            const { data } = canvas.getContext("2d").getImageData(at, 20, canvas.width - at, canvas.height - 60);
            const first = data.slice(0, 4).join();
            let different = 0;
            for (let i = 0; i < data.length; i += 4) different += data.slice(i, i + 4).join() !== first;
            return different / (data.length / 4);
        }""")

    bright = coloured_right_of_white()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")
    assert coloured_right_of_white() < bright


def test_hdr_preview_is_made_of_what_is_on_screen_and_says_what_it_is(page):
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("h")
    until(page, "!document.getElementById('hdr-picture').hidden")
    assert page.inner_text("#badge") == "HDR preview · SDR display"
    image, canvas = page.locator("#hdr-picture").bounding_box(), settled(page)
    assert image["width"] == pytest.approx(page.evaluate("() => reexposure.view.width") * canvas["scale"], abs=2)


def test_every_format_is_saved_and_opens_again(page, radiance, tmp_path):
    page.keyboard.press("Shift+ArrowLeft")
    expected = radiance.expose(-1)
    path = saved(page, "png", tmp_path)
    assert path.name == "photo_ev-1.png"
    np.testing.assert_array_equal(np.asarray(Image.open(path)), expected.pixels)
    path = saved(page, "jpeg", tmp_path)
    assert path.read_bytes() == expected.encoded("JPEG")
    path = saved(page, "ultrahdr", tmp_path)
    assert path.name == "photo_ev-1_hdr.jpg"
    light = rx.RadianceMap.load(path).linear
    above = radiance.linear.min(-1) > 2.04
    assert np.median(np.abs(np.log2(light[above] * 2 / radiance.linear[above]))) < 0.1
    path = saved(page, "exr", tmp_path)
    assert path.name == "photo_light.exr"
    for_others = rx.reconstruct(radiance.photo, "srgb")  # what `reexpose radiance` writes
    np.testing.assert_allclose(with_openimageio.read(path), for_others.linear, rtol=1e-3, atol=1e-6)


def test_a_photo_that_the_server_forgot_is_saved_all_the_same(page, radiance, tmp_path):
    page.evaluate("async () => { await fetch(`api/photos/${reexposure.album.current.id}`, { method: 'DELETE' }) }")
    path = saved(page, "png", tmp_path)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), radiance.expose(0).pixels)


def test_several_photos_are_in_the_tray(chromium, address, photo):
    page = alone(chromium, address)
    drop(page, photo, "one.jpg")
    drop(page, photo, "two.jpg")
    drop(page, b"no picture", "three.jpg")
    until(page, "reexposure.album.photos.length === 2 && reexposure.album.photos.every((photo) => photo.opened)")
    assert "not a JPEG" in page.inner_text("#toast")
    assert page.locator("#tray [role=option]").count() == 2
    page.locator("#tray [role=option]").first.click()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("]")
    assert page.evaluate("() => [reexposure.album.current.name, reexposure.view.ev]") == ["two.jpg", 0]
    assert "one.jpg, +1 EV" in page.locator("#tray [role=option]").first.get_attribute("aria-label")
    page.click("#same")
    assert page.evaluate("() => reexposure.album.photos.map((photo) => photo.settings.ev)") == [0, 0]
    page.evaluate("reexposure.album.keptBytes = 1")  # so that only the photo on screen keeps its light
    page.keyboard.press("[")
    page.keyboard.press("]")
    page.click("#save")
    with page.expect_download() as download:
        page.click("#save-all")
    assert download.value.suggested_filename == "reexposed_2_photos.zip"
    with zipfile.ZipFile(download.value.path()) as files:
        assert files.namelist() == ["one_ev+0.jpg", "two_ev+0.jpg"]
        assert files.testzip() is None
        assert decode(files.read("two_ev+0.jpg"), "two").pixels.shape[2] == 3
    page.locator("#tray [role=option]").first.hover()
    page.locator("#tray button").first.click()
    assert page.locator("#tray").is_hidden()
    page.close()


def test_help_theme_and_phone_width(chromium, address):
    page = alone(chromium, address, viewport={"width": 360, "height": 640}, color_scheme="light")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("?")
    assert page.locator("#help-dialog").is_visible()
    assert "Shift" in page.inner_text("#keys")
    page.keyboard.press("Escape")
    page.click("#sample")
    until(page, READY)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("#scale").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    tabs = page.locator("#tabs button")
    for tab in range(tabs.count()):
        tabs.nth(tab).click()
        assert tabs.nth(tab).bounding_box()["height"] >= 44
        shown = page.locator("#panel section:visible")
        assert shown.count() >= 1
        for one in range(shown.count()):
            box = shown.nth(one).bounding_box()
            assert (box["x"], box["width"]) == (0, 360)
            assert box["y"] + box["height"] <= 640 - 44  # nothing lies under the tabs
    unnamed = page.evaluate("""() => {
        const named = (one) => one.getAttribute("aria-label") || one.textContent.trim() || one.labels?.length;
        const all = [...document.querySelectorAll("button, input, [role=slider], canvas")];
        return all.filter((one) => !one.closest("dialog") && !one.hidden && !named(one)).map((one) => one.outerHTML);
    }""")
    assert unnamed == []
    page.close()
