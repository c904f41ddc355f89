"""ICC profiles, read and written: those of a matrix and curves, and those of a grey curve.

Source: ICC.1:2022. What such a profile says becomes a `ColourSpace`; one that is made of tables needs
littlecms, and one that says nothing that can be used counts as none.
"""

from __future__ import annotations

import functools
import struct

import numpy as np

from reexposure.arrays import Float64
from reexposure.light import camera, colour, transfer
from reexposure.light.colour import ColourSpace

RGB, GREY = b"RGB ", b"GRAY"
TABLES = (b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1", b"D2B2", b"D2B3")
MAX_TABLE = 4096
GRID = np.linspace(0, 1, 1024)

Tags = dict[bytes, bytes]


def space(profile: bytes) -> ColourSpace:
    """What an ICC profile of matrix and curves says; sRGB for none, or for one of another kind."""
    return understood(profile) or ColourSpace()


@functools.lru_cache(maxsize=4)
def understood(profile: bytes) -> ColourSpace | None:
    """What a profile of RGB or grey says in matrix and curves; None where it says nothing that can be used."""
    if profile[36:40] != b"acsp" or profile[16:20] not in (RGB, GREY):
        return None
    try:
        with np.errstate(all="ignore"):  # what comes of hostile numbers is judged, not warned of
            return _understood(_tags(profile), profile[16:20] == GREY)
    except (KeyError, ValueError, IndexError, OverflowError, struct.error, np.linalg.LinAlgError):
        return None


def has_tables(profile: bytes) -> bool:
    """Whether colours are to be found in the tables of a profile, which go before its matrix and curves."""
    try:
        tags = _tags(profile)
    except struct.error:
        return False
    told = _in_codes(tags)
    return any(name in tags for name in TABLES) and not (told and told.is_light)


def profile_of(of: ColourSpace, grey: bool = False) -> bytes:
    """An ICC profile (version 2) that describes a colour space, or its curve for ``grey`` pictures."""
    top = float(np.max(of.response.decode(np.ones(3))))
    curves = [_curve(one, top) for one in _channels(of.response)]
    title = _title(of).encode() + b"\0"
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(title)) + title + bytes(78),
        b"cprt": b"text" + bytes(4) + b"No copyright, use freely\0",
        b"wtpt": _xyz(colour.white(of)),
    }
    if of.is_light:
        curve = transfer.PQ if of.response == transfer.PqResponse() else transfer.HLG
        code = next((code for code, known in colour.PRIMARIES.items() if known == of.primaries), colour.UNSPECIFIED)
        tags[b"cicp"] = b"cicp" + bytes(4) + bytes([code, curve, 0, 1])
    if grey:
        tags[b"kTRC"] = curves[1]
    else:
        for column, name in enumerate((b"r", b"g", b"b")):
            tags[name + b"XYZ"] = _xyz(colour.to_xyz(of)[:, column])
            tags[name + b"TRC"] = curves[column]
    return _written(tags, GREY if grey else RGB)


def in_colour(profile: bytes) -> bytes:
    """A profile of grey as one of RGB; any other as it is."""
    return profile_of(space(profile)) if profile[16:20] == GREY else profile


def _title(of: ColourSpace) -> str:
    """The name of a colour space, and of its curve where that is not the usual one."""
    response = of.response
    if response == camera.RESPONSES["srgb"] or of.name.endswith("linear"):
        return of.name
    if isinstance(response, camera.PowerResponse):
        return of.name if of.name == colour.ADOBE_RGB.name else f"{of.name}, gamma {response.gamma:g}"
    known = {transfer.PqResponse: "PQ", transfer.HlgResponse: "HLG", transfer.Rec709Response: "BT.709 curve"}
    return f"{of.name}, {known.get(type(response), 'a curve of its own')}"


