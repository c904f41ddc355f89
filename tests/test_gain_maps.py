"""Gain maps of every container and kind: the light that is in the file, or the photo alone where they are damaged."""

import io
import shutil
import struct
import subprocess

import numpy as np
import pytest
from gain_maps import full, iso, nclx, with_jhgm, with_tmap
from PIL import Image

from reexposure.errors import PhotoError
from reexposure.light import camera, colour, transfer
from reexposure.photo import av1, embedded, gainmap, items, jpeg, jpeg_metadata, jxl, with_openimageio
from reexposure.photo.boxes import boxes
from reexposure.photo.decoding import decode
from reexposure.photo.metadata import Metadata
from reexposure.photo.xmp import packet
from reexposure.radiance import opening

GREYS = np.repeat(np.array([10, 60, 128, 200], np.uint8), 16)
PHOTO = np.dstack([np.tile(GREYS, (32, 1)), np.full((32, 64), 90, np.uint8), np.full((32, 64), 30, np.uint8)])
CODES = np.zeros((16, 32), np.uint8)
CODES[:, 16:] = 255
CODES[8:, :16] = 128


def saved(pixels, format, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def avif(pixels, **options):
    return saved(pixels, "AVIF", quality=100, subsampling="4:4:4", **options)


def light_by_hand(photo, codes, stops, low=0):
    base = camera.RESPONSES["srgb"].decode(photo.pixels / np.float32(255))
    full = np.asarray(Image.fromarray(codes).convert("F").resize((64, 32), Image.Resampling.BILINEAR)) / 255
    return (base + 1 / 64) * 2 ** (low + full[..., None] * stops) - 1 / 64


def lit(data):
    photo = decode(data, "photo")
    found = opening.lit(photo)
    return photo, None if found is None else found.linear


def assert_lit(data, codes=CODES, stops=2.0):
    photo, light = lit(data)
    assert light is not None
    assert opening.lit(photo).origin == "gain map"
    np.testing.assert_allclose(light, light_by_hand(photo, codes, stops), rtol=0.02, atol=0.002)


@pytest.mark.parametrize("channels", [1, 3])
def test_avif_with_an_item_tmap(channels):
    assert_lit(with_tmap(avif(PHOTO), avif(CODES), iso(2.0, channels=channels), nclx(1, 16)))


def test_a_map_of_three_channels_in_avif():
    codes = np.dstack([CODES, CODES[::-1], np.zeros_like(CODES)])
    photo, light = lit(with_tmap(avif(PHOTO), avif(codes), iso(2.0, channels=3)))
    for channel in range(3):
        expected = light_by_hand(photo, codes[..., channel], 2.0)
        np.testing.assert_allclose(light[..., channel], expected[..., channel], rtol=0.03, atol=0.003)


def test_gains_that_count_in_the_other_pictures_colours():
    data = with_tmap(avif(PHOTO), avif(CODES), iso(2.0, flags=0), nclx(9, 16))
    photo, light = lit(data)
    wide = colour.named(colour.KNOWN["Rec. 2020"])
    there = colour.conversion(photo.colour_space, wide)
    base = camera.RESPONSES["srgb"].decode(photo.pixels / np.float32(255)) @ there.T
    full = np.asarray(Image.fromarray(CODES).convert("F").resize((64, 32), Image.Resampling.BILINEAR)) / 255
    alternate = (base + 1 / 64) * 4 ** full[..., None] - 1 / 64
    np.testing.assert_allclose(light, alternate @ np.linalg.inv(there).T, rtol=0.02, atol=0.003)


@pytest.mark.parametrize("map_is_turned", [True, False])
def test_a_turned_avif_and_its_map_lie_alike(map_is_turned):
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = with_tmap(avif(PHOTO), avif(CODES), iso(2.0))
    turned = with_tmap(avif(PHOTO, exif=exif), avif(CODES, **{"exif": exif} if map_is_turned else {}), iso(2.0))
    before, after = lit(upright)[1], lit(turned)[1]
    np.testing.assert_allclose(after, np.rot90(before, -1), rtol=0.01, atol=1e-3)


def test_a_map_in_tiles():
    codes = np.kron(CODES, np.ones((4, 4), np.uint8))  # tiles of AVIF have 64 pixels and more
    files = [avif(codes[:, :64]), avif(codes[:, 64:])]
    left, right = (items.read(file) for file in files)
    contents = [left.content(left.primary), right.content(right.primary)]
    grid = struct.pack(">BBBBHH", 0, 0, 0, 1, 128, 64)
    data, places = b"", []
    for content in (grid, *contents):
        places.append((len(data), len(content)))
        data += content
    properties = [(b"ispe", full(b"ispe", 0, struct.pack(">II", 128, 64))), *left.properties]
    tile = [link + 1 for link in left.items[left.primary].properties]
    numbers = {
        1: items.Item(b"grid", 0, [places[0]], [2, 3], [1]),
        2: items.Item(b"av01", 0, [places[1]], [], tile),
        3: items.Item(b"av01", 0, [places[2]], [], tile),
    }
    found = items.Items(data, 1, numbers, properties)
    with Image.open(io.BytesIO(found.alone(1, 1))) as picture:
        np.testing.assert_allclose(np.asarray(picture.convert("L")), codes, atol=2)


@pytest.mark.skipif(shutil.which("heif-enc") is None, reason="no heif-enc (Debian: libheif-examples)")
def test_heic_with_an_item_tmap(tmp_path):
    files = []
    for name, pixels in (("base", PHOTO), ("map", CODES)):
        source = tmp_path / f"{name}.png"
        # libheif's own encoder wants 64 pixels and more.
        Image.fromarray(pixels).resize((128, 64), Image.Resampling.NEAREST).save(source)
        made = tmp_path / f"{name}.heic"
        command = ["heif-enc", "-q", "100", "-p", "chroma=444", source, "-o", made]
        subprocess.run(command, check=True, capture_output=True)
        files.append(made.read_bytes())
    data = with_tmap(*files, iso(2.0), nclx(1, 16))
    photo, light = lit(data)
    assert photo.format == "HEIF"
    at = [(8, 8), (56, 8), (8, 120), (56, 24)]
    expected = camera.RESPONSES["srgb"].decode(photo.pixels / np.float32(255)) + 1 / 64
    gains = {(8, 8): 1, (56, 8): 2 ** (2 * 128 / 255), (8, 120): 4, (56, 24): 2 ** (2 * 128 / 255)}
    for place in at:
        np.testing.assert_allclose(light[place], expected[place] * gains[place] - 1 / 64, rtol=0.03, atol=0.004)


@pytest.mark.parametrize("version", [b"", b"\0"])
def test_jpeg_xl_with_a_box_jhgm(version):
    base = jxl.with_metadata(with_openimageio.write(PHOTO, ".jxl"), Metadata())
    whole = with_openimageio.write(CODES[..., None], ".jxl")
    parts = [whole[b.start + 4 * (b.kind == b"jxlp") : b.end] for b in boxes(whole) if b.kind in (b"jxlc", b"jxlp")]
    stream = b"".join(parts) or whole
    assert stream.startswith(jxl.CODESTREAM)
    assert len(stream) < jxl.MIN_BYTES
    assert_lit(with_jhgm(base, stream, version + iso(2.0)))


def ultra(block=b"", xmp=b"", second=CODES, **options):
    """A JPEG with a second one behind it, described in ISO's or in Adobe's way."""
    base = jpeg.split(saved(PHOTO, "JPEG", quality=95, subsampling=0))
    told = [jpeg.Segment(jpeg.APP2, jpeg_metadata.GAIN_MAP_ISO + block)] if block else []
    told += [jpeg.Segment(jpeg.APP1, jpeg.XMP + xmp)] if xmp else []
    more = second if isinstance(second, bytes) else saved(second, "JPEG", quality=100, **options)
    return jpeg.multi_picture(base, [more[:2] + b"".join(map(bytes, told)) + more[2:]])


ADOBE = b"""<rdf:Description rdf:about="" xmlns:%s="http://ns.adobe.com/hdr-gain-map/1.0/" %s:GainMapMax="2"
 %s:Version="1.0" %s:HDRCapacityMax="2" %s:BaseRenditionIsHDR="%s"/>"""


@pytest.mark.parametrize("prefix", [b"hdrgm", b"gm"])
def test_jpeg_in_isos_and_adobes_words(prefix):
    assert_lit(ultra(iso(2.0)))
    assert_lit(ultra(xmp=packet(ADOBE % (*[prefix] * 5, b"False"))))


@pytest.mark.parametrize(
    "data",
    [
        with_tmap(avif(PHOTO), avif(CODES), iso(2.0, base_headroom=2.0, alternate_headroom=0.0)),
        ultra(iso(2.0, base_headroom=2.0, alternate_headroom=0.0)),
        ultra(iso(2.0, flags=0x44)),
        ultra(xmp=packet(ADOBE % (*[b"hdrgm"] * 5, b"True"))),
    ],
)
def test_a_base_that_holds_all_light_stays_as_it_is(data):
    photo, light = lit(data)
    np.testing.assert_allclose(light, camera.RESPONSES["srgb"].decode(photo.pixels / np.float32(255)), atol=1e-6)


def test_a_base_in_pq_holds_the_light_and_says_so():
    imagecodecs = pytest.importorskip("imagecodecs")
    light = np.repeat(np.array([0.18, 1.0, 4.0, 0.02], np.float32), 16)[None, :, None] * np.ones((32, 1, 3), np.float32)
    values = np.round(transfer.pq_encode(light * transfer.WHITE_NITS) * 1023).astype(np.uint16)
    told = {"bitspersample": 10, "pixelformat": "444", "primaries": 1, "transfer": 16, "matrix": 0}
    base = imagecodecs.avif_encode(values, level=100, **told)
    block = iso(2.0, base_headroom=2.0, alternate_headroom=0.0)
    found = opening.open(with_tmap(base, avif(CODES), block, nclx(1, 13)))
    np.testing.assert_allclose(found.linear, light, rtol=0.02)
    assert "gain map" in found.photo.notes[0]


def test_a_common_denominator_is_read():
    told = struct.pack(">HHBIIIiiIii", 0, 0, 0x48, 64, 0, 128, 0, 128, 64, 1, 1)
    assert gainmap.from_iso(told) == gainmap.from_iso(iso(2.0))


@pytest.mark.parametrize(
    "second",
    [
        saved(np.dstack([CODES] * 3), "JPEG")[:300],
        np.zeros((64, 128), np.uint8),  # larger than its photo
        np.zeros((32, 8), np.uint8),  # of another shape
        np.zeros((1, 64), np.uint8),
        "CMYK",
    ],
)
def test_damaged_maps_are_ignored(second):
    if isinstance(second, str):
        buffer = io.BytesIO()
        Image.fromarray(CODES).convert(second).save(buffer, "JPEG")
        second = buffer.getvalue()
    photo, light = lit(ultra(iso(2.0), second=second))
    assert photo.gain_map is None
    assert light is None


def claiming(data, height, width):
    """A file whose boxes say another size than its stream."""
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def test_the_size_of_avif_is_its_streams():
    huge = avif(np.zeros((5000, 6000), np.uint8), speed=10)
    assert av1.size(items.read(huge).content(1)) == (5000, 6000)
    with pytest.raises(PhotoError, match="30 megapixels claimed by"):
        decode(claiming(huge, 32, 64), "photo")
    photo, light = lit(with_tmap(avif(PHOTO), claiming(huge, 16, 32), iso(2.0)))
    assert light is None
    assert photo.pixels.shape == PHOTO.shape


@pytest.mark.parametrize("shape", [(750, 1000), (376, 500), (1, 1), (3000, 4000), (1000, 750)])
def test_maps_that_round_their_size_fit(shape):
    embedded.check(shape, (3000, 4000))


@pytest.mark.parametrize("shape", [(3001, 4001), (1, 60_000), (100, 400), (0, 0)])
def test_maps_of_another_shape_do_not(shape):
    with pytest.raises(ValueError, match="shape"):
        embedded.check(shape, (3000, 4000))


def test_an_index_of_4000_whole_files_is_not_believed():
    whole = ultra(iso(2.0))
    at = whole.index(jpeg.MPF) + len(jpeg.MPF)
    table = b"".join(struct.pack(">IIIHH", 0, len(whole) - at, 2 - at & 0xFFFFFFFF, 0, 0) for _ in range(4000))
    entries = struct.pack(">HHHII", 1, 0xB002, 7, len(table), 26) + bytes(4)
    index = jpeg.MPF + struct.pack(">2sHI", b"MM", 42, 8) + entries + table
    picture = jpeg.split(saved(PHOTO, "JPEG"))
    data = bytes(jpeg.Jpeg([jpeg.Segment(jpeg.APP2, index), *picture.segments], picture.scan, bytes(100_000)))
    assert sum(map(len, jpeg.further_pictures(data))) <= 2 * len(data)
    assert decode(data, "photo").gain_map is None


def apples_note(first, second):
    """EXIF with the two fractions of a maker's note by which iPhones tell the headroom."""
    inner = b"".join(
        struct.pack(">HHII", tag, 10, 1, 14 + 2 + 24 + 4 + 8 * n) for n, tag in enumerate((33, 48))
    ) + bytes(4)
    block = b"Apple iOS\0\0\1MM" + struct.pack(">H", 2) + inner + struct.pack(">iIiI", *first, *second)
    head = struct.pack(">2sHIHHHIII", b"MM", 42, 8, 1, 0x8769, 4, 1, 26, 0)
    return head + struct.pack(">HHHIII", 1, 0x927C, 7, len(block), 44, 0) + block


def test_apples_headroom_is_held_in_bounds():
    assert gainmap.from_apple(apples_note((1, 2), (1, 1)), b"").headroom == pytest.approx(2**1.5)
    with pytest.raises(ValueError, match="damaged"):
        gainmap.from_apple(apples_note((2, 1), (-(2**31), 1)), b"")


def test_a_file_as_iphones_wrote_it_is_read():
    """A grey map after the photo, called so in XMP; its headroom is in the photo's maker's note: here 3 stops."""
    base, codes = io.BytesIO(), io.BytesIO()
    exif = b"Exif\0\0" + apples_note((3, 2), (0, 1))
    Image.new("RGB", (64, 48), (188, 188, 188)).save(base, "JPEG", quality=100, exif=exif)
    halves = np.zeros((24, 32), np.uint8)
    halves[:, 16:] = 255
    Image.fromarray(halves).save(codes, "JPEG", quality=100)
    space = 'xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/"'
    told = packet(f'<rdf:Description rdf:about="" {space} HDRGainMap:HDRGainMapVersion="65536"/>'.encode())
    second = jpeg.split(codes.getvalue())
    second = jpeg.Jpeg([second.segments[0], *jpeg_metadata.xmp_segments(told), *second.segments[1:]], second.scan)
    data = jpeg.multi_picture(jpeg.split(base.getvalue()), [bytes(second)])
    found = opening.lit(decode(data, "photo"))
    assert found.origin == "gain map"
    white = ((188 / 255 + 0.055) / 1.055) ** 2.4
    np.testing.assert_allclose(found.linear[24, [4, 60]], [[white] * 3, [8 * white] * 3], rtol=0.02)
