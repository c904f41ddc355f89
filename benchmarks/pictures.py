"""Every picture of README, docs and the page, made anew: after the network or the page changed.

python benchmarks/pictures.py PANORAMA.hdr

PANORAMA is an HDR scene by day that the network was not trained on: docs/failures.jpg shows a sky of it, burnt out
whole, beside a face and print (the public-domain pictures `astronaut` and `page` of scikit-image, taken as scenes).
"""

import io
import sys
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageFont

import reexposure as rx
from reexposure import fonts, scenes
from reexposure.figures import comparison
from reexposure.figures.closeup import brightness_change
from reexposure.light import camera
from reexposure.photo.photo import Photo
from reexposure.radiance import with_openimageio

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import serving  # noqa: E402

EXAMPLE, DOCS = ROOT / "examples" / "sunset.jpg", ROOT / "docs"
STATIC = ROOT / "src" / "reexposure" / "page" / "ui"
SQRT = camera.RESPONSES["sqrt"]
TILE_PX, GAP_PX = (420, 300), 8


def taken(scene: np.ndarray, ev: float) -> Photo:
    """An 8-bit photo of linear light at ``ev`` stops."""
    return Photo(np.rint(255 * camera.photograph(scene, np.float32(ev), SQRT)).astype(np.uint8))


def burnt_sky(path: Path) -> np.ndarray:
    """A view of a panorama with the horizon in the middle, of which half clips in all channels."""
    light = with_openimageio.read(path)
    looking = scenes.Camera(yaw=0.0, pitch=np.radians(8), roll=0.0, fov=np.radians(85))
    view = scenes.perspective(light, looking, TILE_PX[1], TILE_PX[0])
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


def failures(path: Path) -> Image.Image:
    """Where the network fails, beside the truth."""
    scenes = [
        (burnt_sky(path), -2.0),
        (picture(skimage.data.astronaut()) * 2**2.5, -2.5),
        (picture(skimage.data.page()) * 2**2.0, -2.0),
    ]
    rows = []
    for scene, ev in scenes:
        photo = taken(scene, 0)
        tiles = photo, brightness_change(photo, ev), rx.reconstruct(photo).expose(ev), taken(scene, ev)
        rows.append([Image.fromarray(tile.pixels) for tile in tiles])
    return sheet(("Photo", "Brightness change", "Re-exposed", "Truth"), rows)


def sheet(titles: tuple[str, ...], rows: list[list[Image.Image]]) -> Image.Image:
    """Pictures of one size in rows, titles above them."""
    (width, height), head = rows[0][0].size, 34
    whole = (len(titles) * (width + GAP_PX) - GAP_PX, head + len(rows) * (height + GAP_PX) - GAP_PX)
    page = Image.new("RGB", whole, "white")
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(fonts.SEMIBOLD), 19)
    for column, title in enumerate(titles):
        draw.text((column * (width + GAP_PX), head / 2), title, "black", font, anchor="lm")
        for row, tiles in enumerate(rows):
            page.paste(tiles[column], (column * (width + GAP_PX), head + row * (height + GAP_PX)))
    return page


def page_shot() -> Image.Image:
    """The page with the example photo two stops darker, divider shown."""
    with serving.browser() as chromium, serving.served() as (_, address):
        page = serving.opened(chromium.new_page(viewport={"width": 1600, "height": 1000}, color_scheme="dark"), address)
        page.set_input_files("#file", EXAMPLE)
        serving.until(page, "reexposure.album.current?.opened && !reexposure.busy")
        page.evaluate(
            "() => { reexposure.slider.set(-2); document.querySelector('#compare [value=divider]').click(); }"
        )
        page.wait_for_timeout(1000)
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main() -> None:
    photo = rx.open(EXAMPLE)
    scene = rx.reconstruct(photo)
    plain, light = brightness_change(photo, -2.0), scene.expose(-2)

    def reduced(one: Photo, size: tuple[int, int]) -> Image.Image:
        return Image.fromarray(one.pixels).resize(size, Image.Resampling.LANCZOS)

    titles = ("The photo", "Brightness change, -2 EV", "Re-exposed, -2 EV")
    tiles = [reduced(one, (520, 347)) for one in (photo, plain, light)]
    sheet(titles, [tiles]).save(DOCS / "sunset.jpg", quality=90)
    comparison.compare(scene, DOCS / "compare.jpg", -3.0, long_px=1600)
    failures(Path(sys.argv[1])).save(DOCS / "failures.jpg", quality=88)
    page_shot().save(DOCS / "page.jpg", quality=88)
    for name, one in (("plain", plain), ("light", light)):
        reduced(one, (960, 640)).save(STATIC / f"teaser-{name}.jpg", quality=86)


if __name__ == "__main__":
    main()
