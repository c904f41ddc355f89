// Boxes of ISO base media files (ISO/IEC 14496-12), in which AVIF and HEIC keep pictures, as reexposure/photo/boxes.py.

import { holds, number } from "./bytes.js";

const [MAX_BOXES, MAX_PROPERTIES] = [10_000, 1000];

export const isBoxes = (bytes) => holds(bytes, "ftyp", 4);

/** The boxes { kind, start, end } that lie in bytes from `start` to `end`, as far as they make sense. */
export function* boxes(bytes, start = 0, end = bytes.length) {
  const last = Math.min(end, bytes.length);
  for (let n = 0; n < MAX_BOXES && start + 8 <= last; n++) {
    let [size, head] = [number(bytes, start, 4), 8];
    if (size === 1) [size, head] = [number(bytes, start + 8, 8), 16];
    size ||= last - start;
    if (size < head || !(start + size <= last)) return;
    yield { kind: String.fromCharCode(...bytes.subarray(start + 4, start + 8)), start: start + head, end: start + size };
    start += size;
  }
}

/** The first box of a kind in `box`, whose content begins with `skip` bytes of its own. */
export function child(bytes, box, kind, skip = 0) {
  if (!box) return null;
  for (const found of boxes(bytes, box.start + skip, box.end)) if (found.kind === kind) return found;
  return null;
}

/** The { kind, content } of each property of a file's primary picture: its colours, depth, and so on (HEIF, 9.3). */
export function primaryProperties(bytes) {
  const meta = child(bytes, { start: 0, end: bytes.length }, "meta");
  const [main, known] = ["pitm", "iprp"].map((kind) => child(bytes, meta, kind, 4)); // behind its version and flags
  const [store, links] = ["ipco", "ipma"].map((kind) => child(bytes, known, kind));
  if (!main || !store || !links) return [];
  const item = number(bytes, main.start + 4, bytes[main.start] ? 4 : 2);
  const every = [];
  for (const { kind, start, end } of boxes(bytes, store.start, store.end)) {
    if (every.length < MAX_PROPERTIES) every.push({ kind, content: bytes.subarray(start, end) });
  }
  return linked(bytes, links, item).map((place) => every[place - 1]).filter(Boolean);
}

/** Which properties, counted from 1, the box of associations links with a picture. */
function linked(bytes, links, wanted) {
  const [itemSize, wide] = [bytes[links.start] ? 4 : 2, bytes[links.start + 3] & 1];
  const placeSize = wide ? 2 : 1;
  let at = links.start + 8;
  for (let n = Math.min(number(bytes, links.start + 4, 4), MAX_BOXES); n > 0 && at + itemSize < links.end; n--) {
    const [item, count] = [number(bytes, at, itemSize), bytes[at + itemSize]];
    at += itemSize + 1;
    if (item === wanted) {
      return Array.from({ length: count }, (_, i) => number(bytes, at + i * placeSize, placeSize) & (wide ? 0x7fff : 0x7f));
    }
    at += count * placeSize;
  }
  return [];
}
