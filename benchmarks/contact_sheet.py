"""Photographs by two networks on one sheet: whole where their burnt part is mid grey (by the second), near at -4 EV.

python benchmarks/contact_sheet.py OUT.webp PHOTO... --networks BEFORE=FOLDER AFTER=FOLDER [--sources SOURCES.csv]

NAME= alone is the released network; an older one comes out of the history, for instance

git archive 6de5901^ src/reexposure/weights | tar x -C old      (old/src/reexposure/weights)

OUT is no larger than MOST_BYTES. With a list of sources (columns name, author, licence, source, people) those that are
free of all conditions and show nobody are taken of the photographs named, and what is to be said of them is printed.
"""

import argparse
import csv
import io
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from before_after import BURNT_FROM, CLOSE_PX, DARK_EV, burnt_window, re_exposed
from PIL import Image, ImageDraw, ImageFont
from signs import choose

from reexposure import fonts

TILE_PX, GAP_PX, HEAD_PX, LINE_PX = (300, 220), 6, 30, 24
MOST_BYTES, BEST_QUALITY = 600_000, 88
FREE = ("cc0", "public domain")


def is_free(row: dict[str, str]) -> bool:
    """Whether a photograph may be shown by anybody, without conditions, and nobody is in it."""
    return row["people"] == "no" and row["licence"].lower().startswith(FREE)


def tiles(path: Path, ev: float | None) -> tuple[float, list[Image.Image]]:
    """The exposure that shows the burnt part, the photo there, reduced to a tile, and a tile of it at DARK_EV."""
    ev, pixels, (whole, dark) = re_exposed(path, ev)
    whole.thumbnail(TILE_PX, Image.Resampling.LANCZOS)
    top, left = burnt_window(pixels)
    burnt = np.argwhere(pixels[top : top + CLOSE_PX, left : left + CLOSE_PX].min(-1) >= BURNT_FROM)
    down, along = burnt.mean(0) + np.array([top, left]) if len(burnt) else (top, left)
    sizes = zip((along, down), TILE_PX, dark.size, strict=True)
    x, y = (int(max(0, min(at - tile // 2, side - tile))) for at, tile, side in sizes)
    return ev, [whole, dark.crop((x, y, x + TILE_PX[0], y + TILE_PX[1]))]


def sheet(titles: list[str], rows: list[tuple[str, list[Image.Image]]]) -> Image.Image:
    """Rows of pictures with their names above them, under the titles of the columns."""
    heights = [LINE_PX + max(picture.height for picture in made) + GAP_PX for _, made in rows]
    page = Image.new("RGB", (len(titles) * (TILE_PX[0] + GAP_PX) - GAP_PX, HEAD_PX + sum(heights)), "white")
    draw = ImageDraw.Draw(page)
    head, plain = (ImageFont.truetype(str(file), size) for file, size in ((fonts.SEMIBOLD, 17), (fonts.REGULAR, 14)))
    for column, title in enumerate(titles):
        draw.text((column * (TILE_PX[0] + GAP_PX), HEAD_PX / 2), title, "black", head, anchor="lm")
    top = HEAD_PX
    for (name, made), height in zip(rows, heights, strict=True):
        draw.text((0, top + LINE_PX / 2), name, "black", plain, anchor="lm")
        for column, picture in enumerate(made):
            page.paste(picture, (column * (TILE_PX[0] + GAP_PX), top + LINE_PX))
        top += height
    return page


def compressed(page: Image.Image, suffix: str) -> bytes:
    """The sheet in the best quality that keeps it within MOST_BYTES."""
    for quality in range(BEST_QUALITY, 9, -6):
        buffer = io.BytesIO()
        page.save(buffer, {".webp": "WEBP"}.get(suffix, "JPEG"), quality=quality)
        if buffer.tell() <= MOST_BYTES:
            break
    return buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--networks", nargs=2, required=True, metavar="NAME=FOLDER")
    parser.add_argument("--sources", type=Path)
    arguments = parser.parse_args()
    photos = arguments.photos
    if arguments.sources:
        listed = {row["name"]: row for row in csv.DictReader(arguments.sources.open(newline=""))}
        photos = [path for path in photos if path.name in listed and is_free(listed[path.name])]
        for path in photos:
            row = listed[path.name]
            print(f"- {path.stem}: {row['author']}, {row['licence']} ({row['source']})")
    evs: dict[Path, float] = {}
    made: dict[str, dict[Path, list[Image.Image]]] = {}
    names, folders = zip(*(one.split("=", 1) for one in arguments.networks), strict=True)
    for name, folder in reversed([*zip(names, folders, strict=True)]):  # the second says which exposure
        with ProcessPoolExecutor(1, get_context("spawn"), choose, (folder,)) as pool:
            made[name] = {}
            for path in photos:
                evs[path], made[name][path] = pool.submit(tiles, path, evs.get(path)).result()
    titles = [f"{name}, {where}" for where in ("burnt part mid grey", f"{DARK_EV:g} EV, 100 %") for name in names]
    rows = [
        (f"{path.stem}, {evs[path]:+.1f} and {DARK_EV:g} EV", [made[name][path][at] for at in (0, 1) for name in names])
        for path in photos
    ]
    arguments.out.write_bytes(compressed(sheet(titles, rows), arguments.out.suffix.lower()))


if __name__ == "__main__":
    main()
