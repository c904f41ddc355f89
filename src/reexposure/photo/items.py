"""The items of an AVIF or HEIC file, and one of them as a file of its own, for decoders that know only the main one.

Sources: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (HEIF: items, properties, grids).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from reexposure.photo import av1, limits
from reexposure.photo.boxes import Box, boxes, child, primary_properties

MAX_ITEMS, MAX_EXTENTS = 4096, 16_384
MAX_COPIES, STREAM = 3, 4096
"""Pictures beside the main one (alpha, gain map, thumbnail) may be as large, and the head of a stream is looked at."""
TRANSFORMS = (b"irot", b"imir")


@dataclass
class Item:
    """An item of a ``kind``: ``av01``, ``hvc1``, ``grid``, ``tmap``, ``Exif``; after ``mime`` the type follows.

    ``said`` is where the file says so, ``places`` are those of its bytes. ``links`` are what it is derived from, in
    order (``dimg``); ``properties`` count from 1, with 32768 added to those that a reader has to know.
    """

    kind: bytes = b""
    said: int = 0
    places: list[tuple[int, int]] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    properties: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Items:
    """All items by number, the main one's number, and the properties that they share, as whole boxes."""

    data: bytes
    primary: int
    items: dict[int, Item]
    properties: list[tuple[bytes, bytes]]

    def content(self, number: int) -> bytes:
        """The bytes of an item. Raises ValueError if it claims more than the file has."""
        places = self.items[number].places
        if any(size < 0 or start + size > len(self.data) for start, size in places):
            raise ValueError("an item beyond the end of its file")
        if sum(size for _, size in places) > len(self.data):
            raise ValueError("an item larger than its file")
        return b"".join(self.data[start : start + size] for start, size in places)

    def named(self, number: int, kinds: tuple[bytes, ...]) -> list[tuple[int, bytes]]:
        """The properties of an item that are of ``kinds``: each as linked, and its box."""
        told = [(link, self.properties[(link & 0x7FFF) - 1]) for link in self.items[number].properties]
        return [(link, box) for link, (kind, box) in told if kind in kinds]

    def size(self, number: int) -> tuple[int, int]:
        """Height and width that an item says it has (``ispe``). Raises ValueError if it does not."""
        told = self.named(number, (b"ispe",))
        if not told or len(told[0][1]) < 20:
            raise ValueError("an item without a size")
        width, height = struct.unpack_from(">II", told[0][1], 12)
        return height, width

    def alone(self, number: int, turned_as: int) -> bytes:
        """A file of this item only, and of its tiles if it is a grid; turned as ``turned_as`` is, unless it says how.

        Raises ValueError for what no decoder could do with.
        """
        parts = [number, *self.items[number].links]
        if len(parts) > MAX_ITEMS or any(part not in self.items for part in parts):
            raise ValueError("an item without its parts")
        contents = [self.content(part) for part in parts]
        if not all(contents) or sum(map(len, contents)) > len(self.data):
            raise ValueError("an item of nothing, or larger than its file")
        linked = {part: list(self.items[part].properties) for part in parts}
        if not self.named(number, TRANSFORMS):
            linked[number] += [link for link, _ in self.named(turned_as, TRANSFORMS)]
        if max(map(len, linked.values())) > 255:
            raise ValueError("an item with too many properties")
        kind = next((self.items[part].kind for part in parts if self.items[part].kind != b"grid"), b"")
        brand = b"avif" if kind == b"av01" else b"heic"
        types = b"".join(
            _full(b"infe", 2, struct.pack(">HH4s", n, 0, self.items[part].kind) + b"\0")
            for n, part in enumerate(parts, 1)
        )
        links = b"".join(
            struct.pack(">HB", n, len(linked[part])) + struct.pack(f">{len(linked[part])}H", *linked[part])
            for n, part in enumerate(parts, 1)
        )
        tiles = b""
        if len(parts) > 1:
            numbers = struct.pack(f">HH{len(parts) - 1}H", 1, len(parts) - 1, *range(2, len(parts) + 1))
            tiles = _full(b"iref", 0, _box(b"dimg", numbers))
        store = _box(b"ipco", b"".join(box for _, box in self.properties))
        head = _box(b"ftyp", brand + bytes(4) + brand + b"mif1miaf")
        before = [
            _full(b"hdlr", 0, bytes(4) + b"pict" + bytes(13)),
            _full(b"pitm", 0, struct.pack(">H", 1)),
            _full(b"iinf", 0, struct.pack(">H", len(parts)) + types),
            tiles,
            _box(b"iprp", store + _full(b"ipma", 0, struct.pack(">I", len(parts)) + links, flags=1)),
        ]
        at = len(head) + 12 + sum(map(len, before)) + 16 + 14 * len(parts) + 8
        where = b""
        for n, content in enumerate(contents, 1):
            where += struct.pack(">HHHII", n, 0, 1, at, len(content))
            at += len(content)
        located = _full(b"iloc", 0, struct.pack(">HH", 0x4400, len(parts)) + where)
        return head + _full(b"meta", 0, b"".join([*before, located])) + _box(b"mdat", b"".join(contents))


