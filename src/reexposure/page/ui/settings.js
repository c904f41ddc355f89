// What a photo is developed with: plain data, replaced as a whole and never changed.
//
// `ev`: exposure in stops; `highlights`, `shadows`: from -100 to 100; `gradient`: null, or
// { ev, from, to, where }: so many stops more at `from` and before it, none at `to` and beyond, both [x, y] in shares of
// the photo's width and height; `where` is "line", or "highlights": so many stops more
// for reconstructed highlights, wherever they are. `detail`: from 0 to 1, or null for what is best for the photo; `seed`:
// which drawing of it.

/**
 * @typedef {{ ev: number, from: number[], to: number[], where: string }} Gradient
 * @typedef {{ ev: number, highlights: number, shadows: number, gradient: Gradient | null, detail?: number | null, seed?: number }} Settings
 */

export const LIMIT_EV = 10; // of exposure
export const GRADIENT_EV = 5; // of a gradient
export const SEEDS = 2 ** 32;

/** @type {Settings} */
export const NEUTRAL = Object.freeze({ ev: 0, highlights: 0, shadows: 0, gradient: null, detail: null, seed: 0 });

/** A gradient from the top to the middle, which does nothing yet. */
export const FROM_ABOVE = Object.freeze({ ev: 0, from: [0.5, 0.1], to: [0.5, 0.55], where: "line" });

export const same = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);

const within = (value, limit) => typeof value === "number" && Math.abs(value) <= limit;
const point = (at) => Array.isArray(at) && at.length === 2 && at.every((share) => typeof share === "number" && share >= 0 && share <= 1);

/**
 * Settings that come from elsewhere, or null if they are none.
 * @returns {Settings | null}
 */
export function sound(told) {
  if (!told || !within(told.ev, LIMIT_EV) || !within(told.highlights, 100) || !within(told.shadows, 100)) return null;
  const { ev, highlights, shadows, gradient = null, detail = null, seed = 0 } = told;
  if (detail !== null && !(typeof detail === "number" && detail >= 0 && detail <= 1)) return null;
  if (!Number.isInteger(seed) || seed < 0 || seed >= SEEDS) return null;
  if (gradient === null) return { ev, highlights, shadows, gradient, detail, seed };
  const { from, to, where } = gradient;
  if (!within(gradient.ev, GRADIENT_EV) || !point(from) || !point(to) || same(from, to)) return null;
  if (!["line", "highlights"].includes(where)) return null;
  return { ev, highlights, shadows, gradient: { ev: gradient.ev, from, to, where }, detail, seed };
}

/** A file's name that says what it holds: china_ev-2_highlights-50_detail50_hdr.jpg. */
export function nameOf(photoName, settings, kind, suffix, options = {}) {
  const { ev, highlights, shadows, gradient, detail, seed } = settings;
  const signed = (value) => `${value < 0 ? "" : "+"}${value}`;
  const parts = [photoName.replace(/\.[^.]+$/, "")];
  if (kind === "picture" || kind === "hdr") {
    parts.push(`ev${signed(ev)}`);
    if (highlights) parts.push(`highlights${signed(highlights)}`);
    if (shadows) parts.push(`shadows${signed(shadows)}`);
    if (gradient?.ev) parts.push("gradient");
  }
  if (kind !== "mask" && detail != null) parts.push(`detail${Math.round(100 * detail)}${seed ? `-${seed}` : ""}`);
  if (options.long_px) parts.push(`${options.long_px}px`);
  if (options.bits === 16) parts.push("16bit");
  if (kind !== "picture") parts.push(kind);
  return parts.join("_") + suffix;
}
