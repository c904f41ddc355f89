// ICC profiles of a matrix and curves, and of a grey curve (ICC.1:2022), as reexposure/light/icc.py.

import { big16, big32, bytesOf, holds, joined, number } from "./bytes.js";
import { D50, KNOWN, SRGB, bradford, inverse, named, ofCodes, sound, times, toXyz, xyzOf } from "../light/colours.js";
import { SRGB_CURVE, decoder, sameCurve } from "../light/curves.js";

const TABLES = ["A2B0", "A2B1", "A2B2", "D2B0", "D2B1", "D2B2", "D2B3"];
const MAX_TABLE = 4096;
const GRID = Array.from({ length: 1024 }, (_, at) => at / 1023);
const WIDE = Array.from({ length: MAX_TABLE }, (_, at) => at / (MAX_TABLE - 1));
const ONE = 65536; // of numbers with a fixed point

/** What a profile of matrix and curves says; sRGB for none, or for one of another kind. */
export const spaceOf = (profile) => understood(profile) ?? SRGB;

/** Whether colours are to be found in the tables of a profile, which go before its matrix and curves. */
export function hasTables(profile) {
  try {
    const tags = tagsOf(profile);
    return TABLES.some((name) => tags.has(name));
  } catch {
    return false;
  }
}

/**
 * What a profile of RGB or grey says in matrix and curves; null where it says nothing that can be used. Three curves
 * that differ are { kind: "channels", channels }.
 * @returns {import("../light/colours.js").Space | null}
 */
export function understood(profile) {
  try {
    const grey = holds(profile, "GRAY", 16);
    if (!holds(profile, "acsp", 36) || !(grey || holds(profile, "RGB ", 16))) return null;
    const tags = tagsOf(profile);
    const codes = tags.get("cicp");
    const told = codes?.length >= 12 ? ofCodes(codes[8], codes[9]) : null;
    if (told?.curve.light) return told;
    return grey ? { ...SRGB, curve: curveOf(tags.get("kTRC")) } : spaceIn(tags);
  } catch {
    return null;
  }
}

function spaceIn(tags) {
  const curves = ["rTRC", "gTRC", "bTRC"].map((name) => curveOf(tags.get(name)));
  const decoded = curves.map((one) => GRID.map(decoder(one)));
  const alike = decoded.every((one) => one.every((value, at) => Math.abs(value - decoded[1][at]) < 1e-3));
  const curve = alike ? curves[1] : { kind: "channels", channels: curves };
  const columns = ["rXYZ", "gXYZ", "bXYZ"].map((name) => fixed(tags.get(name), 8, 3));
  // Colorants are adapted to D50. Of a known space they are known so, too: some writers do not say from which white.
  for (const [name, primaries] of Object.entries(KNOWN)) {
    const own = toXyz({ primaries });
    if (columns.every((column, c) => column.every((value, row) => Math.abs(value - own[3 * row + c]) < 0.002))) return { name, primaries, curve };
  }
  const sum = [0, 1, 2].map((row) => columns.reduce((total, column) => total + column[row], 0));
  const back = inverse(adapted(tags));
  const primaries = [...columns, sum].map((xyz) => {
    const [x, y, z] = times(back, xyz);
    return [x, y].map((value) => Math.round((value / (x + y + z)) * 1e4) / 1e4);
  });
  return sound(primaries) ? named(primaries, curve) : null;
}

function tagsOf(profile) {
  const tags = new Map();
  for (let n = 0; n < Math.min(100, number(profile, 128, 4)); n++) {
    const entry = 132 + 12 * n;
    if (entry + 12 > profile.length) throw new Error("damaged profile");
    const [at, size] = [number(profile, entry + 4, 4), number(profile, entry + 8, 4)];
    tags.set(String.fromCharCode(...profile.subarray(entry, entry + 4)), profile.subarray(at, at + size));
  }
  return tags;
}

/** `count` numbers with a fixed point at `at`. */
function fixed(bytes, at, count) {
  if (at + 4 * count > bytes.length) throw new Error("damaged profile");
  return Array.from({ length: count }, (_, i) => (number(bytes, at + 4 * i, 4) | 0) / ONE);
}

/** The matrix that took the colorants from their own white to D50. */
const adapted = (tags) => (tags.has("chad") ? fixed(tags.get("chad"), 8, 9) : bradford(fixed(tags.get("wtpt"), 8, 3)));

