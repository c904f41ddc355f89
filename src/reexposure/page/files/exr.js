// OpenEXR: the radiance map's half floats, ZIP-compressed. https://openexr.com/en/latest/OpenEXRFileLayout.html

import NUMBERS from "../light/numbers.json" with { type: "json" };
import { SOFTWARE, toldOfDetail } from "./metadata.js";

const ROWS = 16; // of a ZIP block
const ZIP = 3;
const HALF = 1;
const ONE = 0x3c00; // as a half float
const NEGATIVE = 0x8000;
const WHITE_NITS = NUMBERS.white_nits; // the luminance of 1.0: that of diffuse white on an HDR display (ITU-R BT.2408)

/** Names of linear colour spaces by the Color Interop Forum. */
const INTEROP = {
  "sRGB": "lin_rec709_scene", "Display P3": "lin_p3d65_scene", "Rec. 2020": "lin_rec2020_scene",
  "Adobe RGB": "lin_adobergb_scene", "ACEScg": "lin_ap1_scene",
};

/** An EXR file of a scene's linear light, and of the masks of its photo (see RadianceMap.layers in Python). */
export async function writeExr({ light, photo, origin, width, height, space, told = null }) {
  const channels = channelsOf(light, origin === "file" ? undefined : photo);
  const head = header(width, height, space, Object.keys(channels), toldOfDetail(told));
  const blocks = [];
  for (let top = 0; top < height; top += ROWS) {
    blocks.push(await block(Object.values(channels), width, top, Math.min(ROWS, height - top)));
  }
  const offsets = new DataView(new ArrayBuffer(8 * blocks.length));
  let at = head.length + offsets.byteLength;
  blocks.forEach((bytes, i) => {
    offsets.setBigUint64(8 * i, BigInt(at), true);
    at += bytes.length;
  });
  return new Blob([head, offsets, ...blocks], { type: "image/x-exr" });
}

/** What gives the half float of a pixel, by the names of the channels, which a file has in this order. */
function channelsOf(light, photo) {
  const channels = { B: (i) => light[4 * i + 2], G: (i) => light[4 * i + 1], R: (i) => light[4 * i] };
  if (!photo) return channels;
  return {
    ...channels,
    "clipped.Y": (i) => (Math.max(photo[4 * i], photo[4 * i + 1], photo[4 * i + 2]) === 255 ? ONE : 0),
    "reconstructed.Y": (i) => (light[4 * i + 3] & NEGATIVE ? 0 : light[4 * i + 3]), // below zero: cleaned shadows
  };
}

function header(width, height, space, names, told) {
  const bytes = [];
  const words = (...values) => bytes.push(...new Uint8Array(Int32Array.from(values).buffer));
  const floats = (...values) => [...new Uint8Array(Float32Array.from(values).buffer)];
  const ints = (...values) => [...new Uint8Array(Int32Array.from(values).buffer)];
  const name = (text) => [...new TextEncoder().encode(text), 0];
  const attribute = (title, type, value) => {
    bytes.push(...name(title), ...name(type));
    words(value.length);
    bytes.push(...value);
  };
  const text = (value) => [...new TextEncoder().encode(value)];
  words(20000630, 2);
  const channels = names.flatMap((channel) => [...name(channel), ...ints(HALF, 0, 1, 1)]);
  attribute("channels", "chlist", [...channels, 0]);
  attribute("chromaticities", "chromaticities", floats(...space.primaries.flat()));
  attribute("colorInteropID", "string", text(INTEROP[space.name] ?? "unknown"));
  attribute("compression", "compression", [ZIP]);
  for (const window of ["dataWindow", "displayWindow"]) attribute(window, "box2i", ints(0, 0, width - 1, height - 1));
  attribute("lineOrder", "lineOrder", [0]);
  attribute("pixelAspectRatio", "float", floats(1));
  for (const [title, value] of Object.entries(told)) attribute(`reexposure:${title}`, "string", text(value));
  attribute("screenWindowCenter", "v2f", floats(0, 0));
  attribute("screenWindowWidth", "float", floats(1));
  attribute("software", "string", text(SOFTWARE));
  attribute("whiteLuminance", "float", floats(WHITE_NITS));
  bytes.push(0);
  return Uint8Array.from(bytes);
}

/** Rows, one channel of each after the other, their low bytes before their high ones, as differences, deflated. */
async function block(channels, width, top, rows) {
  const halves = new Uint16Array(channels.length * width * rows);
  let to = 0;
  for (let y = top; y < top + rows; y++) {
    for (const half of channels) for (let x = 0; x < width; x++) halves[to++] = half(y * width + x);
  }
  const size = 2 * halves.length;
  const split = new Uint8Array(size);
  halves.forEach((half, i) => {
    split[i] = half & 255;
    split[size / 2 + i] = half >> 8;
  });
  for (let at = size - 1; at > 0; at--) split[at] = split[at] - split[at - 1] + 384;
  const deflated = await new Response(new Blob([split]).stream().pipeThrough(new CompressionStream("deflate"))).arrayBuffer();
  // What does not get smaller stands as it is.
  const body = new Uint8Array(deflated.byteLength < size ? deflated : halves.buffer);
  const bytes = new Uint8Array(8 + body.length);
  new DataView(bytes.buffer).setInt32(0, top, true);
  new DataView(bytes.buffer).setInt32(4, body.length, true);
  bytes.set(body, 8);
  return bytes;
}
