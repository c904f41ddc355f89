"""Frames to a film: MP4 (H.264), WebM (VP9), animated WebP and GIF, one frame at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.filter import Graph
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from PIL import Image

from reexposure.errors import PhotoError
from reexposure.files import written_aside


@dataclass(frozen=True)
class Kind:
    """A film format: its container and codec in FFmpeg's words, and what suits it when nothing is asked for."""

    container: str
    codec: str
    pixels: str
    fps: float
    size_px: int
    options: dict[str, str]
    container_options: dict[str, str] = field(default_factory=dict)
    max_fps: float = 120


KINDS = {
    # aq-mode 3 spends bits in the dark, where a sky would show bands.
    ".mp4": Kind(
        "mp4", "libx264", "yuv420p", 30, 1280,
        {"crf": "17", "preset": "medium", "x264-params": "aq-mode=3"}, {"movflags": "+faststart"},
    ),
    ".webm": Kind(
        "webm", "libvpx-vp9", "yuv420p", 30, 1280,
        {"crf": "24", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"},
        {"fflags": "bitexact"},  # else its tracks have random numbers
    ),
    # Whole frames: libwebp_anim leaves blocks of the frame before where little changed, and a slow fade is all blocks.
    ".webp": Kind("webp", "libwebp", "yuv420p", 20, 800, {"quality": "88"}, {"loop": "0"}),
    ".gif": Kind("gif", "gif", "pal8", 12.5, 560, {}, {"loop": "0"}, max_fps=50),
}  # fmt: skip

PALETTE = {"palettegen": "stats_mode=single", "paletteuse": "new=1:dither=bayer:bayer_scale=3"}
"""Each frame of a GIF has 256 colours of its own; an ordered pattern stays put where noise would boil."""


def kind_of(path: Path) -> Kind:
    """The format that the suffix names; PhotoError naming the file for any other."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise PhotoError(f"{path}: unknown format; write one of {', '.join(KINDS)}")
    return kind


def timed(kind: Kind, fps: float) -> float:
    """The rate nearest to ``fps`` that a format can time: a GIF shows a frame for whole hundredths of a second."""
    return 100 / max(2, round(100 / fps)) if kind.codec == "gif" else fps


def write_film(
    path: Path,
    frames: Iterable[Image.Image],
    size_px: tuple[int, int],
    fps: float,
    *,
    overwrite: bool = True,
    command: str = "",
) -> None:
    """Encode sRGB ``frames`` of ``size_px`` (w, h; both even) at ``fps`` into the format ``path`` names.

    The film appears whole or not at all, and holds only a few frames in memory at a time.
    .mp4 and .webm record ``command``, if any, as their comment. Raises PhotoError naming the file if it cannot be
    written.
    """
    kind = kind_of(path)
    try:
        with (
            written_aside(path, overwrite) as aside,
            av.open(str(aside), "w", format=kind.container, options=kind.container_options) as film,
        ):
            if command:
                film.metadata["comment"] = command
            _encode(film, kind, frames, size_px, Fraction(fps).limit_denominator(1001))
    except av.FFmpegError as error:
        raise PhotoError(f"{path}: cannot be written ({(error.strerror or 'encoder failed').lower()})") from error
    except OSError as error:
        raise PhotoError(str(error)) from error


def _encode(film: Any, kind: Kind, frames: Iterable[Image.Image], size_px: tuple[int, int], fps: Fraction) -> None:
    stream = film.add_stream(kind.codec, rate=fps, options=kind.options)
    stream.width, stream.height = size_px
    stream.pix_fmt = kind.pixels
    coder = stream.codec_context
    coder.time_base = 1 / fps
    if kind.pixels == "yuv420p":
        # The frames are sRGB: saying so keeps players from guessing another matrix or gamma by size.
        coder.colorspace, coder.color_range = Colorspace.ITU709, ColorRange.MPEG
        coder.color_primaries, coder.color_trc = ColorPrimaries.BT709, ColorTrc.IEC61966_2_1
    graph = _palette_graph(size_px, fps) if kind.pixels == "pal8" else None
    for number, picture in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(np.asarray(picture), "rgb24")
        frame.pts, frame.time_base = number, 1 / fps
        if graph is not None:
            graph.vpush(frame)
            frame = graph.vpull()
        elif kind.codec == "libwebp":
            frame = frame.reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU601,
                dst_color_range=ColorRange.MPEG,
                interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
            )
        else:
            frame = frame.reformat(
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                dst_color_trc=ColorTrc.IEC61966_2_1,
                dst_color_primaries=ColorPrimaries.BT709,
                interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
            )
        frame.pts, frame.time_base = number, 1 / fps
        film.mux(stream.encode(frame))
    film.mux(stream.encode(None))


def _palette_graph(size_px: tuple[int, int], fps: Fraction) -> Graph:
    """FFmpeg's palette filters: every frame in, the same frame in its best 256 colours out."""
    graph = Graph()
    source = graph.add_buffer(width=size_px[0], height=size_px[1], format=av.VideoFormat("rgb24"), time_base=1 / fps)
    split = graph.add("split")
    colours, use = (graph.add(name, options) for name, options in PALETTE.items())
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(colours, 1, 0)
    colours.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph
