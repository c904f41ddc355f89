"""Camera raw: told from photos by its content, since its name says nothing for sure.

Most raw files are TIFF whose first directory holds a thumbnail; read as a photo, that is what
one would get. Sources: Adobe, "Digital Negative (DNG) Specification 1.7"; ISO 12234-2 (TIFF/EP);
the makers' layouts as ExifTool, LibRaw and dcraw describe them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from reexposure.photo.ifd import Directories

MAGIC = (
    (0, b"IIU\0"),  # Panasonic and Leica: RW2, RWL
    (0, b"IIRO"), (0, b"IIRS"), (0, b"MMOR"),  # Olympus: ORF
    (0, b"FUJIFILMCCD-RAW"),  # RAF
    (0, b"FOVb"),  # Sigma: X3F
    (0, b"\0MRM"),  # Minolta: MRW
    (0, b"ARRI\x12\x34\x56\x78"),  # film cameras: ARI
    (4, b"ftypcrx "),  # Canon: CR3
    (6, b"HEAPCCDR"),  # Canon: CRW
)  # fmt: skip
"""Where a maker's own sign stands, and what it is."""
TIFF_MAGIC = (b"CR\2", b"IIII", b"MMMM")
"""What Canon (CR2) and Phase One (IIQ) write behind the head of a TIFF."""

SUBFILE, COMPRESSION, PHOTOMETRIC, SUB_IFDS, DNG_VERSION = 254, 259, 262, 330, 50706
SENSOR_DATA = (32803, 34892)
"""PhotometricInterpretation of a colour filter array, and of light before its development."""
RAW_COMPRESSIONS = (262, 32767, 32770, 34713, 65000, 65535)
"""Compressions that only cameras write: Kodak, Sony, Samsung, Nikon, Kodak, Pentax."""
WANTED = (SUBFILE, COMPRESSION, PHOTOMETRIC, SUB_IFDS, DNG_VERSION)
MAX_BELOW = 16

Tags = dict[int, list[int]]


def is_raw(data: bytes) -> bool:
    """Whether a file's bytes are camera raw."""
    if any(data.startswith(sign, at) for at, sign in MAGIC):
        return True
    try:
        file = Directories(data)
    except ValueError:
        return False
    first = _tags(file, file.first)
    if data.startswith(TIFF_MAGIC, 8) or DNG_VERSION in first:
        return True
    if SUB_IFDS in first and first.get(SUBFILE, [0])[0] & 1:  # a thumbnail
        return True  # and the picture itself lies where photos have smaller copies
    return any(_holds_sensor_data(_tags(file, at)) for at in dict.fromkeys(_directories(file)))


def _holds_sensor_data(tags: Tags) -> bool:
    return tags.get(PHOTOMETRIC, [0])[0] in SENSOR_DATA or tags.get(COMPRESSION, [0])[0] in RAW_COMPRESSIONS


def _directories(file: Directories) -> Iterator[int]:
    """Where directories are: those of the chain, each followed by those below it."""
    for at in file.chain():
        yield at
        yield from _tags(file, at).get(SUB_IFDS, [])


def _tags(file: Directories, at: int) -> Tags:
    """The first values of a directory's tags, as far as it can be read."""
    found: Tags = {}
    with contextlib.suppress(ValueError):
        for entry in file.entries(at):
            if entry.tag in WANTED and entry.tag not in found:
                found[entry.tag] = file.values_of(entry, MAX_BELOW) or [0]
    return found
