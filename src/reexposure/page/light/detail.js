// Detail drawn over faithful light, as reexposure/reconstruction/detail.py does it; its comments say why.

import { HALF_VALUES, OVER_BYTE, OVER_FROM, overExposure, toHalf } from "./camera.js";
import { decoder } from "./curves.js";
import { look } from "./look.js";
import { noise } from "./noise.js";
import NUMBERS from "./numbers.json" with { type: "json" };
import { bilinear, widen } from "./resample.js";

const AROUND_PX = 6 * NUMBERS.stride_px;

/** @typedef {{ rows: number, columns: number, stops: Uint16Array }} Drawn RGBA half floats: stops to be added to the gain */

/**
 * What `seed` draws over a photo, RGBA bytes. `gain` is the small map of `reconstruct`;
 * `network.drawn(photo, gain, noise, height, width)` runs the graph.
 * @returns {Promise<Drawn>}
 */
export async function draw(rgba, width, height, space, gain, network, seed) {
  const { rows, columns, seen } = look(rgba, width, height, space, NUMBERS.detail_px);
  const lost = (at) => Math.min(seen[3 * at], seen[3 * at + 1], seen[3 * at + 2]) > OVER_FROM;
  const stops = new Uint16Array(4 * rows * columns);
  let [top, bottom, left, right] = [rows, 0, columns, 0];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (lost(y * columns + x)) [top, bottom, left, right] = [Math.min(top, y), y + 1, Math.min(left, x), Math.max(right, x + 1)];
    }
  }
  if (!bottom) return { rows, columns, stops };
  [top, bottom] = withSurroundings(top, bottom, rows);
  [left, right] = withSurroundings(left, right, columns);
  const size = (bottom - top) * (right - left) * 3;
  const [photo, faithful] = [new Float32Array(size), new Float32Array(size)];
  const wide = widen(gain.map, gain.columns, gain.rows, columns);
  let to = 0;
  for (let y = top; y < bottom; y++) {
    const [above, below, share] = bilinear(gain.rows, rows, y);
    for (let x = 3 * left; x < 3 * right; x++, to++) {
      const first = wide[3 * above * columns + x];
      photo[to] = seen[3 * y * columns + x];
      faithful[to] = first + share * (wide[3 * below * columns + x] - first);
    }
  }
  const drawn = await network.drawn(photo, faithful, noise(seed, top, bottom, left, right), bottom - top, right - left);
  for (let y = top, from = 0; y < bottom; y++) {
    for (let at = 4 * (y * columns + left); at < 4 * (y * columns + right); at++) if ((at & 3) !== 3) stops[at] = toHalf(drawn[from++]);
  }
  return { rows, columns, stops };
}

/**
 * A function that draws over one pixel of a scene: `over(rgb, x, y)` changes three numbers of linear light in place,
 * where the photo is over-exposed. `amount` is from 0 to 1. As the shader does it.
 * @param {{ photo: ArrayLike<number>, width: number, height: number, curve: any, drawn: Drawn }} scene
 */
export function drawer({ photo, width, height, curve, drawn }, amount) {
  const levels = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
  const decode = decoder(curve);
  const share = Array.from(levels, overExposure);
  const own = Array.from(levels, (level, byte) => decode(level) ** (1 - share[byte])); // what no detail darkens
  const across = Array.from({ length: width }, (_, x) => bilinear(drawn.columns, width, x));
  const down = Array.from({ length: height }, (_, y) => bilinear(drawn.rows, height, y));
  const { stops, columns } = drawn;
  return (rgb, x, y) => {
    const at = 4 * (y * width + x);
    if (Math.max(photo[at], photo[at + 1], photo[at + 2]) <= OVER_BYTE) return;
    const [[left, right, along], [top, bottom, below]] = [across[x], down[y]];
    for (let c = 0; c < 3; c++) {
      const byte = photo[at + c];
      if (byte <= OVER_BYTE) continue;
      const row = (line) => {
        const first = HALF_VALUES[stops[4 * (line * columns + left) + c]];
        return first + along * (HALF_VALUES[stops[4 * (line * columns + right) + c]] - first);
      };
      const first = row(top);
      const ev = first + below * (row(bottom) - first);
      if (ev) rgb[c] = Math.max(own[byte], rgb[c] * 2 ** (share[byte] * amount * ev));
    }
  };
}

/** The light of a scene with `amount` of what is `drawn` in it. */
export function detailed(scene, amount) {
  const { light, width, height } = scene;
  const [changed, over, rgb] = [light.slice(), drawer(scene, amount), new Float64Array(3)];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      for (let c = 0; c < 3; c++) rgb[c] = HALF_VALUES[light[at + c]];
      over(rgb, x, y);
      for (let c = 0; c < 3; c++) changed[at + c] = toHalf(rgb[c]);
    }
  }
  return changed;
}

/** From `first` to `last` and what is seen around it, beginning at a multiple of the stride. */
function withSurroundings(first, last, size) {
  const stride = NUMBERS.stride_px;
  return [Math.floor(Math.max(0, first - AROUND_PX) / stride) * stride, Math.min(size, Math.ceil((last + AROUND_PX) / stride) * stride)];
}
