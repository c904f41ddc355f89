// The exposures that tell a scene, as reexposure/radiance/telling.py.

import { HALF_VALUES } from "./camera.js";
import NUMBERS from "./numbers.json" with { type: "json" };

const { mid_grey: MID_GREY } = NUMBERS.film;

/**
 * The exposures, in half stops, at which the highlights of RGBA half floats have come back and the shadows are open.
 * Transparent pixels of the photo, RGBA bytes, do not count, unless all are.
 */
export function tellingRange(light, photo) {
  const [most, mean] = [[], []];
  const measure = (counts) => {
    for (let at = 0; at < light.length; at += 4) {
      if (!counts(at)) continue;
      const [r, g, b] = [0, 1, 2].map((c) => HALF_VALUES[light[at + c]]);
      most.push(Math.max(r, g, b));
      mean.push((r + g + b) / 3);
    }
  };
  measure((at) => photo[at + 3] > 0);
  if (!most.length) measure(() => true);
  const [brightest, darkest] = [quantile(most, 0.999), quantile(mean, 0.25)];
  const down = within(-Math.log2(Math.max(1e-6, brightest)) - 1, -6, -1);
  const up = within(Math.log2(MID_GREY / Math.max(1e-6, darkest)), 1, 4);
  return [Math.floor(down * 2) / 2, Math.ceil(up * 2) / 2];
}

/** By straight lines between values. */
function quantile(unsorted, share) {
  const values = Float32Array.from(unsorted).sort();
  const place = share * (values.length - 1);
  const before = Math.floor(place);
  const after = Math.min(before + 1, values.length - 1);
  return values[before] + (place - before) * (values[after] - values[before]);
}

const within = (value, low, high) => Math.min(high, Math.max(low, value));
