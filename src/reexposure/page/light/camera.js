// The camera of reexposure/camera.py and the formulas of reexposure/blend.py, and the half floats
// that light is kept in. `linear` is relative light, 1.0 = the level at which the photo clipped;
// `encoded` is what a picture file holds, in [0, 1].

import { encoder } from "./curves.js";
import NUMBERS from "./numbers.json" with { type: "json" };

/** Larger bytes of a photo are over-exposed, smaller ones than the other under-exposed. */
export const OVER_BYTE = NUMBERS.over_from;
export const UNDER_BYTE = NUMBERS.under_from;

// In single precision, as encoded values are: where a mask begins must be exactly zero.
export const OVER_FROM = Math.fround(OVER_BYTE / 255);
export const OVER_FULL = Math.fround(NUMBERS.over_full / 255);
export const UNDER_FULL = Math.fround(NUMBERS.under_full / 255);
export const UNDER_FROM = Math.fround(UNDER_BYTE / 255);

const unit = (value) => Math.min(1, Math.max(0, value));

export const encode = Math.sqrt;
export const decode = (encoded) => encoded * encoded;
export const overExposure = (encoded) => unit((encoded - OVER_FROM) / (OVER_FULL - OVER_FROM));
export const underExposure = (encoded) => unit((UNDER_FROM - encoded) / (UNDER_FROM - UNDER_FULL));
export const overExposedLight = (linear, over, gainEv) => linear ** (1 - over) * 2 ** (over * gainEv);

/** The values of all 65536 half floats. */
export const HALF_VALUES = Float32Array.from({ length: 65536 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * 2 ** (exponent - 25) * (1024 + fraction);
});

const oneFloat = new Float32Array(1);
const itsBits = new Uint32Array(oneFloat.buffer);

/** The bits of the half float nearest to `value`; what is too large becomes the largest. */
export function toHalf(value) {
  oneFloat[0] = Math.min(65504, Math.max(-65504, value));
  const bits = itsBits[0];
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 255) - 112;
  if (exponent <= 0) return sign | Math.round(Math.abs(oneFloat[0]) * 2 ** 24);
  const kept = (bits >>> 13) & 1023;
  const rest = bits & 8191;
  const up = rest > 4096 || (rest === 4096 && kept & 1) ? 1 : 0;
  return sign | ((exponent << 10) + kept + up); // a carry into the exponent is just what rounding means
}

/** Encoded 8-bit values of all half floats at an exposure of `ev` stops: light in, picture out. */
export function developTable(ev, curve) {
  const [factor, encoded] = [2 ** ev, encoder(curve)];
  return Uint8ClampedArray.from(HALF_VALUES, (linear) => 255 * encoded(unit(linear * factor || 0)));
}
