// JPEG files as a row of segments: what a photo says of itself moves to the file made from it.

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const JFIF = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const ORIENTATION = 0x0112;
const PROFILE_AT = 18; // behind marker, length, name, number and count

const text = (bytes, from, length) => String.fromCharCode(...bytes.subarray(from, from + length));
const isExif = ({ marker, bytes }) => marker === APP1 && text(bytes, 4, 6) === "Exif\0\0";
const isProfile = ({ marker, bytes }) => marker === APP2 && text(bytes, 4, 12) === "ICC_PROFILE\0";

/** The segments before the picture's own data, and where that begins; none for other files. */
export function segmentsOf(bytes) {
  const segments = [];
  let at = 2;
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return { segments, rest: 0 };
  while (bytes[at] === 0xff && bytes[at + 1] !== SOS && at + 4 < bytes.length) {
    const end = at + 2 + bytes[at + 2] * 256 + bytes[at + 3];
    segments.push({ marker: bytes[at + 1], bytes: bytes.subarray(at, end) });
    at = end;
  }
  return { segments, rest: at };
}

/** A segment of `marker` with `payload` in it. */
export function segment(marker, payload) {
  const length = payload.length + 2;
  return { marker, bytes: Uint8Array.from([0xff, marker, length >> 8, length & 255, ...payload]) };
}

/** The ICC profile in a JPEG's bytes, or null. */
export function profileOfJpeg(bytes) {
  const parts = segmentsOf(bytes).segments.filter(isProfile).map((one) => one.bytes);
  parts.sort((one, other) => one[PROFILE_AT - 2] - other[PROFILE_AT - 2]);
  return parts.length ? Uint8Array.from(parts.flatMap((one) => [...one.subarray(PROFILE_AT)])) : null;
}

/** What the JPEG `original` says of itself: its EXIF segments, `turned` upright, and those of its colour profile. */
export async function metadataOf(original, turned = true) {
  const all = original ? segmentsOf(new Uint8Array(await original.arrayBuffer())).segments : [];
  const exif = all.filter(isExif);
  return { exif: turned ? exif.map(upright) : exif, profile: all.filter(isProfile) };
}

/** What segments of `marker` that begin with `name` hold behind it. */
export function payload(bytes, marker, name) {
  const found = segmentsOf(bytes).segments.filter((one) => one.marker === marker && text(one.bytes, 4, name.length) === name);
  return Uint8Array.from(found.flatMap((one) => [...one.bytes.subarray(4 + name.length)]));
}

/** The JPEGs behind the first one, by its multi-picture index (CIPA DC-007), or where one begins. */
export function furtherPictures(bytes) {
  let at = 2;
  for (const { marker, bytes: one } of segmentsOf(bytes).segments) {
    if (marker === APP2 && text(one, 4, 4) === "MPF\0") return indexed(bytes, at + 8);
    at += one.length;
  }
  for (at += 2; at + 3 < bytes.length; at++) {
    const ends = bytes[at - 2] === 0xff && bytes[at - 1] === EOI;
    if (ends && bytes[at] === 0xff && bytes[at + 1] === SOI) return [bytes.subarray(at)];
  }
  return [];
}

/** The pictures but the first of an index whose TIFF, from which distances count, begins at `start`. */
function indexed(bytes, start) {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  for (let n = 0; n < view.getUint16(directory, little); n++) {
    const entry = directory + 2 + 12 * n;
    if (view.getUint16(entry, little) !== 0xb002) continue;
    const [size, first] = [view.getUint32(entry + 4, little), view.getUint32(entry + 8, little)];
    return Array.from({ length: size / 16 - 1 }, (_, i) => {
      const [length, distance] = [4, 8].map((offset) => view.getUint32(first + 16 * (i + 1) + offset, little));
      return bytes.subarray(start + distance, start + distance + length);
    });
  }
  return [];
}

/** `file`, a JPEG, with what `metadataOf` found; its own profile gives way to another. */
export async function withMetadata(file, { exif, profile }) {
  const kept = [...exif, ...profile];
  return kept.length ? withSegments(new Uint8Array(await file.arrayBuffer()), kept, profile.length > 0) : file;
}

/** A JPEG's bytes with more segments behind its JFIF and EXIF ones; its own profile can give way. */
export function withSegments(bytes, more, replaceProfile = false) {
  const { segments, rest } = segmentsOf(bytes);
  const own = segments.filter((one) => !(replaceProfile && isProfile(one)));
  const leads = (one) => one.marker === JFIF || isExif(one);
  const parts = [bytes.subarray(0, 2), ...[...own.filter(leads), ...more, ...own.filter((one) => !leads(one))].map((one) => one.bytes), bytes.subarray(rest)];
  return new Blob(parts, { type: "image/jpeg" });
}

/** An EXIF segment that says the picture is upright, as it is once it was decoded. */
function upright({ marker, bytes }) {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer, 10);
  try {
    const little = view.getUint16(0) === 0x4949;
    const directory = view.getUint32(4, little);
    for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
      const at = directory + 2 + 12 * entry;
      if (view.getUint16(at, little) === ORIENTATION) view.setUint16(at + 8, 1, little);
    }
  } catch { /* damaged EXIF is carried over as it is */ }
  return { marker, bytes: copy };
}
