"""How fast the page's slider is: time for a frame of the 12-megapixel example photo, in a real browser.

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
  const { paint, view } = reexposure, { gl } = paint, pixel = new Uint8Array(4), times = [];
  for (let frame = 0; frame < 60; frame++) {
    view.ev = -3 + frame / 20;
    const start = performance.now();
    paint.draw(view.look());
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel); // waits until the frame is drawn
    times.push(performance.now() - start);
  }
  return times;
}"""


def main() -> None:
    if "--gpu" in sys.argv:
        serving.SOFTWARE = ("--no-sandbox",)
    with serving.browser() as chromium, serving.served() as (_, address):
        page = serving.opened(chromium.new_page(viewport={"width": 1440, "height": 900}), address)
        page.set_input_files("#file", ROOT / "examples" / "sunset.jpg")
        serving.until(page, "reexposure.album.current?.opened")
        page.wait_for_timeout(1000)
        times = page.evaluate(FRAMES)
        size = page.evaluate("() => `${reexposure.view.canvas.width} x ${reexposure.view.canvas.height}`")
        print(f"median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms, canvas of {size} pixels")


if __name__ == "__main__":
    main()
