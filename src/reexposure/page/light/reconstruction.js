// Photo -> light, as reexposure/reconstruction does it; its comments say why.

import { continued, joined } from "./around.js";
import { OVER_BYTE, UNDER_BYTE, decode, overExposedLight, overExposure, toHalf, underExposure } from "./camera.js";
import { SRGB, conversion, same } from "./colours.js";
import { look } from "./look.js";
import NUMBERS from "./numbers.json" with { type: "json" };
import { bilinear, widen } from "./resample.js";
import { speckGain, unknown } from "./specks.js";
import { clean } from "./shadows.js";

/**
 * The faithful light of a photo, RGBA bytes of (height, width) in a colour space: { light, gain }, RGBA half floats of
 * linear light and of how far it was reconstructed, and the small map of gain, null where nothing clipped. `network` runs
 * the graphs: `gain(photo, height, width, matrix)` and `cleaned(photo, height, width)` take RGB floats and give as many.
 * `tell(text, share)` hears how far it is. `sphere`: the photo is a panorama of the whole sphere, without a border.
 */
export async function reconstruct(rgba, width, height, space, network, tell = (text, share) => {}, sphere = false) {
  const clipped = rgba.some((byte, at) => byte > OVER_BYTE && (at & 3) !== 3);
  if (clipped) tell("Looking for lost light", 0.2);
  const gain = clipped ? await askGain(rgba, width, height, space, network, sphere) : null;
  const wide = (map) => map && widened({ ...gain, map }, width, Number(sphere));
  const light = relit(rgba, width, height, wide(gain?.map), wide(gain?.unknown));
  await clean(light, rgba, width, height, network, (share) => tell("Cleaning shadows", 0.5 + 0.4 * share), sphere);
  return { light, gain };
}

/** In which shares of a photo's pixels, RGBA bytes, highlights are reconstructed and shadows cleaned. */
export function sharesOf(rgba) {
  let [over, under] = [0, 0];
  for (let at = 0; at < rgba.length; at += 4) {
    over += Number(Math.max(rgba[at], rgba[at + 1], rgba[at + 2]) > OVER_BYTE);
    under += Number(Math.min(rgba[at], rgba[at + 1], rgba[at + 2]) < UNDER_BYTE);
  }
  return { highlightsShare: (4 * over) / rgba.length, shadowsShare: (4 * under) / rgba.length };
}

/** The gain of the reduced photo, and where the network says nothing of it; null where it sees the whole photo. */
async function askGain(rgba, width, height, space, network, sphere) {
  const { rows, columns, own, seen } = look(rgba, width, height, space, NUMBERS.look_px);
  const matrix = same(space, SRGB) ? [1, 0, 0, 0, 1, 0, 0, 0, 1] : conversion(SRGB, space);
  const by = sphere ? Math.min(2 * NUMBERS.stride_px, Math.floor(rows / 2)) : 0;
  const lacking = columns === width && rows === height ? null : unknown(own, rows, columns, sphere);
  if (!by) return { rows, columns, map: await network.gain(seen, rows, columns, matrix), unknown: lacking };
  const map = await network.gain(continued(seen, columns, rows, 3, by), rows + 2 * by, columns + 2 * by, matrix);
  return { rows, columns, map: joined(map, columns, rows, by), unknown: lacking };
}

/** A map at the width of the photo; with so many pixels more at each border as go on around a panorama. */
function widened({ rows, columns, map }, width, margin) {
  const [tall, wide] = [rows + 2 * margin, columns + 2 * margin];
  return { rows: tall, margin, map: widen(continued(map, columns, rows, 3, margin), wide, tall, width, margin) };
}

/**
 * The photo's own light, but for what clipped: that by maps that are as wide as the photo, of gain and of where none is
 * known, if there are any.
 */
function relit(rgba, width, height, gain, lacking) {
  const light = new Uint16Array(width * height * 4);
  const levels = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
  const linear = Array.from(levels, decode);
  const known = Uint16Array.from(linear, toHalf);
  const over = Array.from(levels, overExposure);
  const under = Array.from(levels, underExposure);
  for (let y = 0; y < height; y++) {
    const [above, below, share] = gain ? bilinear(gain.rows, height, y, gain.margin) : [0, 0, 0];
    const valueAt = (map, at) => {
      const top = map[3 * above * width + at];
      return top + share * (map[3 * below * width + at] - top);
    };
    const gainAt = (x, c) => {
      const known = valueAt(gain.map, 3 * x + c);
      const none = lacking ? valueAt(lacking.map, 3 * x + c) : 0;
      return none > 0 ? known + none * speckGain(rgba, width, height, x, y) : known;
    };
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      let [overMost, underMost] = [0, 0];
      for (let c = 0; c < 3; c++) {
        const byte = rgba[at + c];
        light[at + c] = known[byte];
        if (byte > OVER_BYTE) light[at + c] = toHalf(overExposedLight(linear[byte], over[byte], gainAt(x, c)));
        overMost = Math.max(overMost, over[byte]);
        underMost = Math.max(underMost, under[byte]);
      }
      light[at + 3] = toHalf(overMost > 0 ? overMost : -underMost);
    }
  }
  return light;
}
