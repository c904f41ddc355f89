"""How fast the page's sliders are: time for a frame of the 12-megapixel example photo, in a real browser.

Exposure alone, and with highlights, shadows and a gradient in use, in turns, so that both see the same machine.

python benchmarks/slider.py              # software rendering, as in the tests
python benchmarks/slider.py --gpu        # what this machine's graphics card does
"""

import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import serving  # noqa: E402

FRAMES = """() => {
  const { paint, view } = reexposure, { gl } = paint, pixel = new Uint8Array(4), times = { exposure: [], all: [] };
  const gradient = { ev: -1.5, from: [0.5, 0.1], to: [0.6, 0.7], where: "line" };
  const sliders = {
    exposure: { highlights: 0, shadows: 0, gradient: null },
    all: { highlights: -80, shadows: 60, gradient },
  };
  for (let frame = 0; frame < 60; frame++) {
    for (const [which, settings] of Object.entries(sliders)) {
      Object.assign(view, settings, { ev: -3 + frame / 20 });
      const start = performance.now();
      paint.draw(view.look());
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel); // waits until the frame is drawn
      times[which].push(performance.now() - start);
    }
  }
  return times;
}"""


def main() -> None:
    if "--gpu" in sys.argv:
        serving.SOFTWARE = ("--no-sandbox",)
    with serving.browser() as chromium, serving.served() as (_, address):
        page = serving.opened(chromium.new_page(viewport={"width": 1440, "height": 900}), address)
        page.set_input_files("#file", ROOT / "examples" / "sunset.jpg")
        serving.until(page, "reexposure.album.current?.opened && !reexposure.busy")
        page.wait_for_timeout(1000)
        times = page.evaluate(FRAMES)
        size = page.evaluate("() => `${reexposure.view.canvas.width} x ${reexposure.view.canvas.height}`")
        medians = {which: statistics.median(frames) for which, frames in times.items()}
        print(f"canvas of {size} pixels")
        for which, frames in times.items():
            print(f"{which:8}  median {medians[which]:.1f} ms, slowest {max(frames):.1f} ms")
        print(f"with all sliders {medians['all'] / medians['exposure']:.2f} times exposure alone")


if __name__ == "__main__":
    main()
