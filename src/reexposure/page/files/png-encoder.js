// Pixels as PNG's own chunks: what a browser's encoder writes has neither the photo's colour profile nor its kind.

import { big32, deflated, joined } from "./bytes.js";

const COLOUR_TYPES = { 1: 0, 2: 4, 3: 2, 4: 6 }; // by channels: grey, grey and alpha, RGB, RGBA

/**
 * The chunks of a picture of (height, width) RGBA values, 8 bits each or, in a Uint16Array, 16. Grey pictures keep one
 * colour and opaque ones no alpha.
 */
export async function encodePng(rgba, width, height, grey = false) {
  const places = [...(grey ? [0] : [0, 1, 2]), ...(isOpaque(rgba) ? [] : [3])];
  const head = joined(big32(width, height), [8 * rgba.BYTES_PER_ELEMENT, COLOUR_TYPES[places.length], 0, 0, 0]);
  return [
    { kind: "IHDR", content: head },
    { kind: "IDAT", content: await deflated(filtered(rgba, width, height, places)) },
    { kind: "IEND", content: new Uint8Array() },
  ];
}

function isOpaque(rgba) {
  const full = rgba.BYTES_PER_ELEMENT === 2 ? 65535 : 255;
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] < full) return false;
  return true;
}

/** The rows, each as differences to its neighbours by whichever of PNG's filters leaves least (PNG, 12.7). */
function filtered(rgba, width, height, places) {
  const deep = rgba.BYTES_PER_ELEMENT === 2;
  const step = places.length * rgba.BYTES_PER_ELEMENT;
  const size = step * width;
  const out = new Uint8Array(height * (size + 1));
  let [above, row] = [new Uint8Array(size), new Uint8Array(size)];
  const tries = [1, 2, 4].map((filter) => ({ filter, bytes: new Uint8Array(size) }));
  for (let y = 0; y < height; y++) {
    for (let x = 0, to = 0; x < width; x++) {
      for (const place of places) {
        const value = rgba[4 * (y * width + x) + place];
        if (deep) row[to++] = value >> 8; // the high byte first
        row[to++] = value;
      }
    }
    let [best, least] = [null, Infinity];
    for (const one of tries) {
      const left = differences(one.bytes, row, above, step, one.filter);
      if (left < least) [best, least] = [one, left];
    }
    out[y * (size + 1)] = best.filter;
    out.set(best.bytes, y * (size + 1) + 1);
    [above, row] = [row, above];
  }
  return out;
}

/** Fill `out` with a row less what a filter (1 left, 2 above, 4 Paeth) says of it; how much is left. */
function differences(out, row, above, step, filter) {
  let sum = 0;
  for (let at = 0; at < row.length; at++) {
    const left = at < step ? 0 : row[at - step];
    const up = above[at];
    const said = filter === 1 ? left : filter === 2 ? up : paeth(left, up, at < step ? 0 : above[at - step]);
    const difference = (row[at] - said) & 255;
    out[at] = difference;
    sum += difference < 128 ? difference : 256 - difference;
  }
  return sum;
}

function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
