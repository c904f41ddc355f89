// What the networks look at, as reexposure/reconstruction/looks.py has it: the photo reduced, in sRGB.

import { SRGB, same, toSrgb } from "./colours.js";
import NUMBERS from "./numbers.json" with { type: "json" };
import { reduceBox } from "./resample.js";

/** The photo, RGBA bytes, reduced to at most `mostPx` pixels: its size, and RGB floats in [0, 1], its `own` and as `seen`. */
export function look(rgba, width, height, space, mostPx) {
  const shrink = Math.min(1, Math.sqrt(mostPx / (height * width)), mostPx / (NUMBERS.stride_px * Math.max(height, width)));
  const [columns, rows] = [width, height].map((size) => Math.max(1, Math.round(size * shrink)));
  const own = Float32Array.from(reduceBox(rgba, width, height, columns, rows), (byte) => byte / 255);
  return { rows, columns, own, seen: same(space, SRGB) ? own : toSrgb(own, space) };
}
