"""No drift: EXIF, XMP and image resources in the page's modules and in Python."""

import pytest
from drift import XMP, about_of, exif_of, exifs, files_of, pixels_of
from hypothesis import given, settings
from hypothesis import strategies as st
from javascript import JavaScriptError

from reexposure.photo import claims, items, xmp
from reexposure.photo.decoding import decode
from reexposure.photo.exif import dpi, orientation
from reexposure.photo.metadata import Metadata, image_resources

quick = settings(max_examples=40)


AVIF = files_of(pixels_of(1, 16, 16, 3), "AVIF", exif=exif_of("<", 1, b""), xmp=XMP)


def test_what_an_avif_says(page_modules):
    exif, packet = items.blocks(AVIF)
    assert exif
    assert packet == XMP
    assert page_modules.call("files/items.js", "blocksIn", AVIF) == {"exif": exif, "xmp": packet}
    said = page_modules.call("files/about.js", "aboutOf", AVIF)["metadata"]
    assert page_modules.call("files/metadata.js", "upright", said, 16, 16) == about_of(decode(AVIF, "photo").metadata)


@quick
@given(st.integers(0, 400), st.integers(0, 255))
def test_damaged_items(page_modules, at, value):
    data = bytearray(AVIF)
    data[at] = value
    try:
        exif, packet = items.blocks(bytes(data))
    except ValueError:
        return  # the page may be able to read it: it needs to know less
    assert page_modules.call("files/items.js", "blocksIn", bytes(data)) == {"exif": exif, "xmp": packet}


WORDS = [
    "<rdf:RDF>", '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">', "</rdf:RDF>", "<rdf:Description>",
    '<rdf:Description rdf:about=""', ' xmlns:tiff="http://ns.adobe.com/tiff/1.0/"', ' tiff:Orientation="6"', ">", "/>",
    "</rdf:Description>", "<tiff:Orientation>", "8", "</tiff:Orientation>", " xmlns:h='http://ns.adobe.com/hdr-gain-map/1.0/'",
    ' h:Version="1.0"', "<h:Gamma>", "</h:Gamma>", "<!-- a -->", "<?b?>", "&amp;", "&", " ", "é", "<rdf:li>2</rdf:li>",
]  # fmt: skip
NOTE = '<rdf:Description a="b"/>'
whole = st.lists(st.sampled_from(WORDS[4:]), max_size=8).map(lambda words: WORDS[1] + "".join(words) + WORDS[2])


def both(page_modules, name, read, packet, *more):
    """What becomes of a packet in both languages, or that both refuse it."""
    property, *rest = more or ("",)
    given_ = [packet.decode("latin-1"), " ".join(property) or NOTE, *rest]
    try:
        expected = read(packet, *more)
    except ValueError:
        with pytest.raises(JavaScriptError):
            page_modules.call("files/xmp.js", name, *given_)
    else:
        said = page_modules.call("files/xmp.js", name, *given_)
        told = [said] if isinstance(said, str) else said
        assert [one.encode("latin-1") for one in told] == (
            [expected] if isinstance(expected, bytes) else [one.encode() for one in expected]
        )


@quick
@given(whole | st.lists(st.sampled_from(WORDS), max_size=10).map("".join))
def test_xmp(page_modules, words):
    packet = words.encode()
    both(page_modules, "withValue", xmp.with_value, packet, xmp.ORIENTATION, "1")
    both(page_modules, "values", xmp.values, packet, xmp.ORIENTATION)
    both(page_modules, "withDescriptions", lambda told: xmp.with_descriptions(told, NOTE.encode()), packet)
    said = page_modules.call("files/metadata.js", "upright", about_of(Metadata(xmp=packet)), 3, 4)
    assert said == about_of(Metadata(xmp=packet).upright(3, 4))


SPACES = [*claims.GAIN_MAPS, *claims.MAKERS, f"{claims.GOOGLE}1.0/container/", f"{claims.GOOGLE}dd/1.0/device/"]


@pytest.mark.parametrize("space", [*SPACES, "a", "http://purl.org/dc/terms/"])
@pytest.mark.parametrize("name", ["MotionPhoto", "provenance", "Thumbnails", "x"])
def test_claims(page_modules, space, name):
    assert page_modules.call("files/claims.js", "isStale", f"{space} {name}") == claims.is_stale(space, name)


def resource(number, name, content):
    """One of Photoshop's image resources, with a name as paths have it."""
    named = bytes([len(name)]) + name
    sized = len(content).to_bytes(4, "big") + content + b"\0" * (len(content) % 2)
    return b"8BIM" + number.to_bytes(2, "big") + named + b"\0" * (len(named) % 2) + sized


resources = st.builds(resource, st.sampled_from([0x0404, 0x040C, 2000]), st.binary(max_size=5), st.binary(max_size=9))


@quick
@given(st.lists(resources, max_size=4).map(b"".join), st.integers(0, 12), st.binary(max_size=20))
def test_resources(page_modules, whole, end, damaged):
    for block in (whole, whole[: max(0, len(whole) - end)], whole + damaged, b"8BIM" + damaged):
        found = dict(map(tuple, page_modules.call("files/metadata.js", "imageResources", block)))
        assert found == image_resources(block)
        said = page_modules.call("files/metadata.js", "upright", about_of(Metadata(resources=block)), 3, 4)
        assert said["resources"] == Metadata(resources=block).upright(3, 4).resources


@quick
@given(exifs, st.integers(0, 30), st.lists(st.tuples(st.integers(4, 140), st.integers(0, 255)), max_size=3))
def test_damaged_exif(page_modules, exif, end, changes):
    data = bytearray(exif)
    if end % 3 == 0:  # a size or an orientation in another type
        data[10 + 12 * (end % 4) + (2 if exif[:1] == b"I" else 3)] = end % 13
    for at, value in changes:
        data[min(at, len(data) - 1)] = value
    damaged = bytes(data[: len(data) - end])
    said = page_modules.call("files/metadata.js", "upright", about_of(Metadata(damaged)), 30, 20)
    assert said["exif"] == Metadata(damaged).upright(30, 20).exif
    assert page_modules.call("files/exif.js", "orientation", damaged) == orientation(damaged)
    said = page_modules.call("files/exif.js", "dpiIn", damaged)
    assert said == (dpi(damaged) and pytest.approx(list(dpi(damaged))))
