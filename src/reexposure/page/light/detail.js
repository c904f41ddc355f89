// Detail drawn over faithful light, as reexposure/reconstruction/detail.py does it; its comments say why.

import { OVER_FROM } from "./camera.js";
import { look } from "./look.js";
import { noise } from "./noise.js";
import NUMBERS from "./numbers.json" with { type: "json" };
import { bilinear, widen } from "./resample.js";

const AROUND_PX = 5 * NUMBERS.stride_px;

/**
 * Stops to be added to the gain of a photo, RGBA bytes: { rows, map } with the map at the photo's width, or null where
 * there are none. `gain` is the small one, { rows, columns, map }; `network.drawn(photo, gain, noise, height, width)`
 * runs the graph; `amount` is from 0 to 1.
 */
export async function draw(rgba, width, height, space, gain, network, { amount, seed }) {
  if (!amount) return null;
  const { rows, columns, seen } = look(rgba, width, height, space, NUMBERS.detail_px);
  const lost = (at) => Math.min(seen[3 * at], seen[3 * at + 1], seen[3 * at + 2]) > OVER_FROM;
  let [top, bottom, left, right] = [rows, 0, columns, 0];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (lost(y * columns + x)) [top, bottom, left, right] = [Math.min(top, y), y + 1, Math.min(left, x), Math.max(right, x + 1)];
    }
  }
  if (!bottom) return null;
  [top, bottom] = withSurroundings(top, bottom, rows);
  [left, right] = withSurroundings(left, right, columns);
  const size = (bottom - top) * (right - left) * 3;
  const [photo, faithful, map] = [new Float32Array(size), new Float32Array(size), new Float32Array(rows * columns * 3)];
  const wide = widen(gain.map, gain.columns, gain.rows, columns);
  const each = (visit) => {
    for (let y = top, to = 0; y < bottom; y++) for (let at = 3 * (y * columns + left); at < 3 * (y * columns + right); at++) visit(at, to++, y);
  };
  let [row, above, below, share] = [-1, 0, 0, 0];
  each((at, to, y) => {
    if (y !== row) [row, above, below, share] = [y, ...bilinear(gain.rows, rows, y)];
    const x = at - 3 * y * columns;
    const first = wide[3 * above * columns + x];
    photo[to] = seen[at];
    faithful[to] = first + share * (wide[3 * below * columns + x] - first);
  });
  const drawn = await network.drawn(photo, faithful, noise(seed, top, bottom, left, right), bottom - top, right - left);
  each((at, to) => (map[at] = amount * drawn[to]));
  return { rows, map: widen(map, columns, rows, width) };
}

/** From `first` to `last` and what is seen around it, beginning at a multiple of the stride. */
function withSurroundings(first, last, size) {
  const stride = NUMBERS.stride_px;
  return [Math.floor(Math.max(0, first - AROUND_PX) / stride) * stride, Math.min(size, Math.ceil((last + AROUND_PX) / stride) * stride)];
}
