// Clipped parts too small for the reduced photo, as reexposure/reconstruction/specks.py, whose comments say why.

import { continued } from "./around.js";
import { OVER_FROM } from "./camera.js";
import NUMBERS from "./numbers.json" with { type: "json" };

const { ev: SPECK_EV, sight_px: SIGHT_PX, spread_px: SPREAD_PX } = NUMBERS.specks;

/** 1 where the network says nothing about the reduced photo, RGB floats as encoded, else 0. */
export function unknown(own, rows, columns, sphere) {
  const [tall, wide] = [rows + 2 * SPREAD_PX, columns + 2 * SPREAD_PX];
  const seen = sphere ? continued(own, columns, rows, 3, SPREAD_PX) : padded(own, rows, columns, wide);
  const across = new Uint8Array(tall * columns * 3);
  for (let y = 0, at = 0; y < tall; y++) {
    for (let x = 0; x < 3 * columns; x++, at++) {
      for (let n = 0; n <= 2 * SPREAD_PX; n++) if (seen[3 * (y * wide + n) + x] > OVER_FROM) across[at] = 1;
    }
  }
  const row = 3 * columns;
  return Float32Array.from({ length: rows * row }, (_, at) => {
    for (let n = 0; n <= 2 * SPREAD_PX; n++) if (across[at + n * row]) return 0;
    return 1;
  });
}

function padded(own, rows, columns, wide) {
  const more = new Float32Array(3 * wide * (rows + 2 * SPREAD_PX));
  for (let y = 0; y < rows; y++) more.set(own.subarray(3 * y * columns, 3 * (y + 1) * columns), 3 * ((y + SPREAD_PX) * wide + SPREAD_PX));
  return more;
}

/** The gain of specks in stops at a pixel of a photo, RGBA bytes. */
export function speckGain(rgba, width, height, x, y) {
  let burnt = 0;
  for (let row = Math.max(0, y - SIGHT_PX); row <= Math.min(height - 1, y + SIGHT_PX); row++) {
    for (let column = Math.max(0, x - SIGHT_PX); column <= Math.min(width - 1, x + SIGHT_PX); column++) {
      const at = 4 * (row * width + column);
      burnt += Number(Math.min(rgba[at], rgba[at + 1], rgba[at + 2]) >= NUMBERS.over_full);
    }
  }
  return (SPECK_EV * burnt) / (2 * SIGHT_PX + 1) ** 2;
}
