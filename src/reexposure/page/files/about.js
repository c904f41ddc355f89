// What an image file says of its picture, whatever its format: read without decoding a pixel.

import { holds, number, textOf } from "./bytes.js";
import { SRGB, named } from "../light/colours.js";
import { isOrdinary } from "../light/curves.js";
import { isBoxes, primaryProperties } from "./boxes.js";
import * as exif from "./exif.js";
import { hasTables, understood } from "./icc.js";
import { blocksIn } from "./items.js";
import { isJpeg, segmentsOf } from "./jpeg.js";
import * as jpegMetadata from "./jpeg-metadata.js";
import { ZIGZAG } from "./jpeg-tables.js";
import { NOTHING } from "./metadata.js";
import * as png from "./png.js";
import { naming, profileFor, toldBy } from "./told.js";
import * as xmp from "./xmp.js";

/** @typedef {import("../light/curves.js").Curve} Curve */
/** @typedef {import("../light/colours.js").Space} Space */
/**
 * @typedef {object} About
 * @property {string} format
 * @property {boolean} grey
 * @property {boolean} [cmyk]
 * @property {Space} [space]
 * @property {boolean} [converted]
 * @property {Curve[]} [recoded]
 * @property {boolean} [television]
 * @property {number} [orientation]
 * @property {import("./metadata.js").Metadata} metadata
 * @property {{ marker?: number, kind?: string, payload?: Uint8Array, content?: Uint8Array }[]} own
 * @property {number[][]} [tables]
 * @property {number[]} [sampling]
 */

/**
 * { format, grey, space, orientation, metadata, own, tables, sampling } of a file's bytes: `metadata` as metadata.js has
 * it, `own` what only the same format can keep, `tables` and `sampling` how hard a JPEG compressed. Space and profile are
 * those of its pixels once the browser made sRGB of colours that the page does not know (`converted`), or the page took
 * them from curves that are no photo's to sRGB's (`recoded`: those of red, green and blue). `television`: PQ or HLG.
 * @param {Uint8Array} bytes
 * @returns {Promise<About>}
 */
export async function aboutOf(bytes) {
  /** @type {About} */
  let about = { format: "", grey: false, metadata: NOTHING, own: [] };
  let chunks = [];
  try {
    if (isJpeg(bytes)) about = ofJpeg(segmentsOf(bytes));
    else if (png.isPng(bytes)) about = await ofPng((chunks = png.chunksOf(bytes)));
    else if (holds(bytes, "RIFF") && holds(bytes, "WEBP", 8)) about = ofWebp(bytes);
    else if (isBoxes(bytes)) about = ofBoxes(bytes);
  } catch { /* damaged: it says nothing, as if nothing were there */ }
  const { metadata, grey, cmyk } = about;
  const told = toldBy(bytes, chunks, metadata, grey);
  const colours = told?.curve.light ? TELEVISION : coloursOf(profileFor(told, metadata, grey), metadata.exif, grey, cmyk);
  const others = colours.profile.length || colours.converted || colours.recoded; // than the file's own chunks tell
  const own = about.format === "png" && others ? png.withoutColours(about.own) : about.own;
  const orientation = exif.orientation(metadata.exif) ?? xmp.orientation(metadata.xmp) ?? 1;
  return { ...about, ...colours, own, metadata: { ...metadata, profile: colours.profile }, orientation };
}

const TELEVISION = { space: SRGB, profile: NOTHING.profile, television: true };

/** What a profile makes of a picture: { space, profile }, and what is to be done to it first; see `aboutOf`. */
function coloursOf(profile, told, grey, cmyk) {
  const fits = holds(profile, grey ? "GRAY" : "RGB ", 16);
  const space = fits ? understood(profile) : null;
  if (space?.curve.light) return TELEVISION;
  if (cmyk || (fits && hasTables(profile))) return { space: SRGB, profile: naming(SRGB, told, grey), converted: true };
  if (!space) return { space: SRGB, profile: naming(SRGB, told, grey) };
  if (isOrdinary(space.curve)) return { space, profile };
  const shown = named(space.primaries);
  const curves = space.curve.channels ?? [space.curve, space.curve, space.curve];
  return { space: shown, profile: naming(shown, told, grey), recoded: curves };
}

function ofJpeg(segments) {
  const frame = segments.find(({ marker }) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))?.payload;
  const count = frame?.[5];
  return {
    format: "jpeg",
    grey: count === 1,
    cmyk: count === 4,
    metadata: jpegMetadata.metadataIn(segments),
    own: jpegMetadata.kept(segments),
    ...(count === 1 || count === 3 ? codingOf(segments, frame, count) : {}),
  };
}

/** The steps of each component's quantisation table, in rows, and how many luma values share a chroma value. */
function codingOf(segments, frame, count) {
  const tables = new Map();
  for (const { marker, payload } of segments) {
    for (let at = 0; marker === 0xdb && at < payload.length; ) {
      const size = payload[at] >> 4 ? 2 : 1;
      const table = new Array(64);
      for (let n = 0; n < 64; n++) table[ZIGZAG[n]] = number(payload, at + 1 + n * size, size);
      tables.set(payload[at] & 15, table);
      at += 1 + 64 * size;
    }
  }
  const components = Array.from({ length: count }, (_, c) => frame.subarray(6 + 3 * c, 9 + 3 * c));
  const used = components.map((component) => tables.get(component[2]));
  if (!used.every((table) => table?.every((step) => step > 0))) return {};
  const sampling = count === 3 && [1, 2].every((c) => components[c][1] === 0x11) ? components[0][1] : 0x11;
  // Of odd ones all values are kept.
  return { tables: used, sampling: [0x11, 0x21, 0x22].includes(sampling) ? [sampling >> 4, sampling & 15] : [1, 1] };
}

async function ofPng(chunks) {
  const colourType = chunks[0].content[9];
  return { format: "png", grey: colourType === 0 || colourType === 4, metadata: await png.metadataIn(chunks), own: await png.kept(chunks) };
}

function ofWebp(bytes) {
  const found = { ...NOTHING };
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 4, true);
    const content = bytes.slice(at + 8, at + 8 + size);
    if (holds(bytes, "ICCP", at)) found.profile = content;
    if (holds(bytes, "EXIF", at)) found.exif = holds(content, "Exif\0\0") ? content.subarray(6) : content;
    if (holds(bytes, "XMP ", at)) found.xmp = textOf(content);
    at += 8 + size + (size & 1);
  }
  return { format: "webp", grey: false, metadata: found, own: [] };
}

function ofBoxes(bytes) {
  const colours = primaryProperties(bytes).filter(({ kind }) => kind === "colr").map(({ content }) => content);
  const profile = colours.find((content) => holds(content, "prof") || holds(content, "rICC"))?.slice(4) ?? NOTHING.profile;
  let told = { exif: NOTHING.exif, xmp: NOTHING.exif };
  try {
    told = blocksIn(bytes);
  } catch { /* its items make no sense: they say nothing */ }
  return { format: "avif", grey: false, metadata: { ...NOTHING, exif: told.exif, xmp: textOf(told.xmp), profile }, own: [] };
}
