"""What the drift tests share: generated inputs, and Python's things as the page has them."""

import io
import struct
import zlib

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from reexposure.light import camera, colour, transfer
from reexposure.light.colour import ColourSpace
from reexposure.photo import png, xmp
from reexposure.photo.metadata import resource_block
from reexposure.server import view

NEUTRAL = {"ev": 0, "highlights": 0, "shadows": 0, "gradient": None}
"""Settings of the page that change nothing."""
P3 = ColourSpace("Display P3", colour.KNOWN["Display P3"])
XMP = xmp.packet(b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>')
IPTC = resource_block({0x0404: b"\x1c\x02\x78\x00\x03sun", 0x040C: b"thumbnail"})


sizes = st.tuples(st.integers(1, 24), st.integers(1, 24))
near = st.floats(-0.02, 0.02)
# Plain data: a checked dataclass draws lots of its own, which a strategy may not.
curves = st.one_of(
    st.sampled_from([{"kind": "srgb"}, {"kind": "rec709"}, {"kind": "power", "gamma": 2.0}]),
    st.floats(0.5, 4).map(lambda gamma: {"kind": "power", "gamma": round(gamma, 2)}),
    st.lists(st.floats(0.01, 1), min_size=2, max_size=9).map(
        lambda steps: {"kind": "table", "linear": [sum(steps[:n]) / sum(steps) for n in range(len(steps) + 1)]}
    ),
)
spaces = st.tuples(st.sampled_from(sorted(colour.KNOWN)), st.none() | st.lists(near, min_size=8, max_size=8), curves)


def response_of(curve):
    """The curve in Python."""
    if curve["kind"] == "table":
        return camera.TableResponse(tuple(curve["linear"]))
    if curve["kind"] == "power":
        return camera.PowerResponse(curve["gamma"])
    return transfer.Rec709Response() if curve["kind"] == "rec709" else camera.SrgbResponse()


def told_of(space):
    """A colour space, as the page has it."""
    response = space.response
    curve = {"kind": "table", "linear": list(response.linear)} if isinstance(response, camera.TableResponse) else None
    return {"name": space.name, "primaries": space.primaries, "curve": curve or view.curve(response)}


def space_of(drawn):
    """A known colour space, or one with primaries near a known one's."""
    name, moved, curve = drawn
    if moved is None:
        return ColourSpace(name, colour.KNOWN[name], response_of(curve))
    xy = np.array(colour.KNOWN[name]) + np.reshape(moved, (4, 2)) + (0, 0.02)
    return ColourSpace("RGB", tuple(map(tuple, xy.tolist())), response_of(curve))


def pixels_of(seed, height, width, channels=4):
    """RGBA bytes, mostly near black and white, where something is done to them."""
    rng = np.random.default_rng(seed)
    ends = rng.choice([0, 4, 12, 23, 24, 25, 128, 239, 240, 241, 250, 251, 255], (height, width, channels))
    return np.where(rng.random(ends.shape) < 0.5, ends, rng.integers(0, 256, ends.shape)).astype(np.uint8)


def exif_of(order, orientation, thumbnail):
    """EXIF of a camera held on its side, with a preview of the picture; both byte orders."""
    head = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8)
    link = 8 + 2 + 6 * 12
    exif_at, thumb_at = link + 4, link + 4 + 2 + 2 * 12 + 4
    density_at = thumb_at + 2 + 2 * 12 + 4
    entry = struct.Struct(f"{order}HHI4s").pack
    short = struct.Struct(f"{order}HH").pack
    long = struct.Struct(f"{order}I").pack
    entries = [
        entry(0x0100, 4, 1, long(4000)),
        entry(0x010F, 2, 4, b"Cam\0"),
        entry(0x0112, 3, 1, short(orientation, 0)),
        entry(0x011A, 5, 1, long(density_at)),
        entry(0x0128, 3, 1, short(2, 0)),
        entry(0x8769, 4, 1, long(exif_at)),
    ]
    data = head + short(6, 0)[:2] + b"".join(entries)
    assert len(data) == link
    data += long(thumb_at if thumbnail else 0)
    data += short(2, 0)[:2] + entry(0xA002, 4, 1, long(4000)) + entry(0xA003, 3, 1, short(3000, 0)) + long(0)
    preview = entry(0x0201, 4, 1, long(density_at + 8)) + entry(0x0202, 4, 1, long(len(thumbnail)))
    return data + short(2, 0)[:2] + preview + long(0) + long(240) + long(1) + thumbnail


def dcf(order, colour_space, index):
    """EXIF as cameras write it that offer Adobe RGB."""
    entry = struct.Struct(f"{order}HHI4s").pack
    short, long = struct.Struct(f"{order}HH").pack, struct.Struct(f"{order}I").pack
    exif_at = 8 + 2 + 12 + 4
    interop_at = exif_at + 2 + 24 + 4
    data = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8)
    data += short(1, 0)[:2] + entry(0x8769, 4, 1, long(exif_at)) + long(0)
    told = entry(0xA001, 3, 1, short(colour_space, 0)) + entry(0xA005, 4, 1, long(interop_at))
    data += short(2, 0)[:2] + told + long(0)
    return data + short(1, 0)[:2] + entry(0x0001, 2, 4, index) + long(0)


exifs = st.builds(exif_of, st.sampled_from("<>"), st.integers(0, 9), st.sampled_from([b"", b"old picture"]))


def files_of(pixels, format="JPEG", **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def parts_of(picture):
    """A JPEG taken apart in Python, as the page has it."""
    segments = [{"marker": s.marker, "payload": s.payload} for s in picture.segments]
    return {"segments": segments, "scan": picture.scan, "rest": picture.rest}


def told_in(data):
    """All chunks of a PNG but its pixels; what is compressed as it was before."""
    found = []
    for kind, content in png.chunks(data):
        head, _, rest = content.partition(b"\0")
        packed = kind in (b"iCCP", b"zTXt")
        found += [(kind, head + zlib.decompress(rest[1:]) if packed else content)] if kind != b"IDAT" else []
    return found


def about_of(metadata):
    """Metadata, as the page has it."""
    fields = {"exif": metadata.exif, "resources": metadata.resources, "profile": metadata.profile}
    return fields | {"xmp": metadata.xmp.decode("latin-1"), "dpi": metadata.dpi and list(metadata.dpi)}
