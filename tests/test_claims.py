"""What speaks of the old bytes is not in any result: signatures, films, thumbnails, gain maps."""

import io
import struct
import zlib

import numpy as np
import pytest
from gain_maps import box
from PIL import Image

from reexposure.photo import claims, exif, jpeg, png, tiff, xmp
from reexposure.photo.decoding import decode
from reexposure.photo.metadata import Metadata
from reexposure.photo.photo import Photo
from reexposure.radiance import ultrahdr

PIXELS = np.random.default_rng(1).integers(0, 256, (24, 32, 3), np.uint8)
KEPT = b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="&lt;kept&gt;"/>'


def described(inside, spaces="", attributes=""):
    return f'<rdf:Description rdf:about="" {spaces} {attributes}>{inside}</rdf:Description>'.encode()


CAMERA = "http://ns.google.com/photos/1.0/camera/"
STALE = {
    "provenance": described("", 'xmlns:dcterms="http://purl.org/dc/terms/"', 'dcterms:provenance="self#c2pa"'),
    "provenance element": described("<t:provenance>self#c2pa</t:provenance>", 'xmlns:t="http://purl.org/dc/terms/"'),
    **{
        f"{prefix} {name}": described("", f'xmlns:{prefix}="{CAMERA}"', f'{prefix}:{name}="1"')
        for prefix in ("GCamera", "Camera", "x")
        for name in ("MotionPhoto", "MotionPhotoVersion", "MicroVideoOffset", "MotionPhotoPresentationTimestampUs")
    },
    "film as element": described(f'<Q:MicroVideo xmlns:Q="{CAMERA}">1</Q:MicroVideo>'),
    "Xiaomi": described("", 'xmlns:MiCamera="http://ns.xiaomi.com/photos/1.0/camera/"', 'MiCamera:XMPMeta="x"'),
    "OPPO": described("", 'xmlns:O="http://ns.oplus.com/photos/1.0/camera/"', "O:VideoLength='9'"),
    "Samsung": described("<s:MotionPhoto_Data>1</s:MotionPhoto_Data>", 'xmlns:s="http://ns.samsung.com/x/"'),
    "directory": described(
        '<C:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><C:Item Item:Semantic="MotionPhoto"/></rdf:li>'
        "</rdf:Seq></C:Directory>",
        'xmlns:C="http://ns.google.com/photos/1.0/container/"'
        ' xmlns:Item="http://ns.google.com/photos/1.0/container/item/"',
    ),
    "thumbnails": described(
        "<xmp:Thumbnails><rdf:Alt><rdf:li>base64</rdf:li></rdf:Alt></xmp:Thumbnails>",
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
    ),
    "gain map": described("", 'xmlns:h="http://ns.adobe.com/hdr-gain-map/1.0/"', 'h:Version="1.0"'),
}


@pytest.mark.parametrize("name", STALE)
def test_stale_properties_leave_and_the_others_stay_to_the_byte(name):
    fresh = Metadata(xmp=xmp.packet(KEPT + STALE[name])).upright(1, 1).xmp
    assert fresh == xmp.packet(KEPT)


def test_a_description_that_says_more_loses_only_what_is_stale():
    told = described("<dc:a>1</dc:a>", f'xmlns:dc="urn:dc" xmlns:G="{CAMERA}"', 'dc:b="2" G:MotionPhoto="1" dc:c=\'3\'')
    fresh = xmp.without(xmp.packet(told), claims.is_stale)
    assert fresh == xmp.packet(told.replace(b' G:MotionPhoto="1"', b""))


def saved(format, **options):
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, format, **options)
    return buffer.getvalue()


def signed_jpeg():
    whole = jpeg.split(saved("JPEG"))
    segments = [
        jpeg.Segment(jpeg.APP1, jpeg.XMP + xmp.packet(KEPT + STALE["provenance"] + STALE["Camera MotionPhoto"])),
        jpeg.Segment(jpeg.APP11, b"JP\0\1\0\0\0\1" + box(b"jumb", b"c2pa")),
        jpeg.Segment(jpeg.COM, b"a comment"),
        *whole.segments,
    ]
    return bytes(jpeg.Jpeg(segments, whole.scan, box(b"ftyp", b"mp42isom")))


def signed_png():
    data = saved("PNG")
    chunk = b"caBX" + box(b"jumb", b"c2pa")
    return data[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]


def signed_webp():
    data = saved("WEBP")
    data += b"C2PA" + struct.pack("<I", 4) + b"c2pa"
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def signed_tiff():
    data = bytearray(saved("TIFF"))
    at = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, at)[0]
    entries = data[at + 2 : at + 2 + 12 * count]
    told = struct.pack("<HHI4s", tiff.SIGNATURE, 7, 4, b"c2pa") + struct.pack("<HHI4s", 0x013B, 2, 4, b"Ann\0")
    directory = sorted((entries + told)[n : n + 12] for n in range(0, 12 * count + 24, 12))
    directory.sort(key=lambda entry: struct.unpack_from("<H", entry)[0])
    struct.pack_into("<I", data, 4, len(data))
    return bytes(data) + struct.pack("<H", count + 2) + b"".join(directory) + bytes(4)