def read(data: bytes) -> Items:
    """The items of an AVIF or HEIC file. Raises ValueError if they make no sense, or are too many."""
    meta = child(data, None, b"meta")
    if meta is None:
        raise ValueError("no items")
    within = {box.kind: box for box in boxes(data, meta.start + 4, meta.end)}
    if not {b"iinf", b"iloc", b"iprp", b"pitm"} <= within.keys():
        raise ValueError("no items")
    try:
        items = dict(_kinds(data, within[b"iinf"]))
        _locate(data, within[b"iloc"], within.get(b"idat"), items)
        store = child(data, within[b"iprp"], b"ipco")
        shared = list(boxes(data, store.start, store.end)) if store else []
        properties = [(box.kind, _box(box.kind, data[box.start : box.end])) for box in shared]
        for links in (box for box in boxes(data, within[b"iprp"].start, within[b"iprp"].end) if box.kind == b"ipma"):
            _associate(data, links, items, len(properties))
        if b"iref" in within:
            _relate(data, within[b"iref"], items)
        main = _Reader(data, within[b"pitm"])
        return Items(data, main.number(4 if main.version else 2), items, properties)
    except IndexError as error:
        raise ValueError("damaged items") from error


def check_streams(data: bytes, max_px: int) -> None:
    """Raise TooLargeError for AVIF whose streams hold pictures larger than allowed, whatever its boxes say.

    Gain maps are left to who looks for them.
    """
    try:
        found = read(data)
        maps = {item.links[1] for item in found.items.values() if item.kind == b"tmap" and len(item.links) == 2}
        maps |= {tile for number in maps & found.items.keys() for tile in found.items[number].links}
        coded = [number for number, item in found.items.items() if item.kind == b"av01" and number not in maps]
        streams = [found.content(number)[:STREAM] for number in coded]
    except ValueError:
        return  # its decoder will say so
    sizes = list(filter(None, map(av1.size, streams)))
    for height, width in sizes:
        limits.check(height, width, len(data), max_px, tight=True)
    if sum(height * width for height, width in sizes) > MAX_COPIES * max_px:
        raise limits.TooLargeError(f"pictures of more than {MAX_COPIES * max_px / 1e6:g} megapixels together")


def blocks(data: bytes) -> tuple[bytes, bytes]:
    """EXIF and XMP out of an AVIF or HEIC file. Raises ValueError as `read` does."""
    found = read(data)
    exif, xmp = (
        next((found.content(number) for number, item in found.items.items() if item.kind == kind), b"")
        for kind in (b"Exif", b"mime application/rdf+xml")
    )
    return exif[4 + int.from_bytes(exif[:4], "big") :].removeprefix(b"Exif\0\0"), xmp


