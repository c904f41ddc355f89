// JPEG files as what they are, a list of segments and the compressed picture, as reexposure/photo/jpeg.py.
// A segment is { marker, payload }: `payload` is what follows its length.

import { big16, big32, holds, joined, number } from "./bytes.js";
import { Directories } from "./ifd.js";

export const [APP0, APP1, APP2, APP11, APP13, COM] = [0xe0, 0xe1, 0xe2, 0xeb, 0xed, 0xfe];
export const EXIF = "Exif\0\0";
export const XMP = "http://ns.adobe.com/xap/1.0/\0";
export const XMP_EXTENSION = "http://ns.adobe.com/xmp/extension/\0";
export const ICC = "ICC_PROFILE\0";
export const MPF = "MPF\0";
export const PHOTOSHOP = "Photoshop 3.0\0";
export const GAIN_MAP_ISO = "urn:iso:std:iso:ts:21496:-1\0";
export const MAX_PAYLOAD = 65533;

const [SOI, EOI, SCAN] = [0xd8, 0xd9, 0xda];
const [MAX_SEGMENTS, MAX_PICTURES] = [10_000, 64];

export const isJpeg = (bytes) => bytes[0] === 0xff && bytes[1] === SOI;

/** Whether a segment is the one of `marker` that begins with `name`. */
export const starts = (segment, marker, name) => segment.marker === marker && holds(segment.payload, name);

/**
 * A JPEG taken apart: `segments` before the picture, `scan` from its first scan to its end marker, and `rest`,
 * whatever follows that. Throws where it is none, or ends before its picture does.
 */
export function split(bytes) {
  const found = [...walk(bytes)];
  const last = found.pop();
  if (last?.marker !== SCAN) throw new Error("JPEG ends before its picture");
  const end = endOfPicture(bytes, last.start);
  return { segments: found.map(bare), scan: bytes.subarray(last.start, end), rest: bytes.subarray(end) };
}

/** The segments before the picture, as far as they go in a file that is cut or damaged. */
export const segmentsOf = (bytes) => [...walk(bytes)].filter(({ marker }) => marker !== SCAN).map(bare);

const bare = ({ marker, payload }) => ({ marker, payload });

/** Each segment, and its `start`, up to the first scan's, which is the last. */
function* walk(bytes) {
  if (!isJpeg(bytes)) throw new Error("no JPEG");
  for (let at = 2, n = 0; n < MAX_SEGMENTS; n++) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++; // fill bytes
    if (at + 4 > bytes.length || bytes[at] !== 0xff) return;
    const [marker, end] = [bytes[at + 1], at + 2 + number(bytes, at + 2, 2)];
    yield { marker, payload: bytes.subarray(at + 4, end), start: at };
    if (marker === SCAN) return;
    at = end;
  }
}

/** Where the picture whose first scan starts at `at` is over, end marker included. */
function endOfPicture(bytes, at) {
  for (;;) {
    at += 2 + number(bytes, at + 2, 2);
    for (at = bytes.indexOf(0xff, at); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
      const next = bytes[at + 1];
      if (next && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) break; // no stuffed byte and no restart
    }
    if (at < 0 || at + 1 >= bytes.length) throw new Error("JPEG without an end");
    if (bytes[at + 1] === EOI) return at + 2;
  }
}

/** The bytes of one segment. */
export function bytesOfSegment({ marker, payload }) {
  if (payload.length > MAX_PAYLOAD) throw new Error(`a JPEG segment holds ${MAX_PAYLOAD} bytes, not ${payload.length}`);
  return joined([0xff, marker], big16(payload.length + 2), payload);
}

/** The inverse of `split`. */
export const join = ({ segments, scan, rest = [] }) => joined([0xff, SOI], ...segments.map(bytesOfSegment), scan, rest);

/** What follows `name` in the first segment of `marker` that begins with it, or nothing. */
export function payloadOf({ segments }, marker, name) {
  return segments.find((one) => starts(one, marker, name))?.payload.subarray(name.length) ?? new Uint8Array();
}

