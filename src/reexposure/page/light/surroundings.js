// How bright the surroundings of each pixel are, edges kept, and where highlights were reconstructed: a small map that
// does not change with any setting. As reexposure/light/surroundings.py and radiance/developing.py, whose comments say why.

import { HALF_VALUES } from "./camera.js";
import NUMBERS from "./numbers.json" with { type: "json" };
import { boxMeans } from "./resample.js";

const { floor_ev: FLOOR_EV, top_ev: TOP_EV, map_px: MAP_PX, sight: SIGHT, least_sight_px: LEAST_SIGHT_PX, edge_ev: EDGE_EV } = NUMBERS.develop;

/** @typedef {{ rows: number, columns: number, values: Float32Array }} Map four values each: slope and offset of the surroundings and of the area */

/** Log2 luminance of light in stops over 1.0. */
export const luminanceEv = (red, green, blue, weights) =>
  Math.log2(Math.min(2 ** TOP_EV, Math.max(2 ** FLOOR_EV, red * weights[0] + green * weights[1] + blue * weights[2])));

/** Rows and columns of the map of a picture. */
export function mapSize(height, width) {
  const shrink = Math.min(1, Math.sqrt(MAP_PX / (height * width)));
  return [height, width].map((size) => Math.max(1, evenly(size * shrink)));
}

/** Rounded, halves to the even number, as Python does. */
const evenly = (value) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

/** What developing needs beside the light, of a picture that `reduced` made small. */
export function mapOf({ rows, columns, own, mask }) {
  const sight = Math.max(LEAST_SIGHT_PX, evenly(SIGHT * Math.sqrt(own.length)));
  const around = fitted(own, own, rows, columns, sight);
  const area = fitted(own, mask, rows, columns, sight);
  const values = new Float32Array(4 * own.length);
  for (let at = 0; at < own.length; at++) values.set([around.slope[at], around.offset[at], area.slope[at], area.offset[at]], 4 * at);
  return { rows, columns, values };
}

/**
 * Log2 luminance and the mask of reconstructed highlights, reduced to the map's size: of RGBA half floats of light, and
 * of how far it was reconstructed.
 */
export function reduced(light, width, height, weights) {
  const [rows, columns] = mapSize(height, width);
  const [tall, tallMask] = [new Float32Array(height * columns), new Float32Array(height * columns)];
  const [own, mask] = [new Float32Array(width), new Float32Array(width)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      own[x] = luminanceEv(HALF_VALUES[light[at]], HALF_VALUES[light[at + 1]], HALF_VALUES[light[at + 2]], weights);
      mask[x] = Math.max(0, HALF_VALUES[light[at + 3]]);
    }
    tall.set(boxMeans(own, width, 1, columns), y * columns);
    tallMask.set(boxMeans(mask, width, 1, columns), y * columns);
  }
  return { rows, columns, own: boxMeans(tall, height, columns, rows), mask: boxMeans(tallMask, height, columns, rows) };
}

/** Slope and offset of the values that luminance tells, smoothed but for its edges. */
export function fitted(own, values, rows, columns, sight) {
  const mean = (of) => boxMean(of, rows, columns, sight);
  const product = (one, other) => mean(Float64Array.from(one, (value, at) => value * other[at]));
  const [means, others, squares] = [mean(own), values === own ? null : mean(values), product(own, own)];
  const products = others ? product(own, values) : squares;
  const [slope, offset] = [new Float64Array(own.length), new Float64Array(own.length)];
  for (let at = 0; at < own.length; at++) {
    const variance = Math.max(0, squares[at] - means[at] ** 2);
    const common = others ? products[at] - means[at] * others[at] : variance;
    slope[at] = common / (variance + EDGE_EV ** 2);
    offset[at] = (others ?? means)[at] - slope[at] * means[at];
  }
  return { slope: mean(slope), offset: mean(offset) };
}

/** The mean of the window that reaches so far to each side; at a border, of what there is of it. */
function boxMean(values, rows, columns, reach) {
  const wide = runningMean(values, rows, columns, 1, columns, reach);
  return runningMean(wide, columns, rows, columns, 1, reach);
}

/** Along `length` values `step` apart, of `count` lines `between` apart. */
function runningMean(values, count, length, step, between, reach) {
  const means = new Float64Array(values.length);
  const sums = new Float64Array(length + 1);
  for (let line = 0; line < count; line++) {
    const start = line * between;
    for (let at = 0; at < length; at++) sums[at + 1] = sums[at] + values[start + at * step];
    for (let at = 0; at < length; at++) {
      const [first, last] = [Math.max(0, at - reach), Math.min(length, at + reach + 1)];
      means[start + at * step] = (sums[last] - sums[first]) / (last - first);
    }
  }
  return means;
}
