// Colour spaces of photos, as reexposure/light/colour.py. A space is { name, primaries, curve }: the CIE xy of red,
// green, blue and white, and the curve from its encoded to its linear values; see curves.js.

import NUMBERS from "./numbers.json" with { type: "json" };
import { SRGB_CURVE, TRANSFERS, decoder, encodeSrgb, sameCurve } from "./curves.js";

/** @typedef {import("./curves.js").Curve} Curve */
/** @typedef {{ name: string, primaries: number[][], curve: Curve }} Space */

const D65 = [0.3127, 0.329];
/** @type {Record<string, number[][]>} */
export const KNOWN = NUMBERS.spaces;
const PRIMARIES = {
  1: KNOWN.sRGB,
  5: [[0.64, 0.33], [0.29, 0.6], [0.15, 0.06], D65],
  6: [[0.63, 0.34], [0.31, 0.595], [0.155, 0.07], D65],
  7: [[0.63, 0.34], [0.31, 0.595], [0.155, 0.07], D65],
  9: KNOWN["Rec. 2020"],
  11: [[0.68, 0.32], [0.265, 0.69], [0.15, 0.06], [0.314, 0.351]],
  12: KNOWN["Display P3"],
}; // by their code (ITU-T H.273, table 2)
const UNSPECIFIED = 2;
export const D50 = NUMBERS.d50;
const BRADFORD = NUMBERS.bradford.flat();
const SAME = 0.003; // profiles round their numbers

/**
 * The colour space of these primaries, by its name if it is a known one; of sRGB's if they cannot be (`sound`).
 * @param {number[][]} primaries
 * @param {Curve} [curve]
 * @returns {Space}
 */
export function named(primaries, curve = SRGB_CURVE) {
  if (!sound(primaries)) return { name: "sRGB", primaries: KNOWN.sRGB, curve };
  for (const [name, known] of Object.entries(KNOWN)) {
    if (primaries.every((xy, n) => xy.every((value, i) => Math.abs(value - known[n][i]) < SAME))) return { name, primaries: known, curve };
  }
  return { name: "RGB", primaries, curve };
}

/** Whether primaries are numbers that can be: three corners of a triangle, with white inside it. */
export function sound(primaries) {
  if (!primaries.every(([x, y]) => Math.abs(x) < 2 && Math.abs(y) < 2 && Math.abs(y) > 1e-5)) return false;
  try {
    const corners = primaries.slice(0, 3);
    const points = [...corners.map(([x]) => x), ...corners.map(([, y]) => y), ...corners.map(([x, y]) => 1 - x - y)];
    const amounts = times(inverse(points), xyzOf(primaries[3]));
    const scaled = points.map((value, at) => value * amounts[at % 3]);
    return condition(points) < 1e4 && Math.min(...amounts) > 1e-3 && condition(scaled) < 1e3;
  } catch {
    return false;
  }
}

/** How much a matrix and its inverse enlarge together, at most. */
function condition(m) {
  return Math.hypot(...m) * Math.hypot(...inverse(m));
}

/**
 * How much red, green and blue add to the luminance of white.
 * @param {Space} space
 */
export function luminances({ primaries }) {
  const columns = primaries.map(xyzOf);
  const matrix = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => columns[column][row]));
  return times(inverse(matrix), columns[3]);
}

export const SRGB = named(KNOWN.sRGB);
export const P3 = named(KNOWN["Display P3"]);
export const ADOBE_RGB = named(KNOWN["Adobe RGB"], { kind: "power", gamma: 563 / 256 });

/** Whether numbers mean what they mean in a file that says nothing. */
export const isSrgb = (space) => same(space, SRGB);

/**
 * The colour space that code points name (ITU-T H.273; PNG's cICP, AVIF's and HEIC's nclx). What one of them leaves
 * unspecified is sRGB's; null where both do, or where one is not known here.
 */
