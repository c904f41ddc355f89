// What EXIF says of how the picture lies, and how it is put right without moving a byte, as reexposure/photo/exif.py.

import { joined } from "./bytes.js";
import { Directories, INTEGERS, SIZES } from "./ifd.js";

const [ORIENTATION, EXIF_IFD, GPS_IFD, INTEROP_IFD] = [0x0112, 0x8769, 0x8825, 0xa005];
const [WIDTHS, HEIGHTS] = [[0x0100, 0xa002], [0x0101, 0xa003]];
const [THUMBNAIL_AT, THUMBNAIL_SIZE] = [0x0201, 0x0202];
const [X_RESOLUTION, RESOLUTION_UNIT, CENTIMETRE] = [0x011a, 0x0128, 3];

/** How the picture lies, 1 to 8; null if EXIF does not say. Damaged EXIF counts as far as it goes. */
export function orientation(exif) {
  let told = null;
  try {
    const data = new Directories(exif);
    for (const { tag, type, at } of data.entries(data.first)) {
      if (tag !== ORIENTATION || !INTEGERS[type]) continue;
      const value = data.number(INTEGERS[type], at);
      if (value >= 1 && value <= 8) told = value;
    }
  } catch { /* as far as it goes */ }
  return told;
}

/** The resolution that EXIF names, across and down, in dots an inch; null without it. */
export function dpiIn(exif) {
  try {
    const data = new Directories(exif);
    const entry = data.find(data.first, X_RESOLUTION);
    const dots = data.number(4, entry.at) / data.number(4, entry.at + 4);
    const dpi = data.value(data.first, RESOLUTION_UNIT) === CENTIMETRE ? 2.54 * dots : dots;
    return dpi > 0 && dpi < Infinity ? [dpi, dpi] : null;
  } catch {
    return null;
  }
}

/**
 * EXIF of a picture that was turned upright: orientation 1, this size, no thumbnail. Entries that point nowhere are taken
 * out, and directories that cannot be read; nothing is left of EXIF whose first directory is damaged.
 */
export function upright(exif, height, width) {
  const fresh = onceUpright(exif, height, width);
  // Where directories or values lie over one another, a change of one damages another.
  const again = onceUpright(fresh, height, width);
  return again.length === fresh.length && again.every((byte, n) => byte === fresh[n]) ? fresh : new Uint8Array();
}

function onceUpright(exif, height, width) {
  const nothing = new Uint8Array();
  try {
    let data = new Directories(exif);
    const missing = data.nextLink(data.first) + 4 - data.data.length;
    if (missing > 0 && missing <= 4) data = new Directories(joined(exif, new Uint8Array(missing))); // only a link is cut
    const truth = new Map(/** @type {[number, number][]} */ ([[ORIENTATION, 1], ...WIDTHS.map((tag) => [tag, width]), ...HEIGHTS.map((tag) => [tag, height])]));
    for (const at of directories(data)) tidy(data, at, truth);
    cutThumbnail(data);
    return data.number(2, data.first) ? data.data : nothing;
  } catch {
    return nothing;
  }
}

/** The first directory and those it names, as far as they can be read. */
function* directories(data) {
  yield data.first;
  const [exif, gps] = [EXIF_IFD, GPS_IFD].map((tag) => data.value(data.first, tag));
  const interop = exif && data.value(exif, INTEROP_IFD);
  for (const at of [exif, gps, interop]) if (at) yield at;
}

const placesOf = (data, at) => Array.from({ length: data.number(2, at) }, (_, n) => at + 2 + 12 * n);

/** Take out what cannot be read, and say what is true of the upright picture. */
function tidy(data, at, truth) {
  const left = [];
  for (const place of placesOf(data, at)) {
    const entry = data.entry(place);
    if (!isSound(data, entry)) continue;
    const size = INTEGERS[entry.type];
    const value = truth.get(entry.tag);
    if (value !== undefined) {
      if (!size || value >= 256 ** size) continue;
      data.put(size, entry.at, value);
    }
    left.push(data.data.slice(place, place + 12));
  }
  const end = at + 2 + 12 * data.number(2, at);
  const link = data.data.slice(end, end + 4);
  data.data.fill(0, at + 2, end + 4);
  data.put(2, at, left.length);
  data.data.set(joined(...left, link), at + 2);
}

function cutThumbnail(data) {
  const link = data.nextLink(data.first);
  const thumbnail = data.number(4, link);
  data.put(4, link, 0);
  try {
    const [start, length] = [THUMBNAIL_AT, THUMBNAIL_SIZE].map((tag) => data.value(thumbnail, tag));
    if (thumbnail && start >= 8 && length && start + length <= data.data.length) data.data.fill(0, start, start + length);
  } catch { /* it names none */ }
}

/** Whether an entry can be read, and the directory, if it names one. */
function isSound(data, { tag, type, at, size }) {
  if (!SIZES[type] || at < 8 || at > data.data.length - size) return false;
  if (![EXIF_IFD, GPS_IFD, INTEROP_IFD].includes(tag)) return true;
  try {
    const directory = data.number(4, at);
    return (type === 4 || type === 13) && directory >= 8 && data.nextLink(directory) <= data.data.length;
  } catch {
    return false;
  }
}
