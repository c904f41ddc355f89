// What is said of a gain map, as reexposure/photo/gainmap.py: ISO 21496-1, Adobe's XMP, and Apple's older form. A gain
// map is { lowEv, highEv, gamma, baseOffset, alternateOffset, headroomEv, backward, inBaseColours }, the first five with a
// value for each of red, green and blue; Apple's is { headroom }. `space` is the colour space in which gains count, if
// that is not the photo's.

import { toHalf } from "../light/camera.js";
import { converter } from "../light/colours.js";
import { decodeSrgb, decoder } from "../light/curves.js";
import { bilinear, widen } from "../light/resample.js";
import { big16, big32, holds, joined } from "./bytes.js";
import { Directories } from "./ifd.js";
import * as xmp from "./xmp.js";

const [MULTICHANNEL, BASE_COLOURS, BACKWARD, COMMON_DENOMINATOR] = [0x80, 0x40, 0x04, 0x08];
const [MAKER_NOTE, EXIF_IFD, APPLE] = [0x927c, 0x8769, "Apple iOS\0"];
const HDRGM = "http://ns.adobe.com/hdr-gain-map/1.0/";
const HEADROOM = "http://ns.apple.com/HDRGainMap/1.0/ HDRGainMapHeadroom";
const [MAX_EV, MAX_APPLE_EV, MAX_GAMMA, MAX_OFFSET] = [32, 8, 100, 16]; // beyond these a file is damaged
const [ASPECT, SLACK_PX] = [0.05, 2]; // how far a map's shape may differ from its photo's, and by how many of its pixels
const PARTS = 1_000_000; // of a fraction
/** Adobe's names, ours, and what is meant where nothing is said. @type {Record<string, [string, string[] | null]>} */
const FIELDS = {
  GainMapMin: ["lowEv", ["0"]], GainMapMax: ["highEv", null], Gamma: ["gamma", ["1"]],
  OffsetSDR: ["baseOffset", ["0.015625"]], OffsetHDR: ["alternateOffset", ["0.015625"]],
};
const NAMES = Object.values(FIELDS).map(([name]) => name);

/**
 * @typedef {object} GainMap
 * @property {number[]} [lowEv]
 * @property {number[]} [highEv]
 * @property {number[]} [gamma]
 * @property {number[]} [baseOffset]
 * @property {number[]} [alternateOffset]
 * @property {number} [headroomEv]
 * @property {boolean} [backward]
 * @property {boolean} [inBaseColours]
 * @property {import("../light/colours.js").Space} [space]
 * @property {number} [headroom]
 */

/** Whether a map is no larger than its photo and of its shape, whichever way it lies; any other is none of it. */
export const fits = (codes, width, height) =>
  [[width, height], [height, width]].some(([w, h]) => {
    const slack = Math.max(ASPECT, SLACK_PX / Math.min(codes.width, codes.height));
    const apart = Math.abs(codes.height * w - codes.width * h);
    return codes.width <= w && codes.height <= h && apart <= slack * codes.height * w;
  });

/**
 * The light, RGBA half floats, of a photo's RGBA bytes in a colour space under codes { data, width, height } that are
 * RGBA bytes, too.
 */
export function lightUnder(about, codes, rgba, width, height, space) {
  const { curve } = space;
  const map = new Float32Array(codes.width * codes.height * 3);
  for (let at = 0; at < map.length; at++) map[at] = codes.data[4 * Math.floor(at / 3) + (at % 3)] / 255;
  const wide = widen(map, codes.width, codes.height, width);
  const decode = decoder(curve);
  const linear = Array.from({ length: 256 }, (_, byte) => decode(byte / 255));
  const lift = [0, 1, 2].map((c) => lifting(about, c));
  const theirs = about.space && String(about.space.primaries) !== String(space.primaries) ? about.space : space;
  const [there, back] = [converter(space, theirs), converter(theirs, space)];
  const light = new Uint16Array(width * height * 4);
  const colour = new Float32Array(3);
  for (let y = 0; y < height; y++) {
    const [above, below, share] = bilinear(codes.height, height, y);
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) colour[c] = linear[rgba[at + c]];
      if (theirs !== space) there(colour);
      for (let c = 0; c < 3; c++) {
        const top = wide[3 * (above * width + x) + c];
        colour[c] = lift[c](colour[c], top + share * (wide[3 * (below * width + x) + c] - top));
      }
      if (theirs !== space) back(colour);
      for (let c = 0; c < 3; c++) light[at + c] = toHalf(Math.max(0, colour[c]));
    }
  }
  return light;
}

/** The function from a channel's linear value, 1.0 white, and its code in [0, 1] to its light. */
export function lifting(about, c) {
  if (about.backward) return (linear) => linear; // the base holds all light already
  if ("headroom" in about) return (linear, code) => linear * (1 + (about.headroom - 1) * decodeSrgb(code));
  const [low, high, gamma, base, alternate] = NAMES.map((name) => about[name][c]);
  return (linear, code) => Math.max(0, (linear + base) * 2 ** (low + (high - low) * code ** (1 / gamma)) - alternate);
}

