// Curves between encoded and linear values, as the responses of reexposure/light/camera.py. A curve is plain data, so
// that it can be sent: { kind: "power", gamma }, { kind: "srgb" }, { kind: "rec709" } or { kind: "table", linear }, evenly spaced values.

/** @typedef {{ kind: string, gamma?: number, linear?: number[], light?: boolean, channels?: Curve[] }} Curve */

export const SQRT = { kind: "power", gamma: 2 };
export const SRGB_CURVE = { kind: "srgb" };

const REC709 = { kind: "rec709" };

/** Curves by their code (ITU-T H.273, table 3). PQ and HLG are light in cd/m2, which the page cannot show. */
export const TRANSFERS = {
  1: REC709, 4: { kind: "power", gamma: 2.2 }, 5: { kind: "power", gamma: 2.8 }, 6: REC709, 8: { kind: "power", gamma: 1 },
  13: SRGB_CURVE, 14: REC709, 15: REC709, 16: { kind: "pq", light: true }, 18: { kind: "hlg", light: true },
};

/** The sRGB curve (IEC 61966-2-1). */
export const encodeSrgb = (linear) => (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
export const decodeSrgb = (encoded) => (encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4);

/** The curve of television cameras (ITU-R BT.709). */
const encodeRec709 = (linear) => (linear < 0.018 ? 4.5 * linear : 1.099 * linear ** 0.45 - 0.099);
const decodeRec709 = (encoded) => (encoded < 0.081 ? encoded / 4.5 : ((encoded + 0.099) / 1.099) ** (1 / 0.45));

/**
 * Whether a photo of this curve is one for the square-root camera.
 * @param {Curve} curve
 */
export const isOrdinary = ({ kind, gamma }) => kind === "srgb" || kind === "rec709" || (kind === "power" && gamma >= 1.99 && gamma <= 2.41);

/**
 * The function from encoded to linear values.
 * @param {Curve} curve
 * @returns {(encoded: number) => number}
 */
export function decoder({ kind, gamma, linear }) {
  if (kind === "srgb") return decodeSrgb;
  if (kind === "rec709") return decodeRec709;
  if (kind === "power") return gamma === 2 ? (encoded) => encoded * encoded : (encoded) => encoded ** gamma;
  return (encoded) => {
    const place = within(encoded) * (linear.length - 1);
    const before = Math.min(Math.floor(place), linear.length - 2);
    return linear[before] + (place - before) * (linear[before + 1] - linear[before]);
  };
}

/**
 * The function from linear to encoded values.
 * @param {Curve} curve
 * @returns {(linear: number) => number}
 */
export function encoder({ kind, gamma, linear }) {
  if (kind === "srgb") return encodeSrgb;
  if (kind === "rec709") return encodeRec709;
  if (kind === "power") return gamma === 2 ? Math.sqrt : (value) => value ** (1 / gamma);
  return (value) => {
    if (value >= linear.at(-1)) return 1;
    let [before, after] = [0, linear.length - 1];
    while (after - before > 1) {
      const middle = (before + after) >> 1;
      if (linear[middle] <= value) before = middle;
      else after = middle;
    }
    const share = (value - linear[before]) / (linear[after] - linear[before]);
    return (before + within(share || 0)) / (linear.length - 1);
  };
}

/** Change RGBA bytes from the curves of their three channels to sRGB's. */
export function recode(rgba, curves) {
  const tables = curves.map(decoder).map((decode) =>
    Uint8ClampedArray.from({ length: 256 }, (_, byte) => 255 * encodeSrgb(within(decode(byte / 255)))));
  for (let at = 0; at < rgba.length; at += 4) for (let c = 0; c < 3; c++) rgba[at + c] = tables[c][rgba[at + c]];
}

/** Whether two curves are one. */
export const sameCurve = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);

const within = (share) => Math.min(1, Math.max(0, share));
