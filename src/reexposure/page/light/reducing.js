// What is shown of a photo that is too large for a texture; reexposure/server/view.py does the same.

import { HALF_VALUES, toHalf } from "./camera.js";
import NUMBERS from "./numbers.json" with { type: "json" };

const MAX_VIEW_PX = NUMBERS.view_px;

/** The whole number by which a photo is reduced to be shown; of a line one pixel high something is left, too. */
export function stepOf(width, height, maxSidePx) {
  let step = 1;
  while (Math.floor(Math.max(width, height) / step) > maxSidePx || Math.floor((width * height) / step ** 2) > MAX_VIEW_PX) step++;
  return Math.min(step, width, height);
}

/** A scene reduced to the means over `step` x `step` pixels. */
export function reducedView({ photo, light, width, height }, step) {
  const [w, h] = [Math.floor(width / step), Math.floor(height / step)];
  const small = { photo: new Uint8Array(w * h * 4), light: new Uint16Array(w * h * 4), width: w, height: h };
  for (let y = 0, to = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let c = 0; c < 4; c++, to++) {
        let [encoded, linear] = [0, 0];
        for (let dy = 0; dy < step; dy++) {
          for (let dx = 0; dx < step; dx++) {
            const from = 4 * ((y * step + dy) * width + x * step + dx) + c;
            encoded += photo[from];
            linear += HALF_VALUES[light[from]];
          }
        }
        small.photo[to] = Math.round(encoded / step ** 2);
        small.light[to] = toHalf(linear / step ** 2);
      }
    }
  }
  return small;
}

/** Light reduced to (h, w): the mean of each pixel's box. */
export function reducedLight(light, width, height, w, h) {
  const small = new Uint16Array(w * h * 4);
  for (let y = 0, to = 0; y < h; y++) {
    const [top, bottom] = [Math.floor((y * height) / h), Math.max(Math.floor((y * height) / h) + 1, Math.floor(((y + 1) * height) / h))];
    for (let x = 0; x < w; x++) {
      const [left, right] = [Math.floor((x * width) / w), Math.max(Math.floor((x * width) / w) + 1, Math.floor(((x + 1) * width) / w))];
      for (let c = 0; c < 4; c++, to++) {
        let sum = 0;
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) sum += HALF_VALUES[light[4 * (row * width + column) + c]];
        }
        small[to] = toHalf(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return small;
}
