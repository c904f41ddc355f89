"""No drift: what the page's modules read and write in files, they read and write as Python does."""

import io
import struct
import zlib

import numpy as np
import pytest
from conftest import SUNSET
from drift import (
    IPTC,
    NEUTRAL,
    P3,
    XMP,
    about_of,
    dcf,
    exif_of,
    exifs,
    files_of,
    parts_of,
    pixels_of,
    sizes,
    space_of,
    spaces,
    told_in,
    told_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from javascript import File, JavaScriptError
from PIL import Image

import reexposure as rx
from reexposure.light import camera, colour, icc
from reexposure.light.colour import ColourSpace
from reexposure.photo import jpeg, jpeg_metadata, png, xmp
from reexposure.photo.decoding import decode
from reexposure.photo.metadata import Metadata, resource_block
from reexposure.radiance import with_openimageio
from reexposure.server import view

quick = settings(max_examples=40)


@quick
@given(st.lists(st.tuples(st.integers(0xE0, 0xFE), st.binary(max_size=40)), max_size=5), st.binary(max_size=30))
def test_jpegs_are_taken_apart_alike(page_modules, added, rest):
    base = jpeg.split(files_of(pixels_of(1, 8, 8, 3)))
    data = bytes(jpeg.Jpeg([*(jpeg.Segment(*one) for one in added), *base.segments], base.scan, rest))
    said = page_modules.call("files/jpeg.js", "split", data)
    assert said == parts_of(jpeg.split(data))
    assert page_modules.call("files/jpeg.js", "join", said) == data
    kept = page_modules.call("files/jpeg-metadata.js", "kept", said["segments"])
    assert kept == parts_of(jpeg.Jpeg(jpeg_metadata.kept(data), b""))["segments"]


@quick
@given(st.binary(max_size=60), st.booleans())
def test_what_is_no_jpeg_is_refused_alike(page_modules, data, begun):
    data = b"\xff\xd8" + data if begun else data
    try:
        expected = parts_of(jpeg.split(data))
    except ValueError as error:
        with pytest.raises(JavaScriptError, match=str(error)):
            page_modules.call("files/jpeg.js", "split", data)
    else:
        assert page_modules.call("files/jpeg.js", "split", data) == expected


@quick
@given(exifs, st.sampled_from([b"", XMP]), st.sampled_from([b"", IPTC]), st.booleans())
def test_metadata_is_turned_upright_and_put_in_alike(page_modules, exif, xmp, resources, profiled):
    metadata = Metadata(exif, xmp, resources, icc.profile_of(P3) if profiled else b"", (300.0, 300.0))
    expected = metadata.upright(30, 20)
    said = page_modules.call("files/metadata.js", "upright", about_of(metadata), 30, 20)
    assert said == about_of(expected)
    assert b"old picture" not in said["exif"]
    pixels = pixels_of(2, 8, 8, 3)
    base = files_of(pixels)
    written = page_modules.call("files/jpeg-metadata.js", "described", parts_of(jpeg.split(base)), said, [])
    whole = page_modules.call("files/jpeg.js", "join", written)
    assert whole == bytes(jpeg_metadata.described(jpeg.split(base), expected, []))
    drawn = page_modules.call("files/png-encoder.js", "encodePng", np.dstack([pixels, pixels[..., 0]]).ravel(), 8, 8)
    theirs = page_modules.call("files/png.js", "withMetadata", drawn, said, [])
    ours = png.with_metadata(files_of(np.dstack([pixels, pixels[..., 0]]), "PNG"), expected, [])
    assert told_in(theirs) == told_in(ours)


@quick
@given(st.integers(-3000, 3000).map(lambda n: n / 100), st.sampled_from([b"", XMP, b"no packet"]))
def test_what_was_done_is_told_alike(page_modules, ev, xmp):
    expected = Metadata(xmp=xmp).recording(ExposureChange=f"{ev:+g}").recording(ExposureChange=f"{ev:+g}")
    said = page_modules.call("files/metadata.js", "recording", about_of(Metadata(xmp=xmp)), NEUTRAL | {"ev": ev})
    assert (
        page_modules.call("files/metadata.js", "recording", said, NEUTRAL | {"ev": ev})["xmp"].encode("latin-1")
        == expected.xmp
    )


def text(kind, keyword, content):
    """A text chunk of a kind."""
    if kind == b"tEXt":
        return kind, keyword + b"\0" + content
    if kind == b"zTXt":
        return kind, keyword + b"\0\0" + zlib.compress(content)
    return kind, keyword + b"\0\1\0en\0x\0" + zlib.compress(content)


def raw(block):
    """ImageMagick's raw profile of a block."""
    return b"\nxy\n%8d\n" % len(block) + block.hex().encode() + b"\n"


TEXTS = [b"Title", b"XML:com.adobe.xmp", *(b"Raw profile type " + name for name in (b"exif", b"APP1", b"xmp", b"iptc"))]
CONTENTS = [XMP, b"sunset", raw(IPTC), raw(b"\x1c\x02"), raw(b"Exif\0\0" + exif_of(">", 3, b"")), raw(XMP), b"a\nb\n0g"]
texts = st.builds(text, st.sampled_from([b"tEXt", b"zTXt", b"iTXt"]), st.sampled_from(TEXTS), st.sampled_from(CONTENTS))
others = st.sampled_from([
    (b"pHYs", struct.pack(">IIB", 3000, 4000, 1)), (b"pHYs", bytes(9)), (b"eXIf", exif_of("<", 5, b"old")),
    (b"eXIf", b"x"), (b"gAMA", bytes(4)), (b"gAMA", b""), (b"sBIT", b"\x08"), (b"zTXt", b"Comment\0\0damaged"),
    (b"iCCP", b"x\0\0damaged"), (b"IEND", b""),
])  # fmt: skip


@quick
@given(st.lists(texts | others, max_size=6), st.integers(0, 6))
def test_what_pngs_say(page_modules, told, damaged):
    picture = files_of(pixels_of(1, 4, 4, 3), "PNG")
    chunks = [bytearray(png._chunk(*one)) for one in told]
    if damaged < len(chunks):
        chunks[damaged][-1] ^= 1
    head = len(png.SIGNATURE) + 25
    data = picture[:head] + b"".join(chunks) + picture[head:]
    said = page_modules.call("files/png.js", "chunksOf", data)
    assert [(one["kind"].encode(), one["content"]) for one in said] == png.chunks(data)
    kept = page_modules.call("files/png.js", "kept", said)
    assert [(one["kind"].encode(), one["content"]) for one in kept] == png.kept(data)
    assert page_modules.call("files/png.js", "metadataIn", said) == about_of(png.blocks(data))


@settings(max_examples=8)
@given(st.integers(1, 5), st.integers(60_000, 140_000), st.booleans(), st.booleans())
def test_long_metadata_goes_on_in_further_segments(page_modules, seed, size, wrapped, exif_too):
    rng = np.random.default_rng(seed)
    words = bytes(rng.integers(97, 123, size, np.uint8))
    packet = xmp.packet(b'<rdf:Description xmlns:a="b">' + b"<a:c>" + words + b"</a:c></rdf:Description>")
    packet = packet if wrapped else packet.partition(b"?>")[2].rpartition(b"<?")[0]
    long_exif = exif_of("<", 1, b"") + bytes(size) if exif_too else b""
    metadata = Metadata(long_exif, packet, resource_block({1: words}), icc.profile_of(P3) + words)
    base = parts_of(jpeg.split(files_of(pixels_of(1, 8, 8, 3))))
    written = page_modules.call("files/jpeg-metadata.js", "described", base, about_of(metadata), [])
    data = page_modules.call("files/jpeg.js", "join", written)
    said = page_modules.call("files/jpeg-metadata.js", "metadataIn", written["segments"])
    exif, whole, resources = jpeg_metadata.blocks(data)
    assert (exif, resources) == (metadata.exif, metadata.resources)
    assert words in whole
    assert said["xmp"].encode("latin-1") == whole
    assert (said["exif"], said["resources"], said["profile"]) == (exif, resources, metadata.profile)


tables = st.lists(st.integers(1, 300), min_size=64, max_size=64)


@quick
@given(sizes, st.sampled_from([(1, 1), (2, 1), (2, 2)]), st.booleans(), st.tuples(tables, tables))
def test_jpegs_are_coded_alike(page_modules, size, sampling, grey, steps):
    (height, width), (luma, chroma) = size, steps
    rng = np.random.default_rng(height)
    small = Image.fromarray(rng.integers(0, 256, (3, 3, 3), np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    small = small.convert("L") if grey else small
    rgba = np.asarray(small.convert("RGBA"))
    options = {"tables": [luma, chroma], "sampling": list(sampling), "grey": grey}
    data = page_modules.call("files/jpeg-encoder.js", "encodeJpeg", rgba.ravel(), width, height, options)
    number = 0 if grey else [(1, 1), (2, 1), (2, 2)].index(sampling)
    ours = files_of(np.asarray(small), qtables=[luma] if grey else [luma, chroma], subsampling=number)
    with Image.open(io.BytesIO(data)) as one, Image.open(io.BytesIO(ours)) as other:
        assert [one.quantization[c[3]] for c in one.layer] == [other.quantization[c[3]] for c in other.layer]
        assert [c[:3] for c in one.layer] == [c[:3] for c in other.layer]
        assert one.mode == other.mode
        difference = np.abs(np.asarray(one, int) - np.asarray(other, int))
    # Where a coefficient lies just between two steps it may go either way.
    assert difference.mean() < 1 + 0.25 * max(luma + chroma)


@quick
@given(sizes, st.booleans(), st.booleans(), st.integers(0, 99))
def test_pngs_hold_the_pixels(page_modules, size, grey, opaque, seed):
    height, width = size
    rgba = pixels_of(seed, height, width)
    if grey:
        rgba[..., 1:3] = rgba[..., :1]
    if opaque:
        rgba[..., 3] = 255
    chunks = page_modules.call("files/png-encoder.js", "encodePng", rgba.ravel(), width, height, grey)
    data = page_modules.call("files/png.js", "withMetadata", chunks, about_of(Metadata()), [])
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.mode == ("L" if grey else "RGB") + ("" if (rgba[..., 3] == 255).all() else "A")
        np.testing.assert_array_equal(np.asarray(picture.convert("RGBA")), rgba)


@quick
@given(sizes, spaces, st.integers(0, 99))
def test_openexr(page_modules, tmp_path_factory, size, drawn, seed):
    (height, width), space = size, space_of(drawn)
    light = np.random.default_rng(seed).lognormal(0, 3, (height, width, 4)).clip(0, 65504).astype(np.float16)
    if seed % 2:
        light[:] = light[0, 0]  # what is well compressed
    scene = {"light": light.ravel(), "width": width, "height": height, "space": told_of(space)}
    theirs, ours = (tmp_path_factory.mktemp("exr") / name for name in ("theirs.exr", "ours.exr"))
    theirs.write_bytes(page_modules.call("files/exr.js", "writeExr", scene))
    linear = light[..., :3].astype(np.float32)
    np.testing.assert_array_equal(with_openimageio.read(theirs), linear)
    with_openimageio.write(ours, linear, ".exr", space)
    heads = []
    for path in (theirs, ours):
        spec = with_openimageio._open(path).spec()
        names = ("chromaticities", "whiteLuminance", "colorInteropID", "Software", "compression")
        heads.append([spec.getattribute(name) for name in names])
    np.testing.assert_allclose(heads[0][0], heads[1][0], rtol=1e-6)
    assert heads[0][1:-1] == heads[1][1:-1]
    assert (heads[0][-1], heads[1][-1]) == ("zip", "piz")  # what a browser has, and what is quicker


@pytest.mark.parametrize("origin", ["network", "gain map", "file"])
def test_masks_of_openexr(origin, page_modules, tmp_path):
    """Those of a photo beside its light; light without a photo has none."""
    rng = np.random.default_rng(7)
    pixels = rng.choice(np.array([0, 10, 100, 245, 248, 255], np.uint8), (20, 30, 3))
    radiance = rx.RadianceMap(rng.uniform(0, 4, (20, 30, 3)).astype(np.float32), rx.Photo(pixels), origin=origin)
    lost = np.where(radiance.reconstructed > 0, radiance.reconstructed, -radiance.cleaned)
    theirs, ours = tmp_path / "theirs.exr", tmp_path / "ours.exr"
    told = {
        "light": np.dstack([radiance.linear, lost]).astype(np.float16).ravel(), "origin": origin, "width": 30,
        "photo": np.dstack([pixels, pixels[..., :1]]).ravel(), "height": 20, "space": told_of(ColourSpace()),
    }  # fmt: skip
    theirs.write_bytes(page_modules.call("files/exr.js", "writeExr", told))
    radiance.save(ours)
    found = [with_openimageio.oiio.ImageBuf(str(path)) for path in (theirs, ours)]
    assert found[0].spec().channelnames == found[1].spec().channelnames
    assert len(found[0].spec().channelnames) == (3 if origin == "file" else 5)
    np.testing.assert_allclose(*(buffer.get_pixels() for buffer in found), atol=1e-3, rtol=1e-3)


def scene_of(photo, response="sqrt"):
    """A reconstructed photo, and the same as the page has it."""
    radiance = rx.reconstruct(photo, response)
    shape = photo.pixels.shape[:2]
    alpha = np.full(shape, 255, np.uint8) if photo.alpha is None else photo.alpha
    light = np.dstack([radiance.linear, np.zeros(shape)]).astype(np.float16)
    scene = {
        "photo": np.dstack([photo.pixels, alpha]).ravel(), "light": light.ravel(),
        "height": shape[0], "width": shape[1], "origin": radiance.origin,
        "told": {"detail": radiance.detail, "seed": radiance.seed} if radiance.highlights_share else None,
        "curve": view.curve(radiance.curve), "space": view.colours(photo.colour_space),
    }  # fmt: skip
    return radiance, scene


KINDS = ["JPEG", "side", "DCF JPEG", "grey JPEG", "Adobe JPEG", "PNG", "grey PNG", "alpha PNG", "P3 PNG", "WebP"]


def photo_file(kind):
    """A photo with all kinds of metadata."""
    mode = "L" if "grey" in kind else "RGBA" if "alpha" in kind else "RGB"
    with Image.open(SUNSET) as sunset:
        small = sunset.reduce(24).convert(mode)
    if mode == "RGBA":
        small.putalpha(small.getchannel("R"))
    profiled = "P3" in kind or kind == "WebP"
    adobe = ColourSpace("Adobe RGB", colour.KNOWN["Adobe RGB"], camera.PowerResponse(2.2))
    profile = icc.profile_of(P3) if profiled else icc.profile_of(adobe) if "Adobe" in kind else b""
    exif = exif_of("<", 6 if kind in ("side", "WebP") else 1, b"old picture")
    exif = dcf("<", 0xFFFF, b"R03\0") if "DCF" in kind else exif
    metadata = Metadata(exif, XMP, IPTC, profile)
    if kind == "WebP":
        return files_of(np.asarray(small), "WEBP", lossless=True, exif=exif, icc_profile=profile, xmp=XMP)
    if "PNG" in kind:
        chunks = [(b"tEXt", b"Title\0Sunset"), (b"gAMA", struct.pack(">I", 45455))]
        return png.with_metadata(files_of(np.asarray(small), "PNG"), metadata, chunks)
    options = {} if mode == "L" else {"subsampling": 1 if kind == "side" else 2}
    coded = jpeg.split(files_of(np.asarray(small), quality=97 if kind == "side" else 80, **options))
    own = [jpeg.Segment(jpeg.COM, b"by me"), jpeg.Segment(0xEB, b"signature")]
    return bytes(jpeg_metadata.described(coded, metadata, own))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_saved_pictures(page_modules, kind, format):
    """Pixels, metadata, colours and how hard it is compressed."""
    data = photo_file(kind)
    radiance, scene = scene_of(decode(data, "photo"))
    expected = radiance.expose(-1).encoded(format)
    saved = page_modules.call(
        "files/picture.js",
        "pictureFile",
        scene,
        {"format": format.lower(), "settings": NEUTRAL | {"ev": -1}},
        File(data),
    )
    theirs, ours = decode(saved, "theirs"), decode(expected, "ours")
    assert theirs.metadata == ours.metadata
    assert b"old picture" not in saved
    assert (theirs.grey, theirs.alpha is None) == (ours.grey, ours.alpha is None)
    difference = np.abs(theirs.pixels.astype(int) - ours.pixels)
    if format == "PNG":
        assert difference.max() <= 1  # half floats
        assert told_in(saved) == told_in(expected)
        return
    assert difference.mean() < 1
    told = ("qtables", "subsampling", "segments")
    assert [theirs.encoding[name] for name in told] == [ours.encoding[name] for name in told]
    assert [s.marker for s in jpeg.split(saved).segments if s.marker >= 0xE0] == [
        s.marker for s in jpeg.split(expected).segments if s.marker >= 0xE0
    ]
