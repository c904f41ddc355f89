"""What reconstruction gains in pushed shadows, on photos instead of HDR scenes.

python benchmarks/shadows.py [PHOTO...]       (default: examples/sunset.jpg)

Each photo is taken again three stops too dark, with noise of 0.3, 0.8 and 2 levels of 8 bits, as a JPEG of quality
92, and pushed back by three stops. The PSNR of what was darker than level 24 is compared with that of the plain
brightness change: at full size, and at a fifth of a megapixel.
"""

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import reexposure as rx
from reexposure.evaluation import metrics
from reexposure.light import camera
from reexposure.photo.photo import Photo

EXAMPLE = Path(__file__).parent.parent / "examples" / "sunset.jpg"
EV, NOISE_LEVELS, SMALL_PX = 3, (0.3, 0.8, 2.0), 200_000
SQRT = camera.RESPONSES["sqrt"]


def jpeg(encoded: np.ndarray, quality: int) -> np.ndarray:
    """8-bit levels of ``encoded`` in [0, 1] after a trip through a JPEG file with half as much colour."""
    buffer = io.BytesIO()
    Image.fromarray(np.rint(encoded * 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality, subsampling=2)
    return np.asarray(Image.open(buffer))


def taken(scene: np.ndarray, noise_levels: float) -> Photo:
    """A JPEG of ``scene`` with noise."""
    noise = np.random.default_rng(0).normal(0, noise_levels, scene.shape)
    encoded = (camera.photograph(scene) + noise / 255).clip(0, 1)
    return Photo(jpeg(encoded, quality=92))


def gain_db(scene: np.ndarray, noise_levels: float) -> float:
    """dB over the plain brightness change in what was crushed."""
    dark = taken(scene, noise_levels)
    lost, plain = metrics.lost(dark.pixels, "shadows"), SQRT.decode(dark.pixels / np.float32(255))
    if not lost.any():
        return float("nan")
    lights = rx.reconstruct(dark, detail=0).linear, plain
    ours, naive = (metrics.picture_errors(light, scene, lost, (float(EV),))["psnr_lost"] for light in lights)
    return ours - naive


def main() -> None:
    print("photo, size: dB gained at noise of " + ", ".join(f"{noise:g}" for noise in NOISE_LEVELS) + " levels")
    for path in [Path(name) for name in sys.argv[1:]] or [EXAMPLE]:
        whole = Image.open(path).convert("RGB")
        small = whole.copy()
        small.thumbnail([round(side * (SMALL_PX / (whole.width * whole.height)) ** 0.5) for side in whole.size])
        for picture in (whole, small):
            scene = camera.expose(SQRT.decode(np.asarray(picture, np.float32) / 255), np.float32(-EV))
            gains = "  ".join(f"{gain_db(scene, noise):+.2f}" for noise in NOISE_LEVELS)
            print(f"{path.name}, {picture.width} x {picture.height}: {gains}", flush=True)


if __name__ == "__main__":
    main()
