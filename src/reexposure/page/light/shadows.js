// Noise taken out of crushed values, in tiles, as reexposure/reconstruction/shadows.py does it.

import { continued } from "./around.js";
import { UNDER_BYTE, decode, toHalf } from "./camera.js";
import NUMBERS from "./numbers.json" with { type: "json" };

const AROUND_PX = NUMBERS.stride_px;

/** Put the cleaned light of crushed values into `light`, the photo's own; `tell(share)` hears how far it is. */
export async function clean(light, rgba, width, height, network, tell, sphere = false) {
  const by = sphere ? Math.min(AROUND_PX, height) : 0; // of what lies beyond the borders of a panorama
  const [shown, wide] = [by ? continued(rgba, width, height, 4, by) : rgba, width + 2 * by];
  const all = tiles(rgba, width, height);
  for (const [number, [top, bottom, left, right]] of all.entries()) {
    tell(number / all.length);
    const [y0, x0] = [top, left].map((from) => Math.max(-by, from - AROUND_PX));
    const [y1, x1] = [Math.min(height + by, bottom + AROUND_PX), Math.min(width + by, right + AROUND_PX)];
    const seen = new Float32Array((y1 - y0) * (x1 - x0) * 3);
    for (let y = y0, to = 0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        const at = 4 * ((y + by) * wide + x + by);
        for (let c = 0; c < 3; c++) seen[to++] = shown[at + c] / 255;
      }
    }
    const cleaned = await network.cleaned(seen, y1 - y0, x1 - x0);
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const [at, from] = [4 * (y * width + x), 3 * ((y - y0) * (x1 - x0) + x - x0)];
        for (let c = 0; c < 3; c++) if (rgba[at + c] < UNDER_BYTE) light[at + c] = toHalf(decode(cleaned[from + c]));
      }
    }
  }
}

/** The parts of a photo, [top, bottom, left, right], that hold crushed values. */
export function tiles(rgba, width, height) {
  const { rows_px: tall, columns_px: broad, cell_px: cell, few } = NUMBERS.shadows;
  const found = [];
  for (let top = 0; top < height; top += tall) {
    const bottom = Math.min(top + tall, height);
    const crushed = new Uint32Array(Math.ceil(width / cell));
    for (let y = top; y < bottom; y++) {
      for (let x = 0; x < width; x++) {
        const at = 4 * (y * width + x);
        for (let c = 0; c < 3; c++) if (rgba[at + c] < UNDER_BYTE) crushed[Math.floor(x / cell)]++;
      }
    }
    for (let first = 0, last; first < crushed.length; first = last + 1) {
      for (last = first; crushed[last] > few; ) last++;
      for (let left = cell * first; left < Math.min(cell * last, width); left += broad) {
        found.push([top, bottom, left, Math.min(left + broad, cell * last, width)]);
      }
    }
  }
  return found;
}
