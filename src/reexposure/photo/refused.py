"""What is not read: files known by their content, each with the reason in a user's words."""

from __future__ import annotations

from reexposure.photo import jxl, jxl_header, rare_jpeg, raw, tiff, with_imagecodecs

CAMERA_RAW = "camera raw; develop it to TIFF or JPEG first"

PICTURES = (
    (0, b"\0\0\0\x0cjP", "a JPEG 2000 picture"), (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (0, b"II\xbc", "a JPEG XR picture"), (0, b"BPG\xfb", "a BPG picture"),
    (0, b"8BPS", "a Photoshop document (PSD)"), (0, b"gimp xcf", "a GIMP document (XCF)"),
    (0, b"%PDF", "a PDF document"), (0, b"%!PS", "a PostScript document"), (0, b"\xc5\xd0\xd3\xc6", "an EPS document"),
    (0, b"\0\0\1\0", "an icon (ICO)"), (0, b"DDS ", "a texture (DDS)"), (0, b"qoif", "a QOI picture"),
    (0, b"SDPX", "a DPX picture"), (0, b"XPDS", "a DPX picture"), (0, b"\x80\x2a\x5f\xd7", "a Cineon picture"),
    (0, b"SIMPLE  =", "an astronomical picture (FITS)"), (0, b"\x01\xda", "an SGI picture"),
)  # fmt: skip
"""Where a sign stands, what it is, and which kind of picture has it."""
OTHERS = (
    (0, b"\x1a\x45\xdf\xa3", "a video (Matroska or WebM)"), (8, b"AVI ", "a video (AVI)"),
    (0, b"\0\0\1\xba", "a video (MPEG)"), (0, b"\0\0\1\xb3", "a video (MPEG)"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a video (WMV)"), (4, b"moov", "a video (MOV)"),
    (4, b"mdat", "a video (MOV)"), (4, b"wide", "a video (MOV)"), (0, b"OggS", "a video or sound (Ogg)"),
    (4, b"\x11\xaf", "an animation (FLI)"), (4, b"\x12\xaf", "an animation (FLC)"),
    (8, b"WAVE", "a sound (WAV)"), (0, b"ID3", "a sound (MP3)"),
    (0, b"PK\3\4", "a ZIP archive"), (0, b"\x1f\x8b", "a compressed file (gzip)"),
)  # fmt: skip
BRANDS = {
    b"qt": "a video (MOV)", b"M4V": "a video (MP4)", b"mp4": "a video (MP4)", b"iso": "a video (MP4)",
    b"avc1": "a video (MP4)", b"dash": "a video (MP4)", b"MSNV": "a video (MP4)", b"3g": "a video (3GP)",
    b"M4A": "a sound (M4A)",
}  # fmt: skip
"""How the brands of ISO base media files that hold no picture begin."""


def reason(data: bytes) -> str | None:
    """Why a file cannot be read, in words that follow its name; None for what may be a picture."""
    if raw.is_raw(data):
        return CAMERA_RAW
    told = (why(data) for is_kind, why in KINDS if is_kind(data))
    return next(filter(None, told), None) or _other(data)


def _drawing(data: bytes) -> str | None:
    head = data[:65536].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head:
        return "a drawing (SVG)"
    return "a web page" if head.startswith((b"<!doctype html", b"<html")) else None


def _other(data: bytes) -> str | None:
    """What no reader here is asked for."""
    for at, sign, kind in PICTURES:
        if data.startswith(sign, at):
            return f"{kind}, which is not read; save it as TIFF, PNG or JPEG first"
    if _is_boxes(data):
        other = next((kind for brand, kind in BRANDS.items() if data.startswith(brand, 8)), None)
    else:
        other = _drawing(data) or next((kind for at, sign, kind in OTHERS if data.startswith(sign, at)), None)
    return f"{other}, not a photo" if other else None


def _is_jpeg(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8")


def _is_boxes(data: bytes) -> bool:
    return data.startswith(b"ftyp", 4)


KINDS = (
    (_is_jpeg, rare_jpeg.reason),
    (jxl.is_jxl, jxl_header.reason),
    (tiff.is_tiff, tiff.reason),
    (_is_boxes, with_imagecodecs.reason),
)
"""Kinds that are read with exceptions: which files are of it, and why one of them is not read."""
