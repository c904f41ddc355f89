"""OpenEXR files put together byte by byte, for kinds that no library here writes."""

import struct

import numpy as np

HALF, FLOAT = 1, 2


def exr(channels, window, *, display=None, **attributes):
    """An uncompressed scan-line OpenEXR file.

    ``channels`` are {name: (rows, columns) array, float16 or float32, or (array, step)} with one sample for each
    ``step`` x ``step`` pixels; ``window`` is the data window (left, top, right, bottom), ends included.
    ``attributes`` are further (type, bytes).
    """
    sampled = {name: value if isinstance(value, tuple) else (value, 1) for name, value in sorted(channels.items())}
    listed = b""
    for name, (values, step) in sampled.items():
        kind = HALF if values.dtype == np.float16 else FLOAT
        listed += name.encode() + struct.pack("<xiBxxxii", kind, 0, step, step)
    head = {
        "channels": ("chlist", listed + b"\0"),
        "compression": ("compression", b"\0"),
        "dataWindow": ("box2i", struct.pack("<4i", *window)),
        "displayWindow": ("box2i", struct.pack("<4i", *(display or window))),
        "lineOrder": ("lineOrder", b"\0"),
        "pixelAspectRatio": ("float", struct.pack("<f", 1)),
        "screenWindowCenter": ("v2f", bytes(8)),
        "screenWindowWidth": ("float", struct.pack("<f", 1)),
        **attributes,
    }
    data = struct.pack("<II", 20000630, 2)
    for name, (kind, content) in head.items():
        data += name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(content)) + content
    data += b"\0"
    top, bottom = window[1], window[3]
    lines = []
    for row in range(top, bottom + 1):
        content = b"".join(v[(row - top) // s].tobytes() for v, s in sampled.values() if row % s == 0)
        lines.append(struct.pack("<iI", row, len(content)) + content)
    at = len(data) + 8 * len(lines)
    for line in lines:
        data += struct.pack("<Q", at)
        at += len(line)
    return data + b"".join(lines)
