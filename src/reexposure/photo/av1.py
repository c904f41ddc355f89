"""What an AV1 stream says of its pictures before they are decoded: the boxes around it may say something else.

Source: AOMedia, "AV1 Bitstream & Decoding Process Specification", 5.3 to 5.5.
"""

from __future__ import annotations

SEQUENCE_HEADER, MAX_UNITS, ENOUGH = 1, 16, 128
"""ENOUGH: bytes of a sequence header that hold all that is read here."""


def size(stream: bytes) -> tuple[int, int] | None:
    """Height and width in pixels of the largest frame that a stream may have; None if its beginning does not say."""
    at = 0
    for _ in range(MAX_UNITS):
        if at >= len(stream):
            return None
        head = stream[at]
        at += 2 if head & 4 else 1
        length = len(stream) - at
        if head & 2:
            length, at = _leb128(stream, at)
        if head >> 3 & 15 == SEQUENCE_HEADER:
            return _frame_size(_Bits(stream[at : at + min(length, ENOUGH)]))
        at += length
    return None


class _Bits:
    """Numbers out of bytes, from the highest bit on; zeros follow the end."""

    def __init__(self, data: bytes) -> None:
        self.bits, self.left = int.from_bytes(data, "big") << 512, 8 * len(data) + 512

    def read(self, count: int) -> int:
        self.left = max(0, self.left - count)
        return self.bits >> self.left & ((1 << count) - 1)


def _frame_size(bits: _Bits) -> tuple[int, int]:
    bits.read(4)  # profile, whether it is a still picture
    if bits.read(1):  # the short header of still pictures
        bits.read(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    width = bits.read(width_bits) + 1
    return bits.read(height_bits) + 1, width


def _skip_operating_points(bits: _Bits) -> None:
    model, delay_bits = 0, 0
    if bits.read(1):  # timing
        bits.read(64)
        if bits.read(1):
            _uvlc(bits)
        model = bits.read(1)
        if model:
            delay_bits = bits.read(5) + 1
            bits.read(42)
    delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.read(1)
        if model and bits.read(1):
            bits.read(2 * delay_bits + 1)
        if delay and bits.read(1):
            bits.read(4)


def _uvlc(bits: _Bits) -> None:
    zeros = 0
    while zeros < 32 and not bits.read(1):
        zeros += 1
    bits.read(zeros)


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, and what is behind it."""
    value = 0
    for place in range(8):
        byte = data[at + place] if at + place < len(data) else 0
        value |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return value, at + place + 1
    return value, at + 8
