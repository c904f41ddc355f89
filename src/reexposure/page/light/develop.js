// A picture developed from its light: exposure, highlights, shadows and a gradient, as reexposure/light/develop.py and
// gradient.py, whose comments say why. The shader of draw/develop.js does the same.

import { HALF_VALUES, toHalf } from "./camera.js";
import NUMBERS from "./numbers.json" with { type: "json" };
import { bilinear } from "./resample.js";
import { luminanceEv } from "./surroundings.js";

const { highlights_from: HIGHLIGHTS_FROM, shadows_to: SHADOWS_TO, reach_ev: REACH_EV, lift_ev: LIFT_EV, detail_ev: DETAIL_EV, soft: SOFT } = NUMBERS.develop;
const [HIGHLIGHTS_EV, SHADOWS_EV] = [Math.log2(HIGHLIGHTS_FROM), Math.log2(SHADOWS_TO)];
const TINY = 1e-6;

/** @typedef {import("../ui/settings.js").Settings} Settings */

/** Whether settings are an exposure and nothing else. */
export const isPlain = ({ highlights, shadows, gradient }) => !highlights && !shadows && !gradient?.ev;

const unit = (value) => Math.min(1, Math.max(0, value));

/** How far the surroundings of a pixel are beyond where its move begins, in stops. */
function levelOf(x, around) {
  const z = (x - around) / DETAIL_EV;
  const beyond = Math.max(0, x);
  return beyond - ((DETAIL_EV * beyond) / (beyond + 0.5)) * (z / Math.sqrt(1 + z * z));
}

/** The gain, in stops, of a pixel of luminance `own` in surroundings of `around`; `h` and `s` from -1 to 1. */
export function moved(own, around, h, s) {
  let gain = 0;
  if (h) {
    const level = levelOf(own - HIGHLIGHTS_EV, around - HIGHLIGHTS_EV);
    gain += (h * level * level) / (REACH_EV + Math.abs(h) * level);
  }
  if (s) {
    const u = levelOf(SHADOWS_EV - own, SHADOWS_EV - around) / LIFT_EV;
    gain += (s * LIFT_EV * u * u) / (1 + u * u);
  }
  return gain;
}

/** How much of a colour's distance from grey is kept where it is beyond white or close to it. */
export function keptOf(grey, top, share) {
  const chroma = (top - grey) / Math.max(TINY, 1 - grey);
  const soft = SOFT * unit((grey - HIGHLIGHTS_FROM) / (1 - HIGHLIGHTS_FROM));
  const beyond = Math.max(0, chroma - (1 - soft));
  if (!beyond) return 1;
  const kept = (1 - soft + (soft * beyond) / (soft + beyond + TINY)) / Math.max(TINY, chroma);
  return 1 - share * (1 - kept);
}

/** How much of a gradient along its line there is at a pixel's middle, x and y in pixels. */
export function along({ from, to }, width, height) {
  const [x0, y0] = [from[0] * width, from[1] * height];
  const [dx, dy] = [to[0] * width - x0, to[1] * height - y0];
  const long = dx * dx + dy * dy;
  return (x, y) => {
    const t = unit(((x - x0) * dx + (y - y0) * dy) / long);
    return 1 - t * t * (3 - 2 * t);
  };
}

/**
 * A function that develops one pixel: `develop(rgb, x, y)` changes three numbers of linear light in place.
 * @param {{ width: number, height: number, weights: number[], map: import("./surroundings.js").Map }} scene
 * @param {Settings} settings
 */
export function developer({ width, height, weights, map }, { ev, highlights, shadows, gradient }) {
  const [h, s] = [highlights / 100, shadows / 100];
  const inLine = gradient?.ev && gradient.where === "line" ? along(gradient, width, height) : null;
  const inArea = gradient?.ev && gradient.where === "highlights";
  const across = Array.from({ length: width }, (_, x) => bilinear(map.columns, width, x));
  const down = Array.from({ length: height }, (_, y) => bilinear(map.rows, height, y));
  const { values, columns } = map;
  const told = (c, x, y) => {
    const [[left, right, share], [top, bottom, below]] = [across[x], down[y]];
    const row = (at) => {
      const first = values[4 * (at * columns + left) + c];
      return first + share * (values[4 * (at * columns + right) + c] - first);
    };
    const first = row(top);
    return first + below * (row(bottom) - first);
  };
  return (rgb, x, y) => {
    const own = luminanceEv(rgb[0], rgb[1], rgb[2], weights);
    let stops = ev;
    if (inLine) stops += gradient.ev * inLine(x + 0.5, y + 0.5);
    if (inArea) stops += gradient.ev * unit(told(2, x, y) * own + told(3, x, y));
    let gain = stops;
    if (h || s) gain += moved(own + stops, told(0, x, y) * own + told(1, x, y) + stops, h, s);
    const factor = 2 ** gain;
    for (let c = 0; c < 3; c++) rgb[c] *= factor;
    if (h >= 0) return;
    const grey = Math.min(1, rgb[0] * weights[0] + rgb[1] * weights[1] + rgb[2] * weights[2]);
    const kept = keptOf(grey, Math.max(rgb[0], rgb[1], rgb[2]), -h);
    if (kept < 1) for (let c = 0; c < 3; c++) rgb[c] = grey + kept * (rgb[c] - grey);
  };
}

/**
 * A scene and the exposure, in stops, that show it as settings say: plain exposure needs no light of its own.
 * @param {any} scene
 * @param {Settings} settings
 */
export function developed(scene, settings) {
  if (isPlain(settings)) return [scene, settings.ev];
  const { light, width, height } = scene;
  const develop = developer(scene, settings);
  const changed = light.slice();
  const rgb = new Float64Array(3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      for (let c = 0; c < 3; c++) rgb[c] = HALF_VALUES[light[at + c]];
      develop(rgb, x, y);
      for (let c = 0; c < 3; c++) changed[at + c] = toHalf(rgb[c]);
    }
  }
  return [{ ...scene, light: changed }, 0];
}