def signed_isobmff():
    return saved("AVIF") + box(b"uuid", bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + b"c2pa")


@pytest.mark.parametrize("make", [signed_jpeg, signed_png, signed_webp, signed_tiff, signed_isobmff])
def test_signatures_are_in_no_result(make):
    data = make()
    assert b"c2pa" in data
    photo = decode(data, "photo").with_pixels(PIXELS)
    for format in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "JXL"):
        result = photo.encoded(format)
        assert b"c2pa" not in result
        assert b"MotionPhoto" not in result
        assert b"ftypmp42" not in result


def test_an_ultra_hdr_file_around_the_users_own_jpeg_makes_no_old_claims():
    photo = decode(signed_jpeg(), "photo")
    result = ultrahdr.encoded(np.full((24, 32, 3), 2, np.float32), photo, photo.colour_space.response)
    assert jpeg.split(result).scan == jpeg.split(photo.source).scan
    for claim in (b"c2pa", b"MotionPhoto", b"provenance", b"ftypmp42"):
        assert claim not in result
    assert b"a comment" in result
    assert b"&lt;kept&gt;" in result


def test_a_property_beside_the_film_is_kept_in_jpeg():
    photo = decode(signed_jpeg(), "photo").with_pixels(PIXELS)
    assert b"&lt;kept&gt;" in decode(photo.encoded("JPEG"), "again").metadata.xmp
    tags = exif.of_tiff(tiff.Directories(signed_tiff()), tiff.STRUCTURE)
    assert b"Ann\0" in tags
    assert b"c2pa" not in tags


HOSTILE = {
    "elements without an end": b"<hdrgm:aaaa>" * 40_000,
    "descriptions without an end": b"<rdf:Description " * 40_000,
    "attributes": xmp.packet(b"<rdf:Description" + b"".join(b" a%d='1'" % n for n in range(3_000)) + b"/>"),
    "depth": xmp.packet(b"<rdf:li>" * 50_000 + b"</rdf:li>" * 50_000),
    "elements": xmp.packet(b"<rdf:li/>" * 2_000),
    "spaces": xmp.packet(b"<rdf:li" + b" " * 900_000 + b"/>"),
    "comments": xmp.packet(b"a<!-- -->" * 90_000),
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;&b;&b;&b;</x>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_xmp_of_any_shape_is_read_in_one_pass(name):
    """A method whose time grows with the square of the length would take minutes for each."""
    about = Metadata(xmp=HOSTILE[name]).upright(1, 1)
    for _ in range(3):
        about = about.recording(ExposureChange="-1")
    assert about.xmp.count(b"ExposureChange") == 1
    xmp.parse(about.xmp)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_packets_in_every_allowed_encoding(encoding):
    text = xmp.packet(KEPT + STALE["provenance"]).decode().replace("\ufeff", "")
    fresh = Metadata(xmp=text.encode(encoding)).upright(1, 1).xmp
    assert b"&lt;kept&gt;" in fresh
    assert b"provenance" not in fresh


def test_orientation_in_xmp_becomes_upright_in_both_forms():
    space = 'xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
    for told in (
        described("", space, 'tiff:Orientation="6"'),
        described("<tiff:Orientation>6</tiff:Orientation>", space),
    ):
        assert xmp.orientation(xmp.packet(told)) == 6
        assert xmp.orientation(Metadata(xmp=xmp.packet(told)).upright(1, 1).xmp) == 1
        photo = decode(saved("JPEG", xmp=xmp.packet(told)), "photo")
        assert photo.pixels.shape == (32, 24, 3)
        assert decode(photo.encoded("JPEG"), "again").pixels.shape == (32, 24, 3)


def test_another_prefix_for_rdf_gets_a_note_that_can_be_read():
    other = xmp.packet(b"").replace(b"rdf:RDF", b"r:RDF").replace(b"xmlns:rdf", b"xmlns:r")
    for told in (other, other.replace(b"></r:RDF>", b"/>")):
        noted = Metadata(xmp=told).recording(ExposureChange="-1").xmp
        assert xmp.values(noted, ("urn:reexposure:xmp:1.0:", "ExposureChange")) == ["-1"]


def test_long_xmp_comes_back_from_a_jpeg_as_one_packet():
    long = xmp.packet(described("x" * 150_000 + "<dc:a>1</dc:a>", 'xmlns:dc="urn:dc"') + KEPT)
    data = Photo(PIXELS, format="JPEG", metadata=Metadata(xmp=long)).encoded()
    back = decode(data, "photo").metadata.xmp
    assert xmp.values(back, ("urn:dc", "a")) == ["1"]
    assert b"x" * 150_000 in back
    assert b"HasExtendedXMP" not in back
    again = decode(decode(data, "photo").encoded("PNG"), "again").metadata.xmp
    assert xmp.values(again, ("urn:dc", "a")) == ["1"]


def test_png_keeps_no_chunk_that_says_nothing_true():
    assert b"caBX" not in [kind for kind, _ in png.kept(signed_png())]
