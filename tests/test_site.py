"""The page without a server: the browser itself reconstructs, and must come to Python's result."""

import functools
import http.server
import io
import threading

import numpy as np
import OpenImageIO
import pytest
from conftest import SUNSET
from PIL import Image
from serving import opened, saved, until

import reexposure as rx
from reexposure.light import camera, colour, icc
from reexposure.light.colour import ColourSpace
from reexposure.light.gradient import Gradient
from reexposure.photo import gainmap, jpeg, jpeg_metadata
from reexposure.photo.decoding import decode
from reexposure.photo.shown import shown
from reexposure.photo.xmp import packet
from reexposure.radiance import with_openimageio
from reexposure.server.site import write_site


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The site on an ordinary web server that knows nothing of it."""
    folder = tmp_path_factory.mktemp("site")
    write_site(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def page(address, chromium):
    shown = opened(chromium.new_page(viewport={"width": 900, "height": 600}), address)
    yield shown
    assert shown.errors == []


def reduced(format, paper=False, **options):
    with Image.open(SUNSET) as sunset:
        small = sunset.reduce(6)
    if paper:  # burnt, and no sun, on which nothing is drawn
        small.paste((255, 255, 255), (0, 240, 140, 460))
    if format == "JPEG":
        exif = Image.Exif()
        exif[0x010F], exif[0x0112] = "Camera", 6  # held on its side
        options |= {"exif": exif, "quality": 95}
    buffer = io.BytesIO()
    small.save(buffer, format, **options)
    return buffer.getvalue()


def show(page, data, name):
    page.evaluate("while (reexposure.album.current) reexposure.album.remove(reexposure.album.current)")
    page.set_input_files("#file", {"name": name, "mimeType": f"image/{name[-3:]}", "buffer": data})
    until(page, "reexposure.album.current?.opened && !reexposure.busy")
    page.evaluate("reexposure.slider.set(-1)")


def test_the_browsers_light_is_pythons(page, tmp_path):
    """On a lossless file every step is the same: masks, reduction, network, hue, spreading, enlargement, blend."""
    data = reduced("PNG")
    radiance = rx.reconstruct(decode(data, "photo"))
    show(page, data, "photo.png")
    light = with_openimageio.read(saved(page, "exr", tmp_path))
    for_others = rx.reconstruct(decode(data, "photo"), "srgb")  # as `reexpose radiance` writes it
    stops = np.abs(np.log2((light + 1e-3) / (for_others.linear + 1e-3)))
    assert stops.max() < 0.002
    assert radiance.linear[radiance.over == 1].max() > 1.5
    path = saved(page, "png", tmp_path)
    picture = np.asarray(Image.open(path))[..., :3].astype(int)
    assert np.abs(picture - radiance.expose(-1).pixels).max() <= 1
    recorded = decode(path.read_bytes(), "saved").metadata.recorded()
    assert recorded.items() >= radiance.told().items() >= {("Detail", "1")}
    sky = {"ev": -1, "from": [0.5, 0.1], "to": [0.5, 0.7], "where": "line"}
    told = {"ev": 0.5, "highlights": -80, "shadows": 60, "gradient": sky}
    page.evaluate("(told) => reexposure.developing.change(told)", told)
    picture = np.asarray(Image.open(saved(page, "png", tmp_path)))[..., :3].astype(int)
    expected = radiance.develop(0.5, -80, 60, Gradient(-1, (0.5, 0.1), (0.5, 0.7))).pixels
    assert np.abs(picture - expected).max() <= 2
    page.click("#auto")
    wanted, said = (
        radiance.suggest(),
        page.evaluate("reexposure.developing.settings"),
    )
    assert (said["ev"], said["highlights"], said["shadows"]) == (wanted.ev, wanted.highlights, wanted.shadows)


def test_the_browsers_detail_is_pythons(page, tmp_path):
    data = reduced("PNG", paper=True)
    show(page, data, "photo.png")
    page.evaluate("reexposure.developing.change({ detail: 0.8, seed: 3 })")
    until(page, "reexposure.view.detail === 0.8")
    radiance = rx.reconstruct(decode(data, "photo"), "srgb", detail=0.8, seed=3)
    faithful = rx.reconstruct(decode(data, "photo"), "srgb", detail=0)
    assert np.abs(np.log2(radiance.linear / faithful.linear.clip(1e-6))[radiance.over == 1]).max() > 0.05
    path = saved(page, "exr", tmp_path)
    assert np.abs(np.log2((with_openimageio.read(path) + 1e-3) / (radiance.linear + 1e-3))).max() < 0.005
    spec = OpenImageIO.ImageBuf(str(path)).spec()
    assert [spec.get_string_attribute(f"reexposure:{name}") for name in ("Detail", "Seed")] == ["0.8", "3"]
    picture = saved(page, "png", tmp_path)
    expected = rx.reconstruct(decode(data, "photo"), detail=0.8, seed=3).expose(-1)
    assert np.abs(np.asarray(Image.open(picture))[..., :3].astype(int) - expected.pixels).max() <= 1
    told = decode(picture.read_bytes(), "saved").metadata.recorded()
    assert told == expected.metadata.recorded()
    assert (told["Detail"], told["Seed"]) == ("0.8", "3")
    for ev in (0, -1):  # the photo's own file in front, and a developed one
        page.evaluate(f"reexposure.slider.set({ev})")
        hdr = saved(page, "ultrahdr", tmp_path).read_bytes()
        assert decode(hdr, "saved").metadata.recorded().items() >= {"Detail": "0.8", "Seed": "3"}.items()


def test_it_asks_before_it_is_left(chromium, address):
    page = opened(chromium.new_page(), address)
    leaves = "() => dispatchEvent(new Event('beforeunload', { cancelable: true }))"  # whether nobody objects
    assert page.evaluate(leaves)
    page.click("#sample")
    until(page, "reexposure.album.photos.length")
    assert not page.evaluate(leaves)
    page.evaluate("reexposure.album.remove(reexposure.album.current)")
    assert page.evaluate(leaves)
    page.close()


@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB"])
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WebP"])
def test_a_photos_colour_space_is_kept_or_converted(page, tmp_path, name, format):
    """The network sees sRGB colours, the light is in the photo's space, and files show the same colours."""
    gamma = camera.PowerResponse(2.2) if name == "Adobe RGB" else camera.RESPONSES["srgb"]
    space = ColourSpace(name, colour.KNOWN[name], gamma)
    options = {"lossless": True} if format == "WebP" else {}
    data = reduced(format, icc_profile=icc.profile_of(space), **options)
    photo = decode(data, "photo")
    assert photo.colour_space.name == name
    for_others = rx.reconstruct(photo, "srgb")
    show(page, data, f"photo.{format.lower()}")
    path = saved(page, "exr", tmp_path)
    assert with_openimageio.load(path)[1].name == name
    stops = np.abs(np.log2((with_openimageio.read(path) + 1e-3) / (for_others.linear + 1e-3)))
    assert np.quantile(stops, 0.99) < (0.03 if format != "JPEG" else 0.3)  # decoders of JPEG differ
    ours = decode(saved(page, "png", tmp_path).read_bytes(), "ours")
    expected = rx.reconstruct(photo).expose(-1)
    pictures = [np.asarray(shown(one, (120, 90)), int) for one in (ours, expected)]
    assert np.quantile(np.abs(pictures[0] - pictures[1]), 0.99) <= 3