def _understood(tags: Tags, grey: bool) -> ColourSpace | None:
    told = _in_codes(tags)
    if told and told.is_light:
        return told
    if grey:
        return ColourSpace(response=_response(tags[b"kTRC"]))
    curves = [tags[name] for name in (b"rTRC", b"gTRC", b"bTRC")]
    channels = [_response(curve) for curve in curves]
    alike = max(np.abs(one.decode(GRID) - channels[1].decode(GRID)).max() for one in channels) < 1e-3
    response = channels[1] if alike else transfer.ChannelResponses((channels[0], channels[1], channels[2]))
    colorants = np.array([_fixed(tags[name][8:20]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")])
    # Colorants are adapted to D50. Of a known space they are known so, too: some writers do not say from which white.
    for name, primaries in colour.KNOWN.items():
        if np.abs(colour.to_xyz(ColourSpace(name, primaries)).T - colorants).max() < 0.002:
            return ColourSpace(name, primaries, response)
    native = np.vstack([colorants, colorants.sum(0)]) @ np.linalg.inv(_adapted(tags)).T
    xy = tuple((round(float(x / (x + y + z)), 4), round(float(y / (x + y + z)), 4)) for x, y, z in native)
    return colour.named(xy, response) if colour.sound(xy) else None


def _in_codes(tags: Tags) -> ColourSpace | None:
    code = tags.get(b"cicp", b"")
    return colour.of_codes(code[8], code[9]) if len(code) >= 12 else None


def _tags(profile: bytes) -> Tags:
    count = min(struct.unpack_from(">I", profile, 128)[0], 100)
    entries = [struct.unpack_from(">4sII", profile, 132 + 12 * n) for n in range(count)]
    return {name: profile[at : at + size] for name, at, size in entries}


def _adapted(tags: Tags) -> Float64[np.ndarray, "3 3"]:
    """The matrix that took the colorants from their own white to D50."""
    if b"chad" in tags:
        return _fixed(tags[b"chad"][8:44]).reshape(3, 3)
    return colour.bradford(_fixed(tags[b"wtpt"][8:20]))


def _response(curve: bytes) -> camera.Response:
    """A tone curve: one of ours where it is that within a tenth of a per cent, else a table.

    Raises ValueError for one that does not rise from about black to about white.
    """
    kind, count = curve[:4], struct.unpack_from(">I", curve, 8)[0]
    if kind == b"para":
        linear = _parametric(np.linspace(0, 1, MAX_TABLE), curve[8] * 256 + curve[9], _fixed(curve[12:]))
    elif kind == b"curv" and count > 1:
        every = np.frombuffer(curve, ">u2", count, 12)
        linear = every[np.rint(np.linspace(0, count - 1, min(count, MAX_TABLE))).astype(int)] / 65535
    elif kind == b"curv":
        gamma = struct.unpack_from(">H", curve, 12)[0] / 256 if count else 1.0
        linear = np.linspace(0, 1, MAX_TABLE) ** gamma
    else:
        raise ValueError("unknown curve")
    rises = np.isfinite(linear).all() and (np.diff(linear) >= 0).all()
    if not (rises and -0.01 <= linear[0] < 0.5 < linear[-1] <= 1.01):
        raise ValueError("curve does not rise")
    table = camera.TableResponse(tuple(linear.clip(0, 1).tolist()))
    told = table.decode(GRID)
    ours: list[camera.Response] = [camera.RESPONSES["srgb"], transfer.Rec709Response()]
    if 0 < told[512] < 1:
        ours.append(camera.PowerResponse(float(np.round(np.log(told[512]) / np.log(GRID[512]), 3))))
    return next((known for known in ours if np.abs(known.decode(GRID) - told).max() < 1e-3), table)


def _parametric(x: Float64[np.ndarray, " n"], kind: int, p: Float64[np.ndarray, " k"]) -> Float64[np.ndarray, " n"]:
    """ICC.1:2022, table 68: ``(a x + b) ** g + e`` from d on, ``c x + f`` below."""
    g = p[0]
    a, b = (p[1], p[2]) if kind >= 1 else (1.0, 0.0)
    offset = p[3] if kind == 2 else p[5] if kind == 4 else 0.0
    high = np.maximum(a * x + b, 0) ** g + offset
    if kind <= 2:
        below = offset if kind == 2 else 0.0
        return np.where(a * x >= -b, high, below)
    return np.where(x >= p[4], high, p[3] * x + (p[6] if kind == 4 else 0.0))


def _fixed(data: bytes) -> Float64[np.ndarray, " n"]:
    return np.frombuffer(data[: len(data) // 4 * 4], ">i4") / 65536


def _channels(response: camera.Response) -> tuple[camera.Response, camera.Response, camera.Response]:
    return response.channels if isinstance(response, transfer.ChannelResponses) else (response, response, response)


def _curve(response: camera.Response, top: float) -> bytes:
    """A curve as a table, its ``top`` being white."""
    if response == camera.PowerResponse(1.0):
        return b"curv" + bytes(8)
    values = np.repeat(np.linspace(0, 1, 2048)[:, None], 3, -1)
    table = np.round(response.decode(values)[:, 1] / top * 65535).astype(">u2").tobytes()
    return b"curv" + bytes(4) + struct.pack(">I", 2048) + table


def _xyz(values: Float64[np.ndarray, " 3"]) -> bytes:
    return b"XYZ " + bytes(4) + np.round(np.asarray(values) * 65536).astype(">i4").tobytes()


def _written(tags: Tags, model: bytes) -> bytes:
    """A profile of ``tags``; those alike are stored once."""
    index, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    for name, data in tags.items():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        index += name + struct.pack(">II", places[data], len(data))
    size = start + len(body)
    head = struct.pack(">I4xI4s4s4s12x4s", size, 0x02400000, b"mntr", model, b"XYZ ", b"acsp")
    head = head.ljust(68, b"\0") + _xyz(colour.D50)[8:]
    return head.ljust(128, b"\0") + index + body