/** Read the block of ISO 21496-1. Throws if it is damaged. */
export function fromIso(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint8(4);
  if (view.getUint16(0) !== 0) throw new Error("a gain map of a kind not known here");
  const channels = flags & MULTICHANNEL ? 3 : 1;
  const signed = [false, false, ...Array(channels).fill([true, true, false, true, true]).flat()];
  const common = flags & COMMON_DENOMINATOR;
  let at = common ? 9 : 5;
  const numbers = signed.map((sign) => {
    const above = sign ? view.getInt32(at) : view.getUint32(at);
    const below = view.getUint32(common ? 5 : at + 4);
    at += common ? 4 : 8;
    return above / below;
  });
  const columns = NAMES.map((_, n) => [0, 1, 2].map((c) => numbers[2 + 5 * (c % channels) + n]));
  const [least, most] = numbers;
  const about = checked(columns, Math.max(least, most), Boolean(flags & BACKWARD) || least > most);
  return { ...about, inBaseColours: Boolean(flags & BASE_COLOURS) };
}

/** Read Adobe's form. Throws if it is damaged. */
export function fromXmp(packet) {
  const told = (name) => xmp.values(packet, `${HDRGM} ${name}`);
  const columns = Object.entries(FIELDS).map(([name, [, usual]]) => {
    const found = [told(name), usual ?? []].find(({ length }) => length)?.map(numeric);
    if (!found) throw new Error("damaged gain map");
    return [0, 1, 2].map((c) => found[found.length < 3 ? c % found.length : c]);
  });
  const backward = told("BaseRenditionIsHDR")[0]?.toLowerCase() === "true";
  return checked(columns, numeric(told("HDRCapacityMax")[0] ?? "1"), backward);
}

const numeric = (text) => (/\d/.test(text) ? Number(text) : NaN);

/** Read Apple's headroom, from XMP or from the maker's notes. Throws without it. */
export function fromApple(exif, packet) {
  const told = packet ? xmp.values(packet, HEADROOM) : [];
  if (told.length) return apple(Math.log2(Math.max(1, numeric(told[0]))));
  const data = new Directories(exif);
  const at = data.value(data.first, EXIF_IFD);
  const note = at && data.find(at, MAKER_NOTE);
  const block = note ? data.data.subarray(note.at, note.at + note.size) : new Uint8Array();
  if (!holds(block, APPLE)) throw new Error("Apple's gain map without its headroom");
  // The note is a directory of its own, big-endian, after a head of 14 bytes; offsets count from the note.
  const inner = new Directories(joined("MM\0*\0\0\0\x0e", block.subarray(8)));
  const values = {};
  for (const { tag, type, at: place } of inner.entries(14)) {
    if (![33, 48].includes(tag) || ![5, 10].includes(type)) continue;
    const [above, below] = [inner.number(4, place), inner.number(4, place + 4)].map((n) => (type === 10 ? n | 0 : n));
    values[tag] = above / Math.max(1, below);
  }
  const { 33: first, 48: second } = values;
  if (first === undefined || second === undefined) throw new Error("Apple's gain map without its headroom");
  const dim = second <= 0.01 ? 1.8 - 20 * second : 1.601 - 0.101 * second;
  const lit = second <= 0.01 ? 3 - 70 * second : 2.303 - 0.303 * second;
  return apple(first < 1 ? dim : lit);
}

function apple(headroomEv) {
  if (!(headroomEv <= MAX_APPLE_EV)) throw new Error("damaged gain map"); // also what is no number
  return { headroom: 2 ** Math.max(0, headroomEv) };
}

function checked(columns, headroomEv, backward) {
  const [low, high, gamma, base, alternate] = columns;
  const within = (values, least, most) => values.every((value) => value >= least && value <= most); // false of what is no number
  const sensible =
    within(gamma, 1 / MAX_GAMMA, MAX_GAMMA) && within([...low, ...high, headroomEv], -MAX_EV, MAX_EV) &&
    within([...base, ...alternate], -MAX_OFFSET, MAX_OFFSET);
  if (!sensible) throw new Error("damaged gain map");
  return { ...Object.fromEntries(NAMES.map((name, n) => [name, columns[n]])), headroomEv, backward, inBaseColours: true };
}

/** The block of ISO 21496-1, annex C; one set of values where the channels share them. */
export function toIso(about) {
  const rows = [0, 1, 2].map((c) => NAMES.map((name) => about[name][c]));
  const used = rows.every((row) => String(row) === String(rows[0])) ? rows.slice(0, 1) : rows;
  const fractions = [0, about.headroomEv, ...used.flat()].map((value) => big32(Math.round(value * PARTS), PARTS));
  return joined(big16(0, 0), [BASE_COLOURS | (used.length === 3 ? MULTICHANNEL : 0)], ...fractions);
}

/** The same as an `rdf:Description`. */
export function toXmp(about) {
  const told = Object.entries(FIELDS).map(([name, [ours]]) => ` hdrgm:${name}="${about[ours][0].toFixed(6)}"`).join("");
  return (
    `<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"${told}` +
    ` hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="${about.headroomEv.toFixed(6)}" hdrgm:BaseRenditionIsHDR="False"/>`
  );
}