def test_a_jpeg_is_turned_upright_and_keeps_its_exif(page, tmp_path):
    data = reduced("JPEG")
    radiance = rx.reconstruct(decode(data, "photo"))
    show(page, data, "photo.jpg")
    with Image.open(saved(page, "jpeg", tmp_path)) as picture:
        assert (picture.getexif()[0x010F], picture.getexif()[0x0112]) == ("Camera", 1)
        error = np.abs(np.asarray(picture).astype(int) - radiance.expose(-1).pixels)
    assert error.mean() < 1.5  # two JPEG codings


def test_ultra_hdr_shows_the_light_above_white(page, tmp_path):
    imagecodecs = pytest.importorskip("imagecodecs", reason="imagecodecs reads Ultra HDR files here")
    data = reduced("JPEG")
    radiance = rx.reconstruct(decode(data, "photo"))
    show(page, data, "photo.jpg")
    path = saved(page, "ultrahdr", tmp_path)
    with Image.open(path) as picture:
        assert picture.getexif()[0x010F] == "Camera"
        assert picture._getmp()[0xB001] == 2  # pictures in the index
    shown = imagecodecs.ultrahdr_decode(path.read_bytes())[..., :3].astype(np.float32)
    exposed = radiance.linear / 2
    above = exposed > 1.02  # there the base is white, whatever curve decodes it
    assert above.sum() > 200
    stops = np.abs(np.log2(shown[above] / exposed[above]))
    assert np.median(stops) < 0.03
    assert np.quantile(stops, 0.99) < 0.15


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_gain_map_is_the_light(page, tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    with Image.open(SUNSET) as sunset:
        sunset.reduce(6).save(tmp_path / "photo.jpg", quality=95, exif=exif)
    rx.reconstruct(tmp_path / "photo.jpg", "srgb").save(tmp_path / "ultra.jpg")
    data = (tmp_path / "ultra.jpg").read_bytes()
    its_own = rx.RadianceMap.load(tmp_path / "ultra.jpg")
    show(page, data, "ultra.jpg")
    assert page.evaluate("reexposure.album.current.opened.origin") == "gain map"
    light = with_openimageio.read(saved(page, "exr", tmp_path))
    assert its_own.linear.max() > 2
    stops = np.abs(np.log2((light + 0.01) / (its_own.linear + 0.01)))
    assert np.median(stops) < 0.01
    assert np.quantile(stops, 0.99) < 0.1  # decoders of JPEG differ by a level


@pytest.mark.parametrize("name", ["Pixel", "Adobe"])
def test_gain_maps_of_others_are_read(page, tmp_path, name):
    columns = ((0.1, 0.0, 0.2), (3.0, 2.5, 2.0), (1.0, 1.2, 0.8), (1 / 64, 0.01, 0.02), (1 / 64, 0.01, 0.02))
    about = gainmap.GainMap(*columns, headroom_ev=3.0)
    codes, base = io.BytesIO(), io.BytesIO()
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    Image.fromarray(np.repeat(np.tile(ramp, (48, 1))[..., None], 3, -1)).save(codes, "JPEG", quality=100, subsampling=0)
    Image.fromarray(np.full((96, 128, 3), 200, np.uint8)).save(base, "JPEG", quality=100)
    if name == "Pixel":
        told = jpeg.Segment(jpeg.APP2, jpeg_metadata.GAIN_MAP_ISO + about.to_iso())
    else:
        items = {
            field: "".join(f"<rdf:li>{value}</rdf:li>" for value in column)
            for field, column in zip(gainmap.FIELDS, columns, strict=True)
        }
        elements = "".join(f"<hdrgm:{k}><rdf:Seq>{v}</rdf:Seq></hdrgm:{k}>" for k, v in items.items())
        space = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
        xmp = f'<rdf:Description rdf:about="" {space} hdrgm:Version="1.0">{elements}</rdf:Description>'
        told = jpeg_metadata.xmp_segments(packet(xmp.encode()))[0]
    second = jpeg.split(codes.getvalue())
    second = bytes(jpeg.Jpeg([second.segments[0], told, *second.segments[1:]], second.scan))
    data = jpeg.multi_picture(jpeg.split(base.getvalue()), [second])
    expected = rx.reconstruct(decode(data, "photo"))
    assert expected.origin == "gain map"
    show(page, data, "photo.jpg")
    light = with_openimageio.read(saved(page, "exr", tmp_path))
    np.testing.assert_allclose(light, expected.linear, rtol=0.02)


def test_the_film_glides_from_the_photo_down_and_up(page, tmp_path):
    av = pytest.importorskip("av", reason="PyAV reads films here")
    data = reduced("PNG")
    show(page, data, "photo.png")
    if not page.evaluate("'VideoEncoder' in globalThis"):
        pytest.skip("this browser has no video encoder")
    page.keyboard.press("s")
    page.check("#formats [value=film]", force=True)
    page.select_option("[data-format=film] [name=seconds]", "4")
    page.keyboard.press("Escape")
    path = saved(page, "film", tmp_path)
    assert path.suffix == ".webm"
    with av.open(str(path)) as film:
        assert float(film.duration / av.time_base) == pytest.approx(4, abs=0.1)
        stream = film.streams.video[0]
        assert stream.codec_context.name == "vp9"
        frames = (frame.to_ndarray(format="rgb24") for frame in film.decode(video=0))
        first = next(frames).astype(int)
        height, width = first.shape[:2]
        upper = np.s_[: height // 2]  # free of inset and scale
        light = np.array([first[upper].mean(), *(frame[upper].mean() for frame in frames)])
    assert len(light) == 120
    assert (max(height, width), height % 2, width % 2) == (1280, 0, 0)
    with Image.open(io.BytesIO(data)) as photo:
        still = np.asarray(photo.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(first[upper] - still[upper]).mean() < 3
    assert np.abs((first[upper] - still[upper]).mean((0, 1))).max() < 1.5  # no cast
    low, high = int(light.argmin()), int(light.argmax())
    assert 0 < low < high < 119
    for leg in (-light[: low + 1], light[low : high + 1], -light[high:]):
        assert np.diff(leg).min() > -0.3


def test_a_file_that_is_no_picture_is_refused(page):
    page.set_input_files("#file", {"name": "text.jpg", "mimeType": "image/jpeg", "buffer": b"text"})
    until(page, "document.getElementById('toast').textContent.includes('not a picture')")


def test_a_missing_runtime_is_named(tmp_path):
    with pytest.raises(OSError, match=r"ort\.wasm\.bundle\.min\.mjs: no such file"):
        write_site(tmp_path / "site", tmp_path)
