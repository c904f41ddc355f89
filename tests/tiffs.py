"""TIFF structures put together tag by tag, for layouts that no library writes."""

import struct

CODES = {1: "B", 2: "B", 3: "H", 4: "I", 7: "B", 11: "f", 12: "d", 13: "I", 16: "Q", 18: "Q"}
STRIP, LENGTH = 273, 279


def tiff(*chain, order="<", big=False, after_head=b"", magic=None):
    """A TIFF of a chain of directories, each {tag: (type, values)}.

    Directories among the values of a tag lie below it, and bytes among them lie wherever there is
    room: their place becomes the value. ``after_head`` stands between head and directories.
    """
    offset, head = ("Q", 16) if big else ("I", 8)
    data = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42))
    data += struct.pack(order + "HHQ", 8, 0, 0) if big else bytes(4)
    data += after_head
    if magic:
        data[: len(magic)] = magic

    def aside(content):
        data.extend(bytes(len(data) % 2))
        data.extend(content)
        return len(data) - len(content)

    def placed(value):
        return put(value)[0] if isinstance(value, dict) else aside(value) if isinstance(value, bytes) else value

    def put(directory):
        body, room = b"", struct.calcsize(offset)
        for tag, (kind, values) in sorted(directory.items()):
            packed = struct.pack(f"{order}{len(values)}{CODES[kind]}", *map(placed, values))
            value = packed.ljust(room, b"\0")
            if len(packed) > room:
                value = struct.pack(order + offset, aside(packed))
            body += struct.pack(order + "HH" + offset, tag, kind, len(values)) + value
        at = aside(struct.pack(order + ("Q" if big else "H"), len(directory)) + body + bytes(room))
        return at, len(data) - room

    link = head - struct.calcsize(offset)
    for directory in chain:
        at, following = put(directory)
        struct.pack_into(order + offset, data, link, at)
        link = following
    return bytes(data)


def picture(width, height, strip, *, bits=(8, 8, 8), photometric=2, **more):
    """The directory of a picture in one uncompressed strip."""
    return {
        256: (4, [width]), 257: (4, [height]), 258: (3, list(bits)), 259: (3, [1]), 262: (3, [photometric]),
        STRIP: (4, [strip]), 277: (3, [len(bits)]), 278: (4, [height]), LENGTH: (4, [len(strip)]),
    } | {int(tag[1:]): value for tag, value in more.items()}  # fmt: skip
