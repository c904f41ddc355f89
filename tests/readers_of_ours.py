"""What `fuzz` tries: each reader as a function of bytes that asserts what it promises, and sound files to damage."""

from __future__ import annotations

import contextlib
import functools
import io
import struct
import warnings

import numpy as np
from coloured import CURVES, profile_with, table_profile
from exrs import exr
from gain_maps import iso, nclx, with_jhgm, with_tmap
from PIL import Image
from tiffs import picture
from tiffs import tiff as tiff_of

from reexposure.errors import PhotoError
from reexposure.light import colour, icc
from reexposure.photo import (
    claims,
    colours,
    embedded,
    exif,
    gainmap,
    items,
    jpeg,
    jpeg_metadata,
    jxl,
    jxl_header,
    png,
    pnm,
    rare_jpeg,
    raw,
    refused,
    tiff,
    with_openimageio,
    xmp,
)  # fmt: skip
from reexposure.photo.boxes import primary_properties
from reexposure.photo.ifd import Directories
from reexposure.photo.metadata import IPTC_RESOURCE, Metadata, image_resources, resource_block
from reexposure.photo.photo import Photo
from reexposure.radiance import exr_attributes, hdr, kinds, opening
from reexposure.radiance.radiance import RadianceMap

warnings.simplefilter("ignore")  # of libraries; the product has filters of its own
PIXELS = np.random.default_rng(3).integers(0, 256, (16, 24, 3), np.uint8)
DESCRIPTION = (
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    b' xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"'
    b' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:GainMapMax="2" tiff:Orientation="6"'
    b' GCamera:MotionPhoto="1" dc:format="a &amp; b"><dc:subject><rdf:Bag><rdf:li>one</rdf:li></rdf:Bag></dc:subject>'
    b"<hdrgm:Gamma><rdf:Seq><rdf:li>1</rdf:li><rdf:li>2</rdf:li></rdf:Seq></hdrgm:Gamma></rdf:Description>"
)


