// A baseline JPEG (ITU-T T.81) of one's own: a browser's encoder takes no quantisation tables, and a photo
// is to be compressed no harder than it was.

import { big16, joined } from "./bytes.js";
import { AC, DC, ZIGZAG, codesOf, tablesOf } from "./jpeg-tables.js";

/**
 * A JPEG's bytes of (height, width) pixels whose first three of four bytes are red, green and blue, or all grey.
 * `tables` holds the steps, in rows, for luma and the two chromas; `sampling` how many luma values, across and
 * down, share a chroma value.
 */
export function encodeJpeg(rgba, width, height, { tables = tablesOf(95), sampling = [1, 1], grey = false } = {}) {
  const [across, down] = grey ? [1, 1] : sampling;
  const used = [0, 1, 2].slice(0, grey ? 1 : 3).map((c) => tables[Math.min(c, tables.length - 1)]);
  const wide = used.some((table) => Math.max(...table) > 255);
  const out = new BitWriter(rgba.length / 16);
  const codes = [0, 1].map((kind) => ({ dc: codesOf(...DC[kind]), ac: codesOf(...AC[kind]) }));
  const planes = used.map((table, c) => {
    const [h, v] = c ? [1, 1] : [across, down];
    return { across: h, down: v, code: codes[c ? 1 : 0], divisors: divisorsOf(table), before: 0 };
  });
  const block = new Float32Array(64);
  const step = 8 * down; // rows of a band, all that is held of the planes at a time
  for (let top = 0; top < height; top += step) {
    const rows = Math.min(step, height - top);
    const bands = bandsOf(rgba.subarray(4 * width * top, 4 * width * (top + rows)), width, rows, across, down, grey);
    for (let x = 0; x < Math.ceil(width / (8 * across)); x++) {
      for (const [c, one] of planes.entries()) {
        for (let v = 0; v < one.down; v++) {
          for (let h = 0; h < one.across; h++) {
            load(block, bands[c], (x * one.across + h) * 8, v * 8);
            transform(block);
            one.before = write(out, block, one);
          }
        }
      }
    }
  }
  const segment = (marker, ...parts) => joined([0xff, marker], big16(joined(...parts).length + 2), ...parts);
  const shared = used.map((table) => used.findIndex((other) => other.every((step, at) => step === table[at])));
  const quantisation = [...new Set(shared)].map((c) => {
    const steps = ZIGZAG.map((at) => used[c][at]);
    return segment(0xdb, [c + (wide ? 16 : 0)], wide ? big16(...steps) : steps);
  });
  const components = planes.flatMap((plane, c) => [c + 1, 16 * plane.across + plane.down, shared[c]]);
  const huffman = planes.slice(0, 2).flatMap((_, kind) => [segment(0xc4, [kind], ...DC[kind]), segment(0xc4, [16 + kind], ...AC[kind])]);
  return joined(
    [0xff, 0xd8], ...quantisation,
    segment(wide ? 0xc1 : 0xc0, [8], big16(height, width), [planes.length], components),
    ...huffman,
    segment(0xda, [planes.length], planes.flatMap((_, c) => [c + 1, c ? 17 : 0]), [0, 63, 0]),
    out.ended(), [0xff, 0xd9],
  );
}

/** Luma and chromas around zero, as JFIF defines and libjpeg rounds them. */
function bandsOf(rgba, width, height, across, down, grey) {
  const plane = () => new Int16Array(width * height);
  const [luma, blue, red] = grey ? [plane()] : [plane(), plane(), plane()];
  for (let at = 0, from = 0; at < luma.length; at++, from += 4) {
    const [r, g, b] = [rgba[from], rgba[from + 1], rgba[from + 2]];
    luma[at] = (grey ? r : Math.floor(0.299 * r + 0.587 * g + 0.114 * b + 0.5)) - 128;
    if (grey) continue;
    blue[at] = Math.ceil(-0.168735892 * r - 0.331264108 * g + 0.5 * b - 0.5);
    red[at] = Math.ceil(0.5 * r - 0.418687589 * g - 0.081312411 * b - 0.5);
  }
  const whole = { values: luma, width, height };
  if (grey) return [whole];
  return [whole, ...[blue, red].map((values) => reduced(values, width, height, across, down))];
}

/** The means of `across` x `down` values, rounded up and down by turns as libjpeg does. */
function reduced(values, width, height, across, down) {
  const [w, h, count] = [Math.ceil(width / across), Math.ceil(height / down), across * down];
  const small = { values, width: w, height: h };
  if (count === 1) return small;
  small.values = new Int16Array(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let v = 0; v < down; v++) {
        const row = Math.min(height - 1, y * down + v) * width;
        for (let u = 0; u < across; u++) sum += values[row + Math.min(width - 1, x * across + u)];
      }
      small.values[y * w + x] = Math.floor((sum + (count >> 2) + (x & 1)) / count);
    }
  }
  return small;
}