/** A tone curve: one of ours where it is that within a tenth of a per cent, else a table. Throws unless it rises from black to white. */
function curveOf(bytes) {
  const told = toldBy(bytes);
  const rises = told.every((value, at) => Number.isFinite(value) && (!at || value >= told[at - 1]));
  if (!(rises && told[0] >= -0.01 && told[0] < 0.5 && told.at(-1) > 0.5 && told.at(-1) <= 1.01)) throw new Error("curve does not rise");
  const table = { kind: "table", linear: told.map((value) => Math.min(1, Math.max(0, value))) };
  const linear = GRID.map(decoder(table));
  const ours = [SRGB_CURVE, { kind: "rec709" }];
  if (linear[512] > 0 && linear[512] < 1) {
    ours.push({ kind: "power", gamma: Math.round((Math.log(linear[512]) / Math.log(GRID[512])) * 1000) / 1000 });
  }
  const same = (decode) => linear.every((value, at) => Math.abs(decode(GRID[at]) - value) < 1e-3);
  return ours.find((known) => same(decoder(known))) ?? table;
}

/** The linear values, evenly spaced, that a `para` or `curv` tag names. */
function toldBy(bytes) {
  const count = number(bytes, 8, 4);
  if (holds(bytes, "para")) {
    const kind = number(bytes, 8, 2);
    return WIDE.map(parametric(kind, fixed(bytes, 12, [1, 3, 4, 5, 7][kind])));
  }
  if (!holds(bytes, "curv") || Number.isNaN(count)) throw new Error("unknown curve");
  if (count < 2) return WIDE.map(decoder({ kind: "power", gamma: count ? number(bytes, 12, 2) / 256 : 1 }));
  if (12 + 2 * count > bytes.length) throw new Error("damaged profile");
  const entries = Math.min(count, MAX_TABLE);
  const place = (i) => 12 + 2 * Math.round((i * (count - 1)) / (entries - 1));
  return Array.from({ length: entries }, (_, i) => number(bytes, place(i), 2) / 65535);
}

/** ICC.1:2022, table 68: `(a x + b) ** g + e` from d on, `c x + f` below. */
function parametric(kind, numbers) {
  const [g, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
  const offset = kind === 2 ? c : kind === 4 ? e : 0;
  const high = (x) => Math.max(a * x + b, 0) ** g + offset;
  if (kind <= 2) return (x) => (a * x >= -b ? high(x) : kind === 2 ? offset : 0);
  return (x) => (x >= d ? high(x) : c * x + (kind === 4 ? f : 0));
}

/** An ICC profile (version 2) that describes a colour space, or its curve for `grey` pictures. */
export function profileOf(space, grey = false) {
  const { primaries, curve } = space;
  const title = titleOf(space);
  const matrix = toXyz({ primaries });
  const column = (c) => xyz([0, 3, 6].map((row) => matrix[row + c]));
  const decode = decoder(curve);
  const straight = sameCurve(curve, { kind: "power", gamma: 1 });
  const table = Array.from({ length: 2048 }, (_, at) => Math.round(decode(at / 2047) * 65535));
  const tone = joined("curv\0\0\0\0", ...(straight ? [big32(0)] : [big32(2048), big16(...table)]));
  const tags = [
    ["desc", joined("desc\0\0\0\0", big32(title.length + 1), bytesOf(`${title}\0`), new Uint8Array(78))],
    ["cprt", bytesOf("text\0\0\0\0No copyright, use freely\0")],
    ["wtpt", xyz(xyzOf(primaries[3]))],
    ...(grey ? [["kTRC", tone]] : ["r", "g", "b"].flatMap((letter, c) => [[`${letter}XYZ`, column(c)], [`${letter}TRC`, tone]])),
  ];
  let start = 128 + 4 + 12 * tags.length;
  const [index, body, places] = [[], [], new Map()];
  for (const [tag, data] of tags) {
    if (!places.has(data)) {
      places.set(data, start);
      body.push(data, new Uint8Array(-data.length & 3));
      start += data.length + (-data.length & 3);
    }
    index.push(bytesOf(tag), big32(places.get(data), data.length));
  }
  const head = new Uint8Array(128);
  head.set(joined(big32(start, 0, 0x02400000), `mntr${grey ? "GRAY" : "RGB "}XYZ `, new Uint8Array(12), "acsp"));
  head.set(xyz(D50).subarray(8), 68);
  return joined(head, big32(tags.length), ...index, ...body);
}

/** The name of a colour space, and of its curve where that is not the usual one. */
function titleOf({ name, curve: { kind, gamma } }) {
  if (kind === "srgb" || (kind === "power" && name === "Adobe RGB")) return name;
  return `${name}, ${{ power: `gamma ${Number(gamma?.toPrecision(6))}`, rec709: "BT.709 curve" }[kind] ?? "a curve of its own"}`;
}

const xyz = (values) => joined("XYZ \0\0\0\0", big32(...values.map((value) => Math.round(value * ONE))));
