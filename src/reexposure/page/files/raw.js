// Camera raw, told from photos by its content as reexposure/photo/raw.py does it: most of it is TIFF whose first
// directory holds a thumbnail, which some browsers would show.

import { holds } from "./bytes.js";
import { SIZES } from "./ifd.js";

export const CAMERA_RAW = "camera raw; develop it to TIFF or JPEG first";

/** @type {[number, string][]} */
const MAGIC = [
  [0, "IIU\0"], [0, "IIRO"], [0, "IIRS"], [0, "MMOR"], [0, "FUJIFILMCCD-RAW"], [0, "FOVb"], [0, "\0MRM"],
  [0, "ARRI\x12\x34\x56\x78"], [4, "ftypcrx "], [6, "HEAPCCDR"],
];
const TIFF_MAGIC = ["CR\x02", "IIII", "MMMM"];
const [SUBFILE, COMPRESSION, PHOTOMETRIC, SUB_IFDS, DNG_VERSION] = [254, 259, 262, 330, 50706];
const SENSOR_DATA = [32803, 34892];
const RAW_COMPRESSIONS = [262, 32767, 32770, 34713, 65000, 65535];
const INTEGERS = [1, 3, 4, 13, 16, 18];
const [MAX_DIRECTORIES, MAX_ENTRIES, MAX_BELOW] = [64, 4096, 16];

/** Whether a file's bytes are camera raw. */
export function isRaw(bytes) {
  if (MAGIC.some(([at, sign]) => holds(bytes, sign, at))) return true;
  const file = directories(bytes);
  const first = file?.tags(file.first);
  if (!first) return false;
  if (TIFF_MAGIC.some((sign) => holds(bytes, sign, 8)) || first.has(DNG_VERSION)) return true;
  if (first.get(SUBFILE)?.[0] & 1 && first.has(SUB_IFDS)) return true;
  const seen = new Set();
  for (const tags of chain(file)) {
    for (const one of [tags, ...(tags.get(SUB_IFDS) ?? []).map((at) => seen.has(at) || !seen.add(at) ? null : file.tags(at))]) {
      if (one && (SENSOR_DATA.includes(one.get(PHOTOMETRIC)?.[0]) || RAW_COMPRESSIONS.includes(one.get(COMPRESSION)?.[0]))) {
        return true;
      }
    }
  }
  return false;
}

/** The tags of each directory of the chain, as far as it goes. */
function* chain(file) {
  const seen = new Set();
  for (let at = file.first; at && !seen.has(at) && seen.size < MAX_DIRECTORIES; ) {
    seen.add(at);
    const tags = file.tags(at);
    if (!tags || tags.next === null) return;
    yield tags;
    at = tags.next;
  }
}

/** A TIFF or BigTIFF: where its first directory is, and what makes a map of tags of one; null for anything else. */
function directories(bytes) {
  const little = bytes[0] === 0x49;
  const [low, high] = little ? [bytes[2], bytes[3]] : [bytes[3], bytes[2]];
  if (bytes[0] !== bytes[1] || ![0x49, 0x4d].includes(bytes[0]) || ![42, 43].includes(low) || high !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const big = low === 43;
  const [room, head, step] = big ? [8, 8, 20] : [4, 2, 12];

  /** The unsigned number of `size` bytes at `at`, or null out of bounds. */
  function number(size, at) {
    if (at + size > bytes.length) return null;
    if (size === 8) return Number(view.getBigUint64(at, little));
    return size === 4 ? view.getUint32(at, little) : size === 2 ? view.getUint16(at, little) : view.getUint8(at);
  }

  /** The first values of each integer tag of the directory at `at`, by tag; `next` is where the next directory is. */
  function tags(at) {
    const count = number(head, at);
    if (count === null) return null;
    const found = /** @type {Map<number, number[]> & { next?: number }} */ (new Map());
    for (let n = 0; n < Math.min(count, MAX_ENTRIES); n++) {
      const place = at + head + step * n;
      const [tag, type, many] = [number(2, place), number(2, place + 2), number(room, place + 4)];
      if (tag === null || type === null || many === null) break;
      const size = SIZES[type] ?? (type >= 16 && type <= 18 ? 8 : 0);
      const start = size * many > room ? number(room, place + 4 + room) : place + 4 + room;
      if (start === null) break;
      if (!(size * many > 0) || size * many > bytes.length - start || found.has(tag)) continue;
      const length = INTEGERS.includes(type) ? Math.min(many, MAX_BELOW) : 0;
      found.set(tag, Array.from({ length }, (_, i) => number(size, start + i * size)));
    }
    found.next = number(room, at + head + step * count);
    return found;
  }

  const first = number(room, big ? 8 : 4);
  return first === null ? null : { first, tags };
}
