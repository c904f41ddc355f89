"""What a photo's file says about it goes through, as exiftool sees it."""

import json
import shutil
import subprocess

import numpy as np
import OpenImageIO as oiio
import pytest
from conftest import SUNSET
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import reexposure as rx
from reexposure.photo import jpeg, jpeg_metadata
from reexposure.photo.metadata import Metadata, image_resources, resource_block

exiftool = pytest.mark.skipif(shutil.which("exiftool") is None, reason="no exiftool (Debian: libimage-exiftool-perl)")
SAID = [
    "-Make=Maker", "-ExposureTime=1/250", "-ISO=200", "-GPSLatitude=47.5", "-GPSLatitudeRef=N", "-LensModel=Lens",
    "-Copyright=Someone", "-UserComment=hello", "-DateTimeOriginal=2020:01:01 10:00:00", "-Orientation#=6",
    "-XMP-dc:Title=Title", "-XMP:Rating=4", "-XMP-dc:Subject=one", "-XMP-dc:Subject=two",
]  # fmt: skip
IPTC = ["-IPTC:Keywords=k1", "-IPTC:City=Town"]
STORAGE = (
    "SourceFile", "System:", "ExifTool:", "File:", "Composite:", "QuickTime:", "RIFF:Image", "PNG:Image", "ICC",
    "IFD0:Image", "IFD0:Strip", "IFD0:RowsPerStrip", "IFD0:Orientation", "IFD0:SampleFormat", "IFD0:Predictor",
    "XMP-reexposure", "XMP-x:",
)  # fmt: skip
"""Groups of tags about how the picture is stored, which must change when it is turned upright."""


def said(path):
    """What exiftool reads, but for how the picture is stored."""
    command = ["exiftool", "-j", "-G1", "-a", "-n", str(path)]
    tags = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)[0]
    return {name: value for name, value in tags.items() if not name.startswith(STORAGE)}


def write_photo(path, deep):
    """A small real photo, in 8 or 16 bits."""
    with Image.open(SUNSET) as picture:
        small = picture.resize((96, 64))
    if not deep:
        small.save(path)
        return
    pixels = np.asarray(small).astype(np.uint16) * 257
    spec = oiio.ImageSpec(96, 64, 3, oiio.UINT16)
    writer = oiio.ImageOutput.create(str(path))
    writer.open(str(path), spec)
    writer.write_image(pixels)
    writer.close()


@exiftool
@pytest.mark.parametrize(
    ("name", "deep", "iptc"),
    [
        ("a.jpg", False, True), ("a.png", False, True), ("a.tif", False, True), ("a.webp", False, False),
        ("a.avif", False, False), ("deep.png", True, True), ("deep.tif", True, True), ("deep.jxl", True, False),
    ],
)  # fmt: skip
def test_every_format_keeps_exif_xmp_and_iptc(name, deep, iptc, tmp_path):
    source, result = tmp_path / name, tmp_path / f"result_{name}"
    write_photo(source, deep)
    subprocess.run(["exiftool", "-q", "-overwrite_original", *SAID, *(IPTC if iptc else []), source], check=False)
    before = said(source)
    assert before["XMP-dc:Title"] == "Title"
    rx.reconstruct(source).expose(-1).save(result)
    assert said(result) == before
    # In AVIF and JPEG XL the picture's own boxes say how it is held, not EXIF.
    upright = (64, 96, 3) if name.endswith(("avif", "jxl")) else (96, 64, 3)
    assert rx.open(result).pixels.shape == rx.open(source).pixels.shape == upright
    note = subprocess.run(["exiftool", "-XMP:all", "-b", "-XMP", result], capture_output=True, check=True).stdout
    assert b'ExposureChange="-1"' in note
    assert rx.__version__.encode() in note


@exiftool
def test_other_formats_get_what_they_can_hold(tmp_path):
    write_photo(tmp_path / "a.jpg", False)
    subprocess.run(["exiftool", "-q", "-overwrite_original", *SAID, *IPTC, tmp_path / "a.jpg"], check=True)
    before = said(tmp_path / "a.jpg")
    for name in ("b.png", "b.tif", "b.webp", "b.avif", "b.jxl"):
        rx.open(tmp_path / "a.jpg").save(tmp_path / name)
        after = said(tmp_path / name)
        for tag in ("ExifIFD:LensModel", "ExifIFD:ExposureTime", "GPS:GPSLatitude", "XMP-dc:Subject", "IFD0:Copyright"):
            assert after[tag] == before[tag], (name, tag)
        if name in ("b.png", "b.tif"):
            assert after["IPTC:City"] == "Town"