/** An ICC profile in as many numbered segments as it needs. */
export function chunked(marker, name, data) {
  const pieces = parts(data, MAX_PAYLOAD - name.length - 2);
  return pieces.map((piece, n) => ({ marker, payload: joined(name, [n + 1, pieces.length], piece) }));
}

/** The ICC profile in segments, or nothing; one with a part missing says nothing. */
export function profileIn(segments) {
  const found = segments.filter((one) => starts(one, APP2, ICC)).map((one) => one.payload.subarray(ICC.length));
  found.sort((one, other) => one[0] - other[0]);
  const whole = found.length > 0 && found.length === found[0][1];
  return whole ? joined(...found.map((one) => one.subarray(2))) : new Uint8Array();
}

/** `data` in pieces of at most `size` bytes. */
export const parts = (data, size) =>
  Array.from({ length: Math.ceil(data.length / size) }, (_, n) => data.subarray(n * size, (n + 1) * size));

/**
 * The other pictures in a file of several (CIPA DC-007, multi-picture format), as its index says, then what follows the
 * first. Real pictures do not overlap: an index of more bytes than the file has is not believed to its end.
 */
export function furtherPictures(bytes) {
  const found = [];
  let left = bytes.length;
  for (const [at, size] of placesIn(bytes).slice(0, MAX_PICTURES)) {
    left -= size;
    if (left < 0) break;
    found.push(bytes.subarray(at, at + size));
  }
  try {
    found.push(split(bytes).rest);
  } catch { /* a file that is cut has none */ }
  return found.filter(isJpeg);
}

/** Where the further pictures are that the index of a multi-picture file names, and their sizes. */
function placesIn(bytes) {
  const found = [];
  const segment = [...walk(bytes)].find((one) => starts(one, APP2, MPF));
  if (!segment) return found;
  const origin = segment.start + 4 + MPF.length;
  try {
    const index = new Directories(segment.payload.subarray(MPF.length));
    const table = index.find(index.first, 0xb002);
    for (let at = table.at + 16; at + 16 <= table.at + table.size; at += 16) {
      const [size, offset] = [index.number(4, at + 4), index.number(4, at + 8)];
      if (offset) found.push([origin + offset, size]); // 0 is the first picture's
    }
  } catch { /* an index that cannot be read further */ }
  return found;
}

/** One file out of `primary`, taken apart, and further pictures, with the index that says where they are. */
export function multiPicture(primary, others) {
  const segments = primary.segments.filter((one) => !starts(one, APP2, MPF));
  // After the metadata that readers expect first, as phones do.
  const first = segments.findIndex(({ marker }) => marker < APP0 || marker >= APP0 + 16);
  const place = first < 0 ? segments.length : first;
  const lengths = segments.map(({ payload }) => payload.length + 4);
  const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
  const origin = 2 + sum(lengths.slice(0, place)) + 4 + MPF.length;
  const indexed = (sizes, distance) => ({ marker: APP2, payload: joined(MPF, index(sizes, distance)) });
  const blank = indexed([0, ...others.map(() => 0)], 0).payload.length + 4;
  const size = 2 + sum(lengths) + blank + primary.scan.length;
  const told = indexed([size, ...others.map(({ length }) => length)], size - origin);
  return joined(join({ segments: [...segments.slice(0, place), told, ...segments.slice(place)], scan: primary.scan }), ...others);
}

/** A big-endian index of pictures of `sizes` bytes; the second starts at `distance`. */
function index(sizes, distance) {
  const table = 8 + 2 + 3 * 12 + 4;
  const head = joined(
    "MM", big16(42), big32(8), big16(3),
    big16(0xb000, 7), big32(4), "0100",
    big16(0xb001, 4), big32(1, sizes.length),
    big16(0xb002, 7), big32(16 * sizes.length, table), big32(0),
  );
  let offset = 0;
  const rows = sizes.map((size, number) => {
    const row = big32(number ? 0 : 0x030000, size, offset, 0); // the first is the baseline primary picture
    offset = number ? offset + size : distance;
    return row;
  });
  return joined(head, ...rows);
}