def saved(format: str, pixels: np.ndarray = PIXELS, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def exif_block(order: str = "<") -> bytes:
    """EXIF with every kind of directory: maker notes, GPS, interoperability, a thumbnail."""
    about = Image.Exif()
    about[0x0112], about[0x010F], about[0x0100] = 6, "Maker", 24
    about.get_ifd(0x8769).update({0x927C: b"notes with offsets", 0xA002: 24, 0x829A: 0.01})
    about.get_ifd(0x8825).update({1: "N", 2: (47.0, 30.0, 0.0)})
    about.get_ifd(0x8769)[0xA005] = {1: "R03"}
    told = about.tobytes().removeprefix(b"Exif\0\0")
    tags = Directories(told)
    link = tags.next_link(tags.first)
    thumbnail = struct.pack(tags.order + "HHHIIHHIII", 2, 0x0201, 4, 1, len(told) + 30, 0x0202, 4, 1, 9, 0)
    return told[:link] + struct.pack(tags.order + "I", len(told)) + told[link + 4 :] + thumbnail + b"thumbnail"


ABOUT = Metadata(
    exif_block(),
    xmp.packet(DESCRIPTION),
    resource_block({IPTC_RESOURCE: b"\x1c\2\5\0\5hello", 0x03ED: bytes(16)}),
    icc.profile_of(colour.named(colour.KNOWN["Display P3"])),
    (300.0, 300.0),
)


@functools.cache
def file(format: str, deep: bool = False) -> bytes:
    """A small photo that says much about itself."""
    pixels = PIXELS.astype(np.uint16) * 257 if deep else PIXELS
    return Photo(pixels, format=format, metadata=ABOUT).encoded(format)


@functools.cache
def ultra_hdr() -> bytes:
    photo = opening.open(file("JPEG"))
    from reexposure.radiance import ultrahdr

    return ultrahdr.encoded(np.full(photo.pixels.shape, 3, np.float32), photo, photo.colour_space.response)


@functools.cache
def tmap() -> bytes:
    return with_tmap(saved("AVIF"), saved("AVIF", PIXELS[::2, ::2, 0]), iso(2.0), nclx(9, 16))


@functools.cache
def jhgm() -> bytes:
    return with_jhgm(file("JXL"), with_openimageio.write(PIXELS[::2, ::2, :1], ".jxl"), iso(2.0))


@functools.cache
def light(suffix: str) -> bytes:
    import tempfile
    from pathlib import Path

    from reexposure.radiance import with_openimageio as files

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{suffix}")
        files.write(path, np.ones((8, 12, 3), np.float32), suffix, colour.ColourSpace())
        return path.read_bytes()


def read_jpeg(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        whole = jpeg.split(data)
        assert jpeg.split(bytes(whole)).scan == whole.scan
    with contextlib.suppress(ValueError):
        jpeg_metadata.blocks(data)
        jpeg_metadata.kept(data)
        assert sum(map(len, jpeg.further_pictures(data))) <= 2 * len(data)
    jpeg_metadata.bare(data)
    rare_jpeg.frame(data)


def read_exif(data: bytes) -> None:
    exif.orientation(data)
    assert all(isinstance(value, (str, float)) for value in exr_attributes.attributes(data).values())
    fresh = exif.upright(data, 30, 70_000)
    assert exif.upright(fresh, 30, 70_000) == fresh
    assert exif.orientation(fresh) in (1, None)
    if fresh:
        other = Image.Exif()  # a second reader
        other.load(fresh)
        told = other.get(0x0112, 1)
        assert told == 1 or not isinstance(told, int)  # of several, or of bytes, it makes no orientation
        for tag in (0x8769, 0x8825):
            other.get_ifd(tag)
        again = tiff.blocks(tiff.write(PIXELS[:2], Metadata(exif=fresh), False))[0]
        assert exif.orientation(exif.upright(again, 2, 24)) in (1, None)


def read_tiff(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        told, packet, resources = tiff.blocks(data)
        assert len(told) + len(packet) + len(resources) <= 8 * len(data) + 64_000
        assert exif.orientation(exif.upright(told, 16, 24)) in (1, None)
        tiff.note_on_pages(data)
        tiff.with_indices(data)
    raw.is_raw(data)


def read_png(data: bytes) -> None:
    about = png.blocks(data).upright(16, 24)
    alone = png.picture_alone(data)
    again = png.blocks(png.with_metadata(alone, about, png.kept(data)))
    if data[12:16] == b"IHDR" and data[8:12] == b"\0\0\0\r":
        assert again.upright(16, 24).exif == about.exif


def read_jxl(data: bytes) -> None:
    jxl.blocks(data)
    with contextlib.suppress(ValueError):
        jxl_header.header(data)
    jxl_header.reason(data)


def read_items(data: bytes) -> None:
    primary_properties(data)
    items.without_exif(data)
    with contextlib.suppress(ValueError):
        items.blocks(data)
        found = items.read(data)
        for number in list(found.items)[:4]:
            with contextlib.suppress(ValueError):
                alone = items.read(found.alone(number, found.primary if found.primary in found.items else number))
                assert alone.content(1) == found.content(number)


def read_xmp(data: bytes) -> None:
    about = Metadata(xmp=data).upright(16, 24)
    if about.xmp:
        packet = xmp.parse(about.xmp)
        assert not any(claims.is_stale(*e.name) for e in packet.elements)
        assert xmp.orientation(about.xmp) in (1, None)
    noted = about.recording(ExposureChange="-1").recording(ExposureChange="-2").xmp
    assert xmp.values(noted, ("urn:reexposure:xmp:1.0:", "ExposureChange")) == ["-2"]
    with contextlib.suppress(ValueError):
        xmp.joined(xmp.packet(b""), data)


def read_icc(data: bytes) -> None:
    space = icc.space(data)
    assert np.isfinite(space.primaries).all()
    assert np.isfinite(colour.to_xyz(space)).all()
    assert np.isfinite(space.response.decode(np.linspace(0, 1, 9)[:, None].repeat(3, 1))).all()
    for channels in (1, 3):
        pixels, about = colours.followed(PIXELS[..., :channels], Metadata(profile=data))
        assert pixels.dtype == PIXELS.dtype
        assert not about.profile or icc.understood(about.profile)


def read_gain_map(data: bytes) -> None:
    for read in (gainmap.from_iso, gainmap.from_xmp, lambda d: gainmap.from_apple(d, b"")):
        with contextlib.suppress(ValueError):
            with np.errstate(all="raise", under="ignore"):
                light = read(data).apply(np.ones((2, 2, 3), np.float32), np.eye(2, dtype=np.float32)[..., None])
            assert np.isfinite(light).all()
            assert light.min() >= 0


def read_resources(data: bytes) -> None:
    found = image_resources(data)
    assert image_resources(resource_block(found)) == found


def read_headers(data: bytes) -> None:
    refused.reason(data)
    kinds.kind(data)
    for read in (hdr.header, pnm.header):
        with contextlib.suppress(ValueError):
            read(data)


def read_embedded(data: bytes) -> None:
    for format in ("JPEG", "AVIF", "JXL"):
        found = embedded.find(data, format, (16, 24), 1)
        assert found is None or found.codes.size <= 3 * 16 * 24


def opened(data: bytes) -> Photo | RadianceMap | None:
    """What is in a file; None if that ended in one line that names it."""
    try:
        return opening.open(data, "the file")
    except PhotoError as error:
        told = str(error)
    assert told.startswith("the file: ")
    assert "\n" not in told
    return None


def read_light(data: bytes) -> None:
    found = opened(data)
    if isinstance(found, RadianceMap):
        assert np.isfinite(found.linear).all()
        assert found.linear.min() >= 0


def read_whole(data: bytes) -> None:
    """The one door: a photo or light, or one line; and what is written of it can be read again."""
    found = opened(data)
    if found is None:
        return
    photo = found if isinstance(found, Photo) else found.photo
    known = opening.lit(found) if isinstance(found, Photo) else found
    if known is not None:
        assert np.isfinite(known.linear).all()
        assert known.linear.min() >= 0
    if photo.pixels.size < 100_000:
        for format in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "JXL"):
            again = opening.open(photo.encoded(format), "what was written")
            assert (again if isinstance(again, Photo) else again.photo).pixels.shape == photo.pixels.shape


READERS = {
    "jpeg": read_jpeg, "exif": read_exif, "tiff": read_tiff, "png": read_png, "jxl": read_jxl, "items": read_items,
    "xmp": read_xmp, "icc": read_icc, "gain_map": read_gain_map, "resources": read_resources, "headers": read_headers,
    "embedded": read_embedded, "light": read_light, "whole": read_whole,
}  # fmt: skip


def photos() -> list[bytes]:
    return [seed for name in ("jpeg", "tiff", "png", "jxl", "items") for seed in seeds(name)] + [file("WEBP")]


def lights() -> list[bytes]:
    colours = {name: np.linspace(0, 4, 24, dtype=np.float16).reshape(4, 6) for name in ("R", "G", "B")}
    layers = {f"View.{layer}.{name}": plane for layer in ("AO", "Combined") for name, plane in colours.items()}
    xyz = dict(zip("XYZ", colours.values(), strict=True))
    floats = tiff_of(picture(6, 4, bytes(288), bits=[32] * 3, t339=(3, [3] * 3)), big=True)
    turned = b"#?RADIANCE\nFORMAT=32-bit_rle_xyze\nEXPOSURE=2\nPRIMARIES=.6 .3 .3 .6 .1 .1 .3 .3\n\n+X 6 -Y 4\n"
    return [
        *map(light, (".hdr", ".exr", ".tif")), floats, turned + bytes(range(96)), b"PF\n6 4\n-1\n" + bytes(288),
        exr(colours, (2, 1, 7, 4), display=(0, 0, 9, 9)), exr(layers, (0, 0, 5, 3)), exr(xyz, (0, 0, 5, 3)),
    ]  # fmt: skip


def raws() -> list[bytes]:
    """DNG and NEF: a thumbnail, and sensor data in a directory below it."""
    sensor = picture(16, 12, bytes(500), bits=[14], photometric=32803)
    thumbnail = picture(6, 4, bytes(72), t254=(4, [1]), t330=(4, [sensor]))
    return [tiff_of(thumbnail), tiff_of(thumbnail | {50706: (1, [1, 4, 0, 0])}, order=">", big=True)]


SEEDS = {
    "jpeg": lambda: [file("JPEG"), ultra_hdr(), saved("JPEG", progressive=True)],
    "exif": lambda: [exif_block(), ABOUT.upright(16, 24).exif],
    "tiff": lambda: [file("TIFF"), file("TIFF", True), saved("TIFF"), saved("TIFF", big_tiff=True)],
    "png": lambda: [file("PNG"), file("PNG", True), saved("PNG", PIXELS[..., 0])],
    "jxl": lambda: [file("JXL"), jhgm()],
    "items": lambda: [file("AVIF"), tmap()],
    "xmp": lambda: [ABOUT.xmp, ABOUT.xmp.decode().encode("utf-16"), DESCRIPTION],
    "icc": lambda: [
        table_profile(),
        icc.profile_of(colour.of_codes(9, 16)),
        profile_with(CURVES[-1]),
        *(icc.profile_of(colour.named(known), grey) for known in colour.KNOWN.values() for grey in (False, True)),
    ],
    "gain_map": lambda: [iso(2.0), iso(2.0, channels=3), ABOUT.xmp, exif_block()],
    "resources": lambda: [ABOUT.resources],
    "headers": lambda: [*raws(), *lights(), saved("PPM"), file("TIFF"), file("JPEG"), file("AVIF")],
    "embedded": lambda: [ultra_hdr(), tmap(), jhgm()],
    "light": lights,
    "whole": lambda: [*photos(), *lights(), *raws(), saved("GIF"), saved("BMP"), saved("PPM")],
}


@functools.cache
def seeds(name: str) -> list[bytes]:
    """Sound input for a reader."""
    return SEEDS[name]()
