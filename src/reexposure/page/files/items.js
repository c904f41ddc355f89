// The items of an AVIF or HEIC file (ISO/IEC 23008-12) that say something of its picture, as reexposure/photo/items.py.

import { boxes, child } from "./boxes.js";
import { holds, joined, number } from "./bytes.js";

const [MAX_ITEMS, MAX_EXTENTS] = [4096, 16_384];

/** EXIF and XMP, as bytes. Throws where the items make no sense, or are too many. */
export function blocksIn(bytes) {
  const meta = child(bytes, { start: 0, end: bytes.length }, "meta");
  const [kinds, places, inside] = ["iinf", "iloc", "idat"].map((kind) => child(bytes, meta, kind, 4));
  if (!kinds || !places) throw new Error("no items");
  const items = kindsIn(bytes, kinds);
  locate(bytes, places, inside, items);
  const contentOf = (wanted) => {
    const item = [...items.values()].find(({ kind }) => kind === wanted);
    if (item?.places.some(([start, size]) => start + size > bytes.length)) throw new Error("an item beyond the end of its file");
    return joined(...(item?.places ?? []).map(([start, size]) => bytes.subarray(start, start + size)));
  };
  const [told, xmp] = ["Exif", "mime application/rdf+xml"].map(contentOf);
  const exif = told.subarray(4 + (number(told, 0, 4) || 0)); // behind where it begins
  return { exif: (holds(exif, "Exif\0\0") ? exif.subarray(6) : exif).slice(), xmp };
}

/** Reads numbers one after another out of a box with a version and flags. Throws at its end. */
class Reader {
  constructor(bytes, { start, end }) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.version = this.number(1);
    this.number(3);
  }

  number(size) {
    if (this.at + size > this.end) throw new Error("damaged items");
    this.at += size;
    return number(this.bytes, this.at - size, size);
  }
}

/** The items by number: what each is, `mime` with its type behind it. */
function kindsIn(bytes, box) {
  const reader = new Reader(bytes, box);
  if (reader.number(reader.version ? 4 : 2) > MAX_ITEMS) throw new Error("too many items");
  const items = new Map();
  for (const entry of boxes(bytes, reader.at, box.end)) {
    if (entry.kind !== "infe") continue;
    const told = new Reader(bytes, entry);
    if (![2, 3].includes(told.version)) continue;
    const item = told.number(told.version === 2 ? 2 : 4);
    told.number(6);
    const [kind, , type] = [String.fromCharCode(...bytes.subarray(told.at - 4, told.at)), ...textsIn(bytes, told.at, entry.end)];
    items.set(item, { kind: kind === "mime" ? `mime ${type}` : kind, places: [] });
  }
  return items;
}

/** The texts, each ended by a zero, from `start` to `end`. */
const textsIn = (bytes, start, end) => String.fromCharCode(...bytes.subarray(start, end)).split("\0");

/** Put where the bytes of each item are. */
function locate(bytes, box, inside, items) {
  const reader = new Reader(bytes, box);
  const sizes = reader.number(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const wide = reader.version > 1 ? 4 : 2;
  let extents = 0;
  for (let n = reader.number(wide); n > 0; n--) {
    const item = items.get(reader.number(wide));
    const method = reader.version ? reader.number(2) & 15 : 0;
    reader.number(2); // in which file: this one
    const base = reader.number(baseSize);
    const count = reader.number(2);
    extents += Math.max(count, 1);
    if (extents > MAX_EXTENTS) throw new Error("items in too many pieces");
    for (let i = 0; i < count; i++) {
      reader.number(reader.version ? sizes & 15 : 0);
      const start = base + reader.number(offsetSize) + (method === 1 && inside ? inside.start : 0);
      const size = reader.number(lengthSize);
      if (method === 0 || (method === 1 && inside)) item?.places.push([start, size || bytes.length - start]);
    }
  }
}
