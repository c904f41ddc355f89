// The colour space that a JPEG, PNG or WebP file names in its ICC profile (ICC.1:2022): a matrix and a curve.

import { decodeSrgb } from "../light/camera.js";
import { P3, SRGB, same } from "../light/colours.js";
import { profileOfJpeg } from "./jpeg.js";

const text = (bytes, at, length) => String.fromCharCode(...bytes.subarray(at, at + length));

/** The colour space of an image file; sRGB where it names none, or one of another kind. */
export async function spaceOf(file) {
  try {
    const profile = await profileOf(new Uint8Array(await file.arrayBuffer()));
    const space = profile ? described(profile) : SRGB;
    return [SRGB, P3].find((known) => same(known, space)) ?? space;
  } catch {
    return SRGB; // damaged: as if there were none
  }
}

async function profileOf(bytes) {
  if (bytes[0] === 0xff) return profileOfJpeg(bytes);
  const view = new DataView(bytes.buffer);
  if (text(bytes, 1, 3) === "PNG") {
    for (let at = 8; at + 12 < bytes.length; at += 12 + view.getUint32(at)) {
      if (text(bytes, at + 4, 4) === "IDAT") return null;
      if (text(bytes, at + 4, 4) !== "iCCP") continue;
      const chunk = bytes.subarray(at + 8, at + 8 + view.getUint32(at));
      const packed = chunk.subarray(chunk.indexOf(0) + 2); // behind its name and the method
      return new Uint8Array(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
    }
  }
  if (text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP") {
    for (let at = 12; at + 8 < bytes.length; ) {
      const size = view.getUint32(at + 4, true);
      if (text(bytes, at, 4) === "ICCP") return bytes.slice(at + 8, at + 8 + size);
      at += 8 + size + (size & 1);
    }
  }
  return null;
}

/** What a profile of matrix and curves says. */
function described(profile) {
  if (text(profile, 16, 4) !== "RGB ") return SRGB;
  const view = new DataView(profile.buffer, profile.byteOffset, profile.length);
  const tags = new Map();
  for (let n = 0; n < Math.min(100, view.getUint32(128)); n++) tags.set(text(profile, 132 + 12 * n, 4), view.getUint32(136 + 12 * n));
  const fixed = (at) => view.getInt32(at) / 65536;
  const columns = ["rXYZ", "gXYZ", "bXYZ"].map((tag) => [0, 1, 2].map((i) => fixed(tags.get(tag) + 8 + 4 * i)));
  const toXyz = [0, 1, 2].flatMap((row) => columns.map((column) => column[row]));
  const middle = curveAt(view, text(profile, tags.get("rTRC"), 4), tags.get("rTRC"), fixed);
  const gamma = Math.abs(middle - decodeSrgb(0.5)) < 1e-3 ? 0 : Math.log(middle) / Math.log(0.5);
  return { toXyz, gamma };
}

/** A tone curve's linear value in the middle, where gamma 2.2 and sRGB's curve are well apart. */
function curveAt(view, kind, at, fixed) {
  if (kind === "para") {
    const [g, a, b] = [0, 1, 2].map((i) => fixed(at + 12 + 4 * i));
    const [type, offset] = [view.getUint16(at + 8), (i) => fixed(at + 12 + 4 * i)];
    if (type === 0) return 0.5 ** g;
    return Math.max(0, a * 0.5 + b) ** g + (type === 2 ? offset(3) : type === 4 ? offset(5) : 0);
  }
  const count = view.getUint32(at + 8);
  if (count < 2) return 0.5 ** (count ? view.getUint16(at + 12) / 256 : 1);
  const [before, after] = [Math.floor, Math.ceil].map((round) => view.getUint16(at + 12 + 2 * round((count - 1) / 2)) / 65535);
  return (before + after) / 2;
}
