"""The picture of the model card: where the network fails, beside the truth.

python benchmarks/failures.py PANORAMA.hdr -o docs/failures.jpg

Rows: a sky that is burnt out whole (a view of PANORAMA, any HDR scene by day), a face, and print. Face and print are
the public-domain pictures `astronaut` and `page` of scikit-image (pip install scikit-image), taken as scenes.
"""

import argparse
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageFont

import reexposure as rx
from reexposure import camera, fonts, panorama
from reexposure.figures.closeup import brightness_change
from reexposure.formats import interchange
from reexposure.photo import Photo

SQRT = camera.RESPONSES["sqrt"]
TILE_PX, GAP_PX = (420, 300), 8
TITLES = ("Photo", "Brightness change", "Re-exposed", "Truth")


def taken(scene: np.ndarray, ev: float) -> Photo:
    """An 8-bit photo of linear light at ``ev`` stops."""
    return Photo(np.rint(255 * camera.photograph(scene, np.float32(ev), SQRT)).astype(np.uint8))


def burnt_sky(path: Path) -> np.ndarray:
    """A view of a panorama with the horizon in the middle, of which half clips in all channels."""
    light = interchange.read(path)
    looking = panorama.Camera(yaw=0.0, pitch=np.radians(8), roll=0.0, fov=np.radians(85))
    view = panorama.perspective(light, looking, TILE_PX[1], TILE_PX[0])
    return view / np.quantile(view.min(-1), 0.5)


def picture(values: np.ndarray) -> np.ndarray:
    """The light of an 8-bit picture, cut to the shape of a tile."""
    values = values if values.ndim == 3 else np.repeat(values[..., None], 3, -1)
    tile = Image.fromarray(values).resize(TILE_PX, Image.Resampling.LANCZOS, box=_box(values))
    return SQRT.decode(np.asarray(tile, np.float32) / 255)


def _box(values: np.ndarray) -> tuple[float, float, float, float]:
    height, width = values.shape[:2]
    tall = min(height, width * TILE_PX[1] / TILE_PX[0])
    wide = tall * TILE_PX[0] / TILE_PX[1]
    return (width - wide) / 2, 0, (width + wide) / 2, tall


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("panorama", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    arguments = parser.parse_args()
    scenes = [
        (burnt_sky(arguments.panorama), -2.0),
        (picture(skimage.data.astronaut()) * 2**2.5, -2.5),
        (picture(skimage.data.page()) * 2**2.0, -2.0),
    ]
    head = 34
    width = len(TITLES) * (TILE_PX[0] + GAP_PX) - GAP_PX
    sheet = Image.new("RGB", (width, head + len(scenes) * (TILE_PX[1] + GAP_PX) - GAP_PX), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.truetype(str(fonts.SEMIBOLD), 19)
    for column, title in enumerate(TITLES):
        draw.text((column * (TILE_PX[0] + GAP_PX), head / 2), title, "black", font, anchor="lm")
    for row, (scene, ev) in enumerate(scenes):
        photo = taken(scene, 0)
        shown = photo, brightness_change(photo, ev), rx.reconstruct(photo).expose(ev), taken(scene, ev)
        for column, tile in enumerate(shown):
            place = column * (TILE_PX[0] + GAP_PX), head + row * (TILE_PX[1] + GAP_PX)
            sheet.paste(Image.fromarray(tile.pixels), place)
    sheet.save(arguments.out, quality=90)


if __name__ == "__main__":
    main()