export function ofCodes(primaries, curve) {
  if (primaries === UNSPECIFIED && curve === UNSPECIFIED) return null;
  const known = primaries === UNSPECIFIED ? KNOWN.sRGB : PRIMARIES[primaries];
  const own = curve === UNSPECIFIED ? SRGB_CURVE : TRANSFERS[curve];
  return known && own ? named(known, own) : null;
}

/** Whether numbers mean the same colours in both spaces. */
export const same = (one, other) =>
  one.name === other.name && sameCurve(one.curve, other.curve) && JSON.stringify(one.primaries) === JSON.stringify(other.primaries);

/** What a canvas calls the space that shows the photo: its own, or Display P3, which holds most of any. */
export const canvasSpace = (space) => (same(space, SRGB) ? "srgb" : "display-p3");

/** Whether the photo's numbers must be converted for that canvas. */
export const needsConversion = (space) => !same(space, SRGB) && !same(space, P3);

/** The matrix, row by row, from linear light in `source` to linear light in `target`. */
export const conversion = (source, target) => product(inverse(toXyz(target)), toXyz(source));

/** A function that converts one linear colour in place, `colour[at]` and the next two. */
export function converter(source, target) {
  const m = conversion(source, target);
  return (colour, at = 0) => {
    const [r, g, b] = [colour[at], colour[at + 1], colour[at + 2]];
    for (let row = 0; row < 3; row++) colour[at + row] = m[3 * row] * r + m[3 * row + 1] * g + m[3 * row + 2] * b;
  };
}

export const decodeOf = ({ curve }) => decoder(curve);

/** Encoded RGB values of `space`, in [0, 1], as sRGB's. */
export function toSrgb(encoded, space) {
  const [convert, decode] = [converter(space, SRGB), decodeOf(space)];
  const changed = Float32Array.from(encoded, decode);
  for (let at = 0; at < changed.length; at += 3) convert(changed, at);
  return changed.map((linear) => encodeSrgb(Math.min(1, Math.max(0, linear))));
}

/** CIE XYZ at Y = 1 of a point of CIE xy. */
export function xyzOf([x, y]) {
  return [x / y, 1, (1 - x - y) / y];
}

/** The matrix, row by row, from linear RGB to CIE XYZ adapted to D50. */
export function toXyz({ primaries }) {
  const columns = primaries.slice(0, 3).map(xyzOf);
  const native = [0, 1, 2].flatMap((row) => columns.map((column) => column[row]));
  const white = xyzOf(primaries[3]);
  const scale = times(inverse(native), white);
  return product(bradford(white), native.map((value, at) => value * scale[at % 3]));
}

/** Bradford's adaptation of colours seen under `white` to D50. */
export function bradford(white) {
  const [from, to] = [times(BRADFORD, white), times(BRADFORD, D50)];
  return product(inverse(BRADFORD), BRADFORD.map((value, at) => (value * to[Math.floor(at / 3)]) / from[Math.floor(at / 3)]));
}

/** A matrix, row by row, times a column. */
export function times(m, column) {
  return [0, 3, 6].map((row) => m[row] * column[0] + m[row + 1] * column[1] + m[row + 2] * column[2]);
}

const product = (a, b) =>
  a.map((_, at) => [0, 1, 2].reduce((sum, k) => sum + a[at - (at % 3) + k] * b[3 * k + (at % 3)], 0));

/** Throws where there is none. */
export function inverse(m) {
  const minor = (r, c) => {
    const [r1, r2, c1, c2] = [(r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3];
    return m[3 * r1 + c1] * m[3 * r2 + c2] - m[3 * r1 + c2] * m[3 * r2 + c1];
  };
  const determinant = [0, 1, 2].reduce((sum, c) => sum + m[c] * minor(0, c), 0);
  if (!determinant || !Number.isFinite(determinant)) throw new Error("singular matrix");
  return m.map((_, at) => minor(at % 3, Math.floor(at / 3)) / determinant);
}