/** The 8 x 8 values at (left, top); past the edge the last ones go on. */
function load(block, { values, width, height }, left, top) {
  for (let y = 0, to = 0; y < 8; y++) {
    const row = Math.min(height - 1, top + y) * width;
    for (let x = 0; x < 8; x++) block[to++] = values[row + Math.min(width - 1, left + x)];
  }
}

/** The cosine transform in place, but for factors that `divisorsOf` holds (Arai, Agui and Nakajima 1988). */
function transform(d) {
  for (let at = 0; at < 64; at += 8) pass(d, at, 1);
  for (let at = 0; at < 8; at++) pass(d, at, 8);
}

function pass(d, at, s) {
  const [a0, a7] = [d[at] + d[at + 7 * s], d[at] - d[at + 7 * s]];
  const [a1, a6] = [d[at + s] + d[at + 6 * s], d[at + s] - d[at + 6 * s]];
  const [a2, a5] = [d[at + 2 * s] + d[at + 5 * s], d[at + 2 * s] - d[at + 5 * s]];
  const [a3, a4] = [d[at + 3 * s] + d[at + 4 * s], d[at + 3 * s] - d[at + 4 * s]];
  const [b0, b3, b1, b2] = [a0 + a3, a0 - a3, a1 + a2, a1 - a2];
  d[at] = b0 + b1;
  d[at + 4 * s] = b0 - b1;
  const c1 = (b2 + b3) * Math.SQRT1_2;
  d[at + 2 * s] = b3 + c1;
  d[at + 6 * s] = b3 - c1;
  const [e0, e1, e2] = [a4 + a5, a5 + a6, a6 + a7];
  const turn = (e0 - e2) * 0.382683433;
  const [f0, f2, f1] = [0.5411961 * e0 + turn, 1.306562965 * e2 + turn, e1 * Math.SQRT1_2];
  const [g0, g1] = [a7 + f1, a7 - f1];
  d[at + 5 * s] = g1 + f0;
  d[at + 3 * s] = g1 - f0;
  d[at + s] = g0 + f2;
  d[at + 7 * s] = g0 - f2;
}

const SCALES = Array.from({ length: 8 }, (_, k) => (k ? Math.SQRT2 * Math.cos((k * Math.PI) / 16) : 1));

const divisorsOf = (table) => Float32Array.from(table, (step, at) => 1 / (8 * step * SCALES[at >> 3] * SCALES[at & 7]));

/** Write a block as codes; its first coefficient, from which the next block's counts. */
function write(out, block, { code: { dc, ac }, divisors, before }) {
  const quantised = (at) => {
    const value = block[at] * divisors[at];
    return value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5);
  };
  const first = quantised(0);
  const put = (codes, run, value) => {
    const size = 32 - Math.clz32(Math.abs(value));
    out.put(codes[16 * run + size], value < 0 ? value + (1 << size) - 1 : value, size);
  };
  put(dc, 0, first - before);
  let run = 0;
  for (let k = 1; k < 64; k++) {
    const value = Math.max(-1023, Math.min(1023, quantised(ZIGZAG[k])));
    if (!value) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) out.put(ac[0xf0], 0, 0);
    put(ac, run, value);
    run = 0;
  }
  if (run) out.put(ac[0], 0, 0);
  return first;
}

class BitWriter {
  #held = 0;
  #count = 0;
  #at = 0;

  constructor(size) {
    this.bytes = new Uint8Array(Math.max(1024, size));
  }

  /** A code of `codesOf`, and `size` more bits. */
  put(code, value, size) {
    this.#bits(code >>> 5, code & 31);
    if (size) this.#bits(value, size);
  }

  #bits(value, size) {
    this.#held = (this.#held << size) | value; // at most 7 + 16 bits
    this.#count += size;
    while (this.#count >= 8) {
      this.#count -= 8;
      const byte = (this.#held >>> this.#count) & 255;
      if (this.#at + 2 > this.bytes.length) this.bytes = joined(this.bytes, new Uint8Array(this.bytes.length));
      this.bytes[this.#at++] = byte;
      if (byte === 255) this.bytes[this.#at++] = 0;
    }
    this.#held &= (1 << this.#count) - 1;
  }

  ended() {
    if (this.#count) this.#bits((1 << (8 - this.#count)) - 1, 8 - this.#count);
    return this.bytes.subarray(0, this.#at);
  }
}
