// Photo -> light, step by step as reexposure/reconstruction.py does it; its comments say why.

import {
  cleaned, decode, overExposedLight, overExposure, toHalf, underExposure, unrounded,
} from "./camera.js";
import { SRGB, converter, same, toSrgb } from "./colours.js";
import { bilinear, reduceBox, widen } from "./resample.js";

export const LOOK_PX = 250_000;
export const HUE_KEPT = 0.5;
export const STRIDE_PX = 32;

const OVER_BYTE = 240; // 255 * OVER_FROM; larger values are over-exposed
const UNDER_BYTE = 24;

/**
 * The light of a photo, RGBA bytes of (height, width) in a colour space: RGBA half floats of linear
 * light and of how far it was reconstructed. `predict(photo, masks, height, width)` is the network: planes in,
 * three planes of gain in stops and three of correction out. `tell(text, share)` hears how far it is.
 */
export async function reconstruct(rgba, width, height, space, predict, tell = () => {}) {
  const light = new Uint16Array(width * height * 4);
  const lost = hasLost(rgba);
  let look = null;
  if (lost) {
    tell("Looking for lost light", 0.2);
    look = await takeLook(rgba, width, height, space, predict);
  }
  tell("Blending", 0.85);
  relight(rgba, width, height, look, light);
  return light;
}

function hasLost(rgba) {
  for (let at = 0; at < rgba.length; at++) {
    if ((at & 3) !== 3 && (rgba[at] > OVER_BYTE || rgba[at] < UNDER_BYTE)) return true;
  }
  return false;
}

/** What the network saw and what it says of it, at the width of the photo and the network's height. */
async function takeLook(rgba, width, height, space, predict) {
  const shrink = Math.min(1, Math.sqrt(LOOK_PX / (height * width)));
  const [w, h] = [width, height].map((size) => Math.max(1, Math.round(size * shrink)));
  const own = Float32Array.from(reduceBox(rgba, width, height, w, h), (byte) => byte / 255);
  const encoded = same(space, SRGB) ? own : toSrgb(own, space);
  const over = encoded.map(overExposure);
  const under = encoded.map(underExposure);
  const [tall, broad] = [h, w].map((size) => Math.ceil(size / STRIDE_PX) * STRIDE_PX);
  const planes = (...maps) => padded(maps, w, h, broad, tall);
  const { gain, correction } = await predict(planes(encoded.map(decode)), planes(over, under), tall, broad);
  const cut = (found) => {
    const map = new Float32Array(w * h * 3);
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++) map[3 * (y * w + x) + c] = found[(c * tall + y) * broad + x];
      }
    }
    return map;
  };
  const reduced = shrink < 1;
  return {
    rows: h,
    reduced,
    gain: widen(spread(inSpaceOf(space, calmed(cut(gain), over), over), over, w, h), w, h, width),
    shadows: widen(reduced ? own : cut(correction), w, h, width),
  };
}

/** (h, w, 3) maps as planes of (tall, broad), continued by reflection. */
function padded(maps, w, h, broad, tall) {
  const reflected = (at, size) => {
    const period = at % (2 * size);
    return period < size ? period : 2 * size - 1 - period;
  };
  const planes = new Float32Array(maps.length * 3 * tall * broad);
  let to = 0;
  for (const map of maps) {
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < tall; y++) {
        for (let x = 0; x < broad; x++) planes[to++] = map[3 * (reflected(y, h) * w + reflected(x, w)) + c];
      }
    }
  }
  return planes;
}

/** Half of the predicted hue is left where all three channels clipped. */
function calmed(gain, over) {
  const calm = new Float32Array(gain.length);
  for (let at = 0; at < gain.length; at += 3) {
    const lost = Math.min(over[at], over[at + 1], over[at + 2]);
    const neutral = (gain[at] + gain[at + 1] + gain[at + 2]) / 3;
    for (let c = at; c < at + 3; c++) calm[c] = neutral + (gain[c] - neutral) * (1 - (1 - HUE_KEPT) * lost);
  }
  return calm;
}

/** `gain` of sRGB channels as one of the photo's: light where all channels clipped, a share of what is lost elsewhere. */
function inSpaceOf(space, gain, over) {
  if (same(space, SRGB)) return gain;
  const convert = converter(SRGB, space);
  const changed = gain.map((stops) => 2 ** stops);
  for (let at = 0; at < changed.length; at += 3) convert(changed, at);
  return changed.map((light, at) => {
    const first = at - (at % 3);
    const lost = Math.min(over[first], over[first + 1], over[first + 2]);
    return gain[at] + lost * (Math.log2(Math.max(1, light)) - gain[at]);
  });
}

/** The gain at the mask's edge carried two pixels past it. */
function spread(gain, mask, w, h) {
  for (let pass = 0; pass < 2; pass++) {
    const known = mask.map((value) => (value > 0 ? 1 : 0));
    const total = box3(gain.map((value, at) => value * known[at]), w, h);
    const weight = box3(known, w, h);
    gain = gain.map((value, at) => (known[at] ? value : total[at] / Math.max(weight[at], 1e-6)));
    mask = weight;
  }
  return gain;
}

/** Sums over 3 x 3 neighbourhoods; nothing lies outside the picture. */
function box3(values, w, h) {
  const sums = (from, step, size, index) =>
    from.map((value, at) => {
      const place = index(at);
      return value + (place > 0 ? from[at - step] : 0) + (place < size - 1 ? from[at + step] : 0);
    });
  const tall = sums(values, 3 * w, h, (at) => Math.floor(at / (3 * w)));
  return sums(tall, 3, w, (at) => Math.floor(at / 3) % w);
}

/** Fill `light`: the photo's own where it is well exposed, by the gains elsewhere. */
function relight(rgba, width, height, look, light) {
  const levels = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
  const linear = Array.from(levels, decode);
  const known = Uint16Array.from(linear, toHalf);
  const over = Array.from(levels, overExposure);
  const under = Array.from(levels, underExposure);
  for (let y = 0; y < height; y++) {
    const [above, below, share] = look ? bilinear(look.rows, height, y) : [0, 0, 0];
    const read = (map, at) => {
      const top = map[3 * above * width + at];
      return top + share * (map[3 * below * width + at] - top);
    };
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      let [overMost, underMost] = [0, 0];
      for (let c = 0; c < 3; c++) {
        const byte = rgba[at + c];
        if (byte <= OVER_BYTE && byte >= UNDER_BYTE) {
          light[at + c] = known[byte];
          continue;
        }
        if (byte > OVER_BYTE) {
          light[at + c] = toHalf(overExposedLight(linear[byte], over[byte], read(look.gain, 3 * x + c)));
        } else {
          const own = levels[byte];
          const shadows = read(look.shadows, 3 * x + c);
          const correction = look.reduced ? unrounded(own, shadows) : shadows;
          light[at + c] = toHalf(decode(cleaned(own, under[byte], correction)));
        }
        overMost = Math.max(overMost, over[byte]);
        underMost = Math.max(underMost, under[byte]);
      }
      light[at + 3] = toHalf(overMost > 0 ? overMost : -underMost);
    }
  }
}
