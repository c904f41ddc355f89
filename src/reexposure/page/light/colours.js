// Colour spaces of photos, as reexposure/colour.py. A space is { toXyz, gamma }: the matrix, row by row, from
// its linear light to CIE XYZ adapted to D50, and the exponent of its curve; 0 stands for sRGB's curve.

import { decodeSrgb, encodeSrgb } from "./camera.js";

export const SRGB = { toXyz: [0.43604, 0.38511, 0.14305, 0.22248, 0.71691, 0.06061, 0.01392, 0.09707, 0.71391], gamma: 0 };
export const P3 = { toXyz: [0.51512, 0.29198, 0.1571, 0.24119, 0.69224, 0.06657, -0.00105, 0.04188, 0.78407], gamma: 0 };

const SAME = 0.003; // profiles round their numbers

/** Whether numbers mean the same colours in both spaces. */
export const same = (one, other) =>
  one.gamma === other.gamma && one.toXyz.every((value, at) => Math.abs(value - other.toXyz[at]) < SAME);

/** What a canvas calls the space that shows the photo: its own, or Display P3, which holds most of any. */
export const canvasSpace = (space) => (same(space, SRGB) ? "srgb" : "display-p3");

/** Whether the photo's numbers must be converted for that canvas. */
export const needsConversion = (space) => !same(space, SRGB) && !same(space, P3);

/** The matrix, row by row, from linear light in `source` to linear light in `target`. */
export const conversion = (source, target) => product(inverse(target.toXyz), source.toXyz);

/** A function that converts one linear colour in place, `colour[at]` and the next two. */
export function converter(source, target) {
  const m = conversion(source, target);
  return (colour, at = 0) => {
    const [r, g, b] = [colour[at], colour[at + 1], colour[at + 2]];
    for (let row = 0; row < 3; row++) colour[at + row] = m[3 * row] * r + m[3 * row + 1] * g + m[3 * row + 2] * b;
  };
}

export const decodeOf = ({ gamma }) => (gamma ? (encoded) => encoded ** gamma : decodeSrgb);

/** Encoded RGB values of `space`, in [0, 1], as sRGB's. */
export function toSrgb(encoded, space) {
  const [convert, decode] = [converter(space, SRGB), decodeOf(space)];
  const changed = Float32Array.from(encoded, decode);
  for (let at = 0; at < changed.length; at += 3) convert(changed, at);
  return changed.map((linear) => encodeSrgb(Math.min(1, Math.max(0, linear))));
}

/** The CIE xy of red, green, blue and white, as OpenEXR files name them; white is taken for D65. */
export function chromaticities({ toXyz }) {
  const native = product(D50_TO_D65, toXyz);
  const columns = [0, 1, 2].map((c) => [native[c], native[3 + c], native[6 + c]]);
  const white = [0, 1, 2].map((row) => native[3 * row] + native[3 * row + 1] + native[3 * row + 2]);
  return [...columns, white].flatMap(([x, y, z]) => [x / (x + y + z), y / (x + y + z)]);
}

const D50_TO_D65 = [0.955553, -0.023052, 0.063254, -0.028299, 1.009933, 0.021036, 0.012318, -0.020518, 1.330429]; // Bradford

const product = (a, b) =>
  a.map((_, at) => [0, 1, 2].reduce((sum, k) => sum + a[at - (at % 3) + k] * b[3 * k + (at % 3)], 0));

function inverse(m) {
  const minor = (r, c) => {
    const [r1, r2, c1, c2] = [(r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3];
    return m[3 * r1 + c1] * m[3 * r2 + c2] - m[3 * r1 + c2] * m[3 * r2 + c1];
  };
  const determinant = [0, 1, 2].reduce((sum, c) => sum + m[c] * minor(0, c), 0);
  return m.map((_, at) => minor(at % 3, Math.floor(at / 3)) / determinant);
}