def orientation(data: bytes) -> int:
    """How the main picture lies, in EXIF's words: turned anticlockwise (``irot``), then mirrored (``imir``)."""
    turns, mirror = 0, 0
    for kind, told in primary_properties(data):
        if kind == b"irot" and told:
            turns = told[0] & 3
        elif kind == b"imir" and told:
            mirror = 1 + (told[0] & 1)  # top and bottom, or left and right
    return ((1, 4, 2), (8, 5, 7), (3, 2, 4), (6, 7, 5))[turns][mirror]


def without_exif(data: bytes) -> bytes:
    """The file with its EXIF disguised: decoders that read it, too, fail where it is damaged."""
    try:
        places = [item.said for item in read(data).items.values() if item.kind == b"Exif"]
    except ValueError:
        return data
    copy = bytearray(data)
    for at in places:
        copy[at : at + 4] = b"skip"
    return bytes(copy)


class _Reader:
    """Numbers one after another out of a box with a version and flags. Raises IndexError at its end."""

    def __init__(self, data: bytes, box: Box, full: bool = True) -> None:
        self.data, self.at, self.end = data, box.start, box.end
        self.version = self.number(1) if full else 0
        self.flags = self.number(3) if full else 0

    def number(self, size: int) -> int:
        if self.at + size > self.end:
            raise IndexError
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "big")


def _kinds(data: bytes, box: Box) -> Iterator[tuple[int, Item]]:
    reader = _Reader(data, box)
    count = reader.number(4 if reader.version else 2)
    if count > MAX_ITEMS:
        raise ValueError("too many items")
    for entry in boxes(data, reader.at, box.end):
        told = _Reader(data, entry)
        if entry.kind == b"infe" and told.version in (2, 3):
            number = told.number(2 if told.version == 2 else 4)
            told.number(2)
            kind = told.number(4).to_bytes(4, "big")
            if kind == b"mime":
                kind += b" " + data[told.at : entry.end].split(b"\0")[1]  # after a name
            yield number, Item(kind, told.at - 4)


def _locate(data: bytes, box: Box, inside: Box | None, items: dict[int, Item]) -> None:
    reader, extents = _Reader(data, box), 0
    sizes = reader.number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if reader.version else 0
    for _ in range(reader.number(2 if reader.version < 2 else 4)):
        number = reader.number(2 if reader.version < 2 else 4)
        method = reader.number(2) & 15 if reader.version else 0
        reader.number(2)  # in which file: this one
        base = reader.number(base_size)
        count = reader.number(2)
        extents += max(count, 1)
        if extents > MAX_EXTENTS:
            raise ValueError("items in too many pieces")
        for _ in range(count):
            reader.number(index_size)
            start, size = base + reader.number(offset_size), reader.number(length_size)
            if method == 1 and inside:
                start += inside.start
            if number in items and (method == 0 or (method == 1 and inside)):
                items[number].places.append((start, size or len(data) - start))


def _associate(data: bytes, box: Box, items: dict[int, Item], known: int) -> None:
    reader = _Reader(data, box)
    wide = reader.flags & 1
    for _ in range(reader.number(4)):
        number = reader.number(4 if reader.version else 2)
        for _ in range(reader.number(1)):
            told = reader.number(2 if wide else 1)
            link = told if wide else (told & 0x7F) | (told & 0x80) << 8
            if number in items and 0 < link & 0x7FFF <= known:
                items[number].properties.append(link)


def _relate(data: bytes, box: Box, items: dict[int, Item]) -> None:
    size = 4 if data[box.start] else 2
    for entry in boxes(data, box.start + 4, box.end):
        reader = _Reader(data, entry, full=False)
        source = reader.number(size)
        targets = [reader.number(size) for _ in range(reader.number(2))]
        if entry.kind == b"dimg" and source in items:
            items[source].links = targets


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _full(kind: bytes, version: int, content: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags) + content)
