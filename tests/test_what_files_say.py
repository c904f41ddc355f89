"""What files say in the rarer places comes along; what is damaged does not, and harms nothing else."""

import io
import shutil
import struct
import subprocess
import zlib

import numpy as np
import pytest
from gain_maps import box
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from readers_of_ours import ABOUT, PIXELS, exif_block, file
from tiffs import tiff as tiff_of

from reexposure.light import colour, icc
from reexposure.photo import exif, items, jpeg, jpeg_metadata, jxl, png, tiff, with_openimageio, xmp
from reexposure.photo.decoding import decode
from reexposure.photo.ifd import Directories
from reexposure.photo.metadata import IPTC_RESOURCE, Metadata, image_resources, resource_block
from reexposure.photo.photo import Photo
from reexposure.radiance import ultrahdr

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "JXL")
PACKET = xmp.packet(b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="kept"/>')
IPTC = b"\x1c\2\x69\0\5hello"


def saved(format, pixels=PIXELS, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def chunk(kind, content, crc=None):
    told = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", told)


def png_with(*chunks, late=False):
    """A PNG with further chunks, before its picture or after it."""
    data = saved("PNG")
    at = len(data) - 12 if late else 33
    return data[:at] + b"".join(chunks) + data[at:]


def raw(name, text):
    return b"Raw profile type " + name + b"\0\n" + name + b"\n%8d\n" % (len(text) // 2) + text + b"\n"


SAYS = Image.Exif()
SAYS[0x013B] = "A. Examiner"
ARTIST = SAYS.tobytes().removeprefix(b"Exif\0\0")


def test_blocks_after_the_picture_of_a_png_are_read():
    late = png_with(chunk(b"eXIf", ARTIST), chunk(b"iTXt", png.XMP_KEYWORD + bytes(5) + PACKET), late=True)
    about = decode(late, "photo").metadata
    assert b"A. Examiner" in about.exif
    assert about.xmp == PACKET
    again = decode(decode(late, "photo").encoded(), "again").metadata
    assert (again.exif, again.xmp) == (about.exif, about.xmp)


@pytest.mark.parametrize("packed", [False, True])
def test_texts_of_a_png_hold_exif_xmp_and_iptc(packed):
    def text(keyword, content):
        return (
            chunk(b"zTXt", keyword + b"\0\0" + zlib.compress(content))
            if packed
            else chunk(b"tEXt", keyword + b"\0" + content)
        )

    block = resource_block({IPTC_RESOURCE: IPTC})
    told = {b"exif": b"Exif\0\0" + ARTIST, b"xmp": PACKET, b"iptc": block}
    chunks = [text(*raw(name, content.hex().encode()).split(b"\0", 1)) for name, content in told.items()]
    about = decode(png_with(*chunks), "photo").metadata
    assert b"A. Examiner" in about.exif
    assert about.xmp == PACKET
    assert about.iptc == IPTC


@pytest.mark.parametrize(
    "damaged",
    [
        chunk(b"tEXt", b"Comment\0spilt", crc=1),
        chunk(b"tEXt", raw(b"iptc", b"1c02690005zz68656c6c")),
        chunk(b"tEXt", b"Raw profile type iptc\0\niptc\n 3\nzz"),
        chunk(b"tEXt", raw(b"exif", b"4578696600004d4d00")),
        chunk(b"zTXt", b"Raw profile type iptc\0\0no zlib at all"),
        chunk(b"iTXt", png.XMP_KEYWORD + b"\0\1\0\0\0no zlib"),
        chunk(b"eXIf", b"garbage"),
        chunk(b"eXIf", ARTIST[:12]),
        chunk(b"iCCP", b"name\0\0no zlib"),
        chunk(b"iCCP", b"name\0\0" + zlib.compress(b"too short")),
        chunk(b"pHYs", b"\1"),
        chunk(b"pHYs", struct.pack(">IIB", 0xFFFFFFFF, 0, 1)),
        chunk(b"gAMA", b"\0"),
        chunk(b"tRNS", bytes(6), crc=5),
        chunk(b"acTL", b"\0"),
    ],
)
def test_one_damaged_side_block_of_a_png_harms_nothing_else(damaged):
    photo = decode(png_with(damaged, chunk(b"tEXt", b"Author\0Ann")), "photo")
    np.testing.assert_array_equal(photo.pixels, PIXELS)
    for format in FORMATS:
        assert decode(photo.encoded(format), "again").pixels.shape == PIXELS.shape
    assert b"Author\0Ann" in photo.encoded("PNG")


def test_texts_that_nobody_could_read_are_not_copied():
    bomb = zlib.compress(bytes(40_000_000))
    photo = decode(png_with(chunk(b"zTXt", b"bomb\0\0" + bomb), chunk(b"zTXt", b"torn\0\0no zlib")), "photo")
    result = photo.encoded("PNG")
    assert b"bomb" not in result
    assert b"torn" not in result


def test_iptc_beside_resources_without_it():
    data = tiff_of(
        {
            256: (4, [24]), 257: (4, [16]), 258: (3, [8, 8, 8]), 259: (3, [1]), 262: (3, [2]),
            273: (4, [PIXELS.tobytes()]), 277: (3, [3]), 278: (4, [16]), 279: (4, [PIXELS.nbytes]),
            tiff.IPTC: (7, IPTC), tiff.RESOURCES: (1, resource_block({0x03ED: bytes(16)})),
        }
    )  # fmt: skip
    photo = decode(data, "photo")
    assert photo.metadata.iptc == IPTC
    for format in ("TIFF", "JPEG", "PNG"):
        again = decode(photo.encoded(format), "again").metadata
        assert again.iptc == IPTC
        assert 0x03ED in image_resources(again.resources)


@pytest.mark.parametrize("size", [65_526, 65_528, 100_000, 300_000])
def test_long_exif_goes_on_over_several_segments_of_a_jpeg(size):
    told = tiff_of({0x9286: (7, b"ASCII\0\0\0" + b"x" * (size - 34))})
    assert len(told) == size
    photo = Photo(PIXELS, format="PNG", metadata=Metadata(exif=told))
    data = photo.encoded("JPEG")
    assert decode(data, "again").metadata.exif == told
    assert sum(s.starts(jpeg.APP1, jpeg.EXIF) for s in jpeg.segments(data)) == -(-size // jpeg_metadata.MAX_EXIF)
    assert (photo.lost_in("JPEG") is not None) == (size > jpeg_metadata.MAX_EXIF)


def place_of_notes(told):
    tags = Directories(told)
    found = tags.find(tags.value(tags.first, exif.EXIF_IFD), exif.MAKER_NOTE)
    return found.at, bytes(told[found.at : found.at + found.size])


@pytest.mark.parametrize("format", FORMATS)
def test_maker_notes_stay_where_their_offsets_count_from(format):
    before = place_of_notes(ABOUT.exif)
    assert before[1] == b"notes with offsets"
    for source in (file("JPEG"), file("PNG", True)):
        photo = decode(source, "photo")
        assert place_of_notes(photo.metadata.exif) == before
        assert place_of_notes(decode(photo.encoded(format), "again").metadata.exif) == before


def test_maker_notes_of_a_tiff_stay_at_their_offset():
    notes = b"notes with offsets"
    below = {exif.MAKER_NOTE: (7, notes), 0x829A: (7, bytes(8))}
    data = tiff_of({256: (4, [1]), 0x013B: (2, b"Ann\0"), exif.EXIF_IFD: (4, [below])}, after_head=bytes(500))
    assert place_of_notes(exif.of_tiff(Directories(data), tiff.STRUCTURE)) == place_of_notes(data)


def test_one_value_of_exif_that_points_nowhere_costs_no_other():
    told = bytearray(tiff_of({0x010F: (2, b"Maker of cameras\0"), 0x013B: (2, b"A. Examiner\0"), 0x0112: (3, [6])}))
    tags = Directories(bytes(told))
    place = next(tags.first + 2 + 12 * n for n, e in enumerate(tags.entries(tags.first)) if e.tag == 0x010F)
    struct.pack_into("<I", told, place + 8, 0x7FFFFFFF)
    fresh = exif.upright(bytes(told), 16, 24)
    left = Directories(fresh).fields(tags.first)
    assert left.keys() == {0x013B, 0x0112}
    assert exif.orientation(fresh) == 1


@pytest.mark.parametrize(
    "told",
    [
        b"no TIFF structure", b"II*\0", b"II*\0\x08\0\0\0\xff\xff", b"MM\0*\xff\xff\xff\xff", exif_block()[:40],
        b"II+\0\x08\0\0\0" + bytes(24),
    ],
)  # fmt: skip
def test_exif_that_nobody_can_read_is_not_copied(told):
    photo = Photo(PIXELS, format="JPEG", metadata=Metadata(exif=told))
    data = photo.encoded("JPEG")
    read = decode(data, "photo")
    assert read.metadata.exif == b""
    for format in FORMATS:
        assert decode(read.encoded(format), "again").pixels.shape == read.pixels.shape


def test_orientation_left_in_damaged_exif_turns_nothing_twice():
    """Two of the tag, and a directory that is cut after it: viewers turn by what they find."""
    twice = struct.pack("<4sIHHHIHHHHIHHI", b"II*\0", 8, 2, 0x0112, 3, 1, 6, 0, 0x0112, 3, 1, 6, 0, 0)
    cut = struct.pack("<4sIHHHIHH", b"II*\0", 8, 5, 0x0112, 3, 1, 6, 0)
    for told in (twice, cut):
        assert exif.orientation(told) == 6
        photo = decode(Photo(PIXELS, format="JPEG", metadata=Metadata(exif=told)).encoded(), "photo")
        assert photo.pixels.shape == (24, 16, 3)
        for format in FORMATS:
            assert decode(photo.encoded(format), "again").pixels.shape == (24, 16, 3)


def test_a_size_that_does_not_fit_its_type_leaves_exif():
    told = tiff_of({0x0100: (3, [24]), 0x0101: (4, [16]), 0x0112: (7, b"\0\6"), 0x013B: (2, b"Ann\0")})
    left = Directories(exif.upright(told, 16, 70_000))
    assert left.fields(left.first).keys() == {0x0101, 0x013B}


@pytest.mark.parametrize("dpi", [1e9, 1e5, 0.4, float("inf"), float("nan")])
def test_a_resolution_out_of_range_is_left_out(dpi):
    about = Metadata(dpi=(dpi, 300.0)).upright(16, 24)
    assert about.dpi is None
    for format in FORMATS:
        Photo(PIXELS, metadata=about).encoded(format)


def test_a_structural_tag_in_exif_does_not_reach_a_deep_tiff():
    told = tiff_of({0x0100: (4, [24]), 0x0102: (3, [8]), 0x0103: (3, [5]), 0x0111: (4, [9]), 0x013B: (2, b"Ann\0")})
    deep = PIXELS.astype(np.uint16) * 257
    again = decode(Photo(deep, format="TIFF", metadata=Metadata(exif=told)).encoded(), "again")
    np.testing.assert_array_equal(again.pixels, deep)
    assert b"Ann\0" in again.metadata.exif


@pytest.mark.parametrize(
    "profile", [b"\0\0\0\7abc", bytes(200), ABOUT.profile[:150], ABOUT.profile[:36] + b"acxp" + bytes(99)]
)
def test_what_is_no_profile_is_not_copied(profile):
    assert Metadata(profile=profile).upright(1, 1).profile == b""
    assert Metadata(profile=ABOUT.profile).upright(1, 1).profile == ABOUT.profile


def test_a_jpeg_without_an_end_keeps_what_it_says_and_can_hold_a_gain_map():
    data = file("JPEG")
    data = data[:-12] + b"\xff\xee\xff\xf0" + data[-8:]  # a segment beyond the file's end, which decoders pass over
    with pytest.raises(ValueError, match="without an end"):
        jpeg.split(data)
    photo = decode(data, "photo")
    assert photo.metadata.iptc == ABOUT.iptc
    result = ultrahdr.encoded(np.full(photo.pixels.shape, 2, np.float32), photo, photo.colour_space.response)
    assert decode(result, "again").gain_map is not None


def test_damaged_exif_in_avif_is_left_out():
    data = bytearray(file("AVIF"))
    place = data.index(ABOUT.exif[:8])
    data[place : place + 4] = b"ruin"
    photo = decode(bytes(data), "photo")
    assert photo.metadata.exif == b""
    assert photo.metadata.xmp


def test_packed_blocks_of_a_jpeg_xl_are_read(monkeypatch):
    """As cjxl writes them."""
    imagecodecs = pytest.importorskip("imagecodecs")
    plain = file("JXL")
    told = {b"Exif": bytes(4) + ARTIST, b"xml ": PACKET}
    packed = [box(b"brob", kind + imagecodecs.brotli_encode(block)) for kind, block in told.items()]
    data = jxl.with_metadata(plain, Metadata()) + b"".join(packed)
    about = decode(data, "photo").metadata
    assert b"A. Examiner" in about.exif
    assert about.xmp == PACKET
    again = decode(data, "photo").encoded()
    assert b"brob" not in again
    assert again.count(b"A. Examiner") == 1
    bomb = jxl.with_metadata(plain, Metadata()) + box(b"brob", b"xml " + imagecodecs.brotli_encode(bytes(50_000_000)))
    assert decode(bomb, "photo").metadata.xmp == b""
    monkeypatch.setattr(jxl.importlib.util, "find_spec", lambda name: None)
    assert "reexposure[deep]" in decode(data, "photo").notes[0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_avif_lies_as_its_boxes_say(orientation):
    about = Image.Exif()
    about[exif.ORIENTATION] = orientation
    data = saved("AVIF", exif=about)
    assert items.orientation(data) == orientation


@given(st.dictionaries(st.sampled_from([0x010F, 0x013B, 0x8298]), st.binary(min_size=5, max_size=40)), st.booleans())
def test_exif_of_a_tiff_comes_back_to_the_byte(told, compressed):
    told = exif.upright(tiff_of({tag: (7, value) for tag, value in told.items()} | {0x0112: (3, [1])}), 16, 24)
    data = tiff.write(PIXELS, Metadata(exif=told), compressed)
    assert data[8 : len(told)] == told[8:]
    before = Directories(told)
    fields = {tag: before.find(before.first, tag) for tag in before.fields(before.first)}
    again = Directories(tiff.blocks(data)[0])
    for tag, entry in fields.items():
        found = again.find(again.first, tag)
        assert again.data[found.at : found.at + found.size] == told[entry.at : entry.at + entry.size]


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="no exiftool (Debian: libimage-exiftool-perl)")
def test_exiftool_finds_nothing_wrong_with_what_is_written(tmp_path):
    for format in FORMATS:
        path = tmp_path / f"a.{format.lower()}"
        path.write_bytes(decode(file("JPEG"), "photo").encoded(format))
        told = subprocess.run(["exiftool", "-a", "-warning", "-error", path], capture_output=True, check=True).stdout
        assert told == b"", (format, told)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(("format", "decoder"), [("PNG", "png"), ("TIFF", "tiff"), ("JXL", "jpegxl"), ("WEBP", "webp")])
def test_imagecodecs_reads_the_same_pixels(format, decoder, deep):
    imagecodecs = pytest.importorskip("imagecodecs")
    if deep and format == "WEBP":
        pytest.skip("WebP has 8 bits")
    pixels = PIXELS.astype(np.uint16) * 257 if deep else PIXELS
    photo = Photo(pixels, pixels[..., 0].copy(), format, ABOUT.upright(16, 24), {"lossless": True, "compressed": True})
    found = getattr(imagecodecs, f"{decoder}_decode")(photo.encoded())
    np.testing.assert_array_equal(found[..., :3], pixels)
    np.testing.assert_array_equal(found[..., 3], pixels[..., 0])


@pytest.mark.parametrize("profile", [b"", icc.profile_of(colour.linear(colour.ColourSpace()), True)])
@pytest.mark.parametrize("alpha", [None, PIXELS[..., 1]])
@pytest.mark.parametrize("format", FORMATS)
def test_grey_is_written_in_every_format_with_and_without_transparency(format, alpha, profile):
    pixels = np.repeat(PIXELS[..., :1], 3, -1)
    photo = Photo(pixels, alpha, "PNG", Metadata(profile=profile), grey=True)
    again = decode(photo.encoded(format), "again")
    assert (again.alpha is None) == (alpha is None or format == "JPEG")
    assert again.colour_space.response == photo.colour_space.response
    if format in ("PNG", "TIFF", "JXL"):
        np.testing.assert_array_equal(again.pixels, pixels)


def test_a_profile_that_jpeg_xl_refuses_is_replaced_by_one_that_says_the_same():
    odd = bytearray(ABOUT.profile)
    odd[8] = 9  # a version that does not exist
    with pytest.raises(OSError, match="JXL"):
        with_openimageio.write(PIXELS, ".jxl", bytes(odd))
    photo = Photo(PIXELS, metadata=Metadata(profile=bytes(odd)).upright(16, 24))
    again = decode(photo.encoded("JXL"), "again")
    assert again.colour_space.name == photo.colour_space.name == "Display P3"


@pytest.mark.parametrize("format", ["JPEG", "TIFF", "PNG"])
def test_a_path_among_the_resources_keeps_its_name(format):
    path = b"8BIM" + struct.pack(">H", 2000) + b"\x07outline" + struct.pack(">I", 26) + bytes(26)
    photo = Photo(PIXELS, format="JPEG", metadata=Metadata(resources=path + ABOUT.resources))
    again = decode(decode(photo.encoded(), "photo").encoded(format), "again").metadata
    assert path in again.resources
    assert again.iptc == ABOUT.iptc
