// JPEG files as a row of segments: what a photo says of itself moves to the file made from it.

const SOI = 0xd8;
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

/** What the JPEG `original` says of itself: its EXIF segments, upright, and those of its colour profile. */
export async function metadataOf(original) {
  const all = original ? segmentsOf(new Uint8Array(await original.arrayBuffer())).segments : [];
  return { exif: all.filter(isExif).map(upright), profile: all.filter(isProfile) };
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
