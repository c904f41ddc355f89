"""Files with a gain map, put together from pictures that well-known encoders made."""

import struct

from reexposure.photo import items


def box(kind, content):
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind, version, content, flags=0):
    return box(kind, struct.pack(">I", version << 24 | flags) + content)


def nclx(primaries, transfer, matrix=0):
    """A box of colours by code."""
    return box(b"colr", b"nclx" + struct.pack(">HHHB", primaries, transfer, matrix, 128))


def iso(stops, base_headroom=0.0, alternate_headroom=2.0, flags=0x40, channels=1):
    """The block of ISO 21496-1 with gains from 0 to ``stops``, gamma 1 and offsets of 1/64."""
    told = [base_headroom, alternate_headroom]
    for _ in range(channels):
        told += [0.0, stops, 1.0, 1 / 64, 1 / 64]
    numbers = b"".join(struct.pack(">II", round(value * 64), 64) for value in told)
    return struct.pack(">HHB", 0, 0, flags | (0x80 if channels == 3 else 0)) + numbers


def with_tmap(base, map_file, block, colours=None, version=0):
    """An AVIF or HEIC file of both pictures, which are single items, and an item ``tmap`` derived from them."""
    first, second = items.read(base), items.read(map_file)
    shift = len(first.properties)
    stored = [b for _, b in first.properties + second.properties] + ([colours] if colours else [])
    of_base = first.items[first.primary].properties
    of_map = [link + shift for link in second.items[second.primary].properties]
    contents = [first.content(first.primary), bytes([version]) + block, second.content(second.primary)]
    kinds = [first.items[first.primary].kind, b"tmap", second.items[second.primary].kind]
    links = [of_base, [len(stored)] if colours else [], of_map]
    told = b"".join(
        full(b"infe", 2, struct.pack(">HH4s", n, 0, kind) + b"\0", flags=n == 3) for n, kind in enumerate(kinds, 1)
    )
    tied = b"".join(struct.pack(f">HB{len(p)}H", n, len(p), *p) for n, p in enumerate(links, 1))
    before = [
        full(b"hdlr", 0, bytes(4) + b"pict" + bytes(13)),
        full(b"pitm", 0, struct.pack(">H", 1)),
        full(b"iinf", 0, struct.pack(">H", 3) + told),
        full(b"iref", 0, box(b"dimg", struct.pack(">HHHH", 2, 2, 1, 3))),
        box(b"iprp", box(b"ipco", b"".join(stored)) + full(b"ipma", 0, struct.pack(">I", 3) + tied, flags=1)),
    ]
    head = box(b"ftyp", base[8:12] + bytes(4) + base[8:12] + b"mif1miaftmap")
    at = len(head) + 12 + sum(map(len, before)) + 16 + 3 * 14 + 8
    places = b""
    for n, content in enumerate(contents, 1):
        places += struct.pack(">HHHII", n, 0, 1, at, len(content))
        at += len(content)
    located = full(b"iloc", 0, struct.pack(">HH", 0x4400, 3) + places)
    return head + full(b"meta", 0, b"".join([*before, located])) + box(b"mdat", b"".join(contents))


def with_jhgm(base, codestream, block):
    """A JPEG XL file in boxes, with one more for the map."""
    content = b"\0" + struct.pack(">H", len(block)) + block + b"\0" + bytes(4) + codestream
    return base + box(b"jhgm", content)