@exiftool
def test_strip_leaves_the_profile_only(tmp_path, reexpose):
    from reexposure.light import colour, icc

    p3 = icc.profile_of(colour.ColourSpace("Display P3", colour.KNOWN["Display P3"]))
    with Image.open(SUNSET) as picture:
        picture.resize((96, 64)).save(tmp_path / "a.jpg", icc_profile=p3)
    subprocess.run(["exiftool", "-q", "-overwrite_original", *SAID, *IPTC, tmp_path / "a.jpg"], check=True)
    reexpose(tmp_path / "a.jpg", "--ev", "-1", "--strip", "-o", tmp_path / "b.jpg", check=True)
    reexpose("radiance", tmp_path / "a.jpg", "--strip", "-o", tmp_path / "c.jpg", check=True)
    assert {n for n in said(tmp_path / "b.jpg") if not n.startswith("JFIF")} == set()
    assert not any(n.startswith(("IFD0", "Exif", "GPS", "IPTC", "XMP-dc")) for n in said(tmp_path / "c.jpg"))
    for name in ("b.jpg", "c.jpg"):
        assert rx.open(tmp_path / name).metadata.profile == p3


def test_makers_notes_stay_byte_for_byte_and_the_thumbnail_goes():
    exif = Image.Exif()
    exif[0x0112], exif.get_ifd(0x8769)[0x927C] = 6, b"MakerNote with offsets of its own"
    raw = exif.tobytes().removeprefix(b"Exif\0\0")
    order = "big" if raw[:2] == b"MM" else "little"
    # A directory for a thumbnail, as cameras write it, after everything else.
    at = len(raw)
    entries = b"".join(
        tag.to_bytes(2, order) + (4).to_bytes(2, order) + (1).to_bytes(4, order) + value.to_bytes(4, order)
        for tag, value in ((0x0201, at + 30), (0x0202, 9))
    )
    count = int.from_bytes(raw[8:10], order)
    link = 10 + 12 * count
    raw = (
        raw[:link]
        + at.to_bytes(4, order)
        + raw[link + 4 :]
        + (2).to_bytes(2, order)
        + entries
        + bytes(4)
        + b"thumbnail"
    )
    upright = Metadata(exif=raw).upright(20, 30).exif
    assert len(upright) == len(raw)
    assert b"MakerNote with offsets of its own" in upright
    assert b"thumbnail" in raw
    assert b"thumbnail" not in upright
    again = Image.Exif()
    again.load(upright)
    assert again[0x0112] == 1


def test_an_earlier_note_is_replaced_and_other_xmp_stays():
    first = Metadata().recording(ExposureChange="-1")
    second = first.recording(ExposureChange="+2")
    assert second.xmp.count(b"ExposureChange") == 1
    assert b'ExposureChange="+2"' in second.xmp
    other = first.xmp.replace(b"</rdf:RDF>", b'<rdf:Description xmlns:dc="urn:dc" dc:x="kept"/></rdf:RDF>')
    assert b'dc:x="kept"' in Metadata(xmp=other).recording(ExposureChange="0").xmp


def test_long_xmp_is_split_over_segments_as_adobe_does():
    packet = b"<x:xmpmeta>" + b"x" * 200_000 + b"</x:xmpmeta>"
    first, *rest = jpeg_metadata.xmp_segments(packet)
    assert b"HasExtendedXMP" in first.payload
    name = len(jpeg.XMP_EXTENSION)
    assert b"".join(s.payload[name + 40 :] for s in rest) == packet
    assert all(len(bytes(s)) <= 65537 for s in (first, *rest))


@given(st.binary(max_size=300))
def test_damaged_exif_is_left_alone(data):
    Metadata(exif=b"II*\0" + data).upright(1, 1)
    Metadata(exif=b"MM\0*\0\0\0\x08" + data).upright(1, 1)


@given(st.dictionaries(st.integers(0, 65535), st.binary(max_size=50)))
def test_image_resources_round_trip(resources):
    assert image_resources(resource_block(resources)) == resources
