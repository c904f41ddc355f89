// PNG files as what they are, a list of chunks { kind, content }, as reexposure/photo/png.py.

import { big32, bytesOf, deflated, holds, inflated, joined, number, textOf } from "./bytes.js";
import { IPTC_RESOURCE, resourceBlock } from "./metadata.js";

const SIGNATURE = "\x89PNG\r\n\x1a\n";
const XMP_KEYWORD = "XML:com.adobe.xmp";
const RAW = "Raw profile type ";
const READ = [XMP_KEYWORD, ...["exif", "APP1", "xmp", "iptc", "8bim"].map((name) => RAW + name)];
const COLOURS = { gAMA: 4, cHRM: 32, sRGB: 1, cICP: 4 }; // and how many bytes each takes
const TEXTS = ["tEXt", "zTXt", "iTXt"];
const [MAX_SIDE_CHUNKS, MAX_TEXT, MAX_PROFILE] = [10_000, 16_000_000, 16_000_000];
const INCH_M = 0.0254;
const NOTHING = new Uint8Array();

export const isPng = (bytes) => holds(bytes, SIGNATURE);

/** The chunks beside the picture, before or after it, whose checksum is right. */
export function chunksOf(bytes) {
  const found = [];
  for (let at = SIGNATURE.length; at + 12 <= bytes.length && found.length < MAX_SIDE_CHUNKS; ) {
    const end = at + 12 + number(bytes, at, 4);
    const kind = textOf(bytes.subarray(at + 4, at + 8));
    const sound = !["IDAT", "fdAT"].includes(kind) && crc(bytes.subarray(at + 4, end - 4)) === number(bytes, end - 4, 4);
    if (sound) found.push({ kind, content: bytes.subarray(at + 8, end - 4) });
    if (kind === "IEND") break;
    at = end;
  }
  return found;
}

/** What only a PNG can keep: texts, and colours told in PNG's own ways. */
export async function kept(chunks) {
  const [colours, texts] = [new Map(), []];
  let room = MAX_TEXT;
  for (const chunk of chunks) {
    const { kind, content } = chunk;
    if (COLOURS[kind] === content.length && !colours.has(kind)) colours.set(kind, chunk);
    if (!TEXTS.includes(kind) || holds(content, `${XMP_KEYWORD}\0`) || holds(content, RAW)) continue;
    const [keyword, text] = await textIn(chunk, room);
    room = Math.max(0, room - text.length);
    if (keyword && (text.length || kind === "tEXt")) texts.push(chunk);
  }
  return [...colours.values(), ...texts];
}

/** Chunks without those that tell colours. */
export const withoutColours = (chunks) => chunks.filter(({ kind }) => !(kind in COLOURS));

/** The metadata in a PNG's chunks; damaged blocks say nothing. */
export async function metadataIn(chunks) {
  const of = (wanted) => chunks.find(({ kind }) => kind === wanted)?.content ?? NOTHING;
  const texts = {};
  for (const chunk of chunks) {
    const keyword = TEXTS.includes(chunk.kind) ? keywordOf(chunk.content) : "";
    if (READ.includes(keyword)) texts[keyword] ??= (await textIn(chunk))[1];
  }
  const raw = (name) => rawIn(texts[RAW + name] ?? NOTHING);
  const own = [of("eXIf"), raw("exif"), raw("APP1")].map((block) => (holds(block, "Exif\0\0") ? block.subarray(6) : block));
  const iptc = [raw("iptc"), raw("8bim")].find(({ length }) => length) ?? NOTHING;
  const [profile, density, packet] = [of("iCCP"), of("pHYs"), texts[XMP_KEYWORD] ?? NOTHING];
  return {
    exif: own.find((block) => holds(block, "II*\0") || holds(block, "MM\0*"))?.slice() ?? NOTHING,
    xmp: textOf(packet.length ? packet : raw("xmp")),
    resources: holds(iptc, "8BIM") || !iptc.length ? iptc : resourceBlock([[IPTC_RESOURCE, iptc]]),
    profile: await unpacked(profile.subarray(profile.indexOf(0) + 2), MAX_PROFILE), // behind its name and the method
    dpi: density.length === 9 && density[8] === 1 ? [0, 4].map((at) => number(density, at, 4) * INCH_M) : null,
  };
}

const keywordOf = (content) => textOf(content.subarray(0, Math.max(0, content.indexOf(0))));

/** Keyword and text of a text chunk; no text where it is damaged, or longer than `room`. */
async function textIn({ kind, content }, room = MAX_TEXT) {
  const end = content.indexOf(0);
  const [keyword, rest] = [textOf(content.subarray(0, end < 0 ? content.length : end)), end < 0 ? NOTHING : content.subarray(end + 1)];
  if (kind === "zTXt") return [keyword, await unpacked(rest.subarray(1), room)]; // after a byte that names the compression
  if (kind === "tEXt") return [keyword, rest];
  const language = rest.indexOf(0, 2);
  const translated = language < 0 ? -1 : rest.indexOf(0, language + 1);
  const text = translated < 0 ? NOTHING : rest.subarray(translated + 1);
  return [keyword, rest[0] === 1 ? await unpacked(text, room) : text];
}

/** What bytes were before their compression; nothing if they are damaged or exceed `limit`. */
const unpacked = (bytes, limit) => inflated(bytes, limit).catch(() => NOTHING);

/** One of ImageMagick's profiles: lines with a name, a count, and the bytes in hexadecimal. */
function rawIn(text) {
  const hex = textOf(text).trim().split("\n").slice(2).join("").replace(/\s/g, "");
  if (hex.length % 2 || /[^0-9a-fA-F]/.test(hex)) return NOTHING; // damaged
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}

/** A PNG of chunks of pixels alone, with its metadata and the chunks `own` put before the picture. */
export async function withMetadata(chunks, metadata, own) {
  const [head, ...pixels] = chunks;
  const added = own.filter(({ kind }) => !(metadata.profile.length && kind in COLOURS));
  const add = (kind, ...parts) => added.push({ kind, content: joined(...parts) });
  if (metadata.profile.length) added.unshift({ kind: "iCCP", content: joined("ICC profile\0\0", await deflated(metadata.profile)) });
  if (metadata.dpi) add("pHYs", big32(...metadata.dpi.map((dpi) => Math.round(dpi / INCH_M))), [1]);
  if (metadata.exif.length) add("eXIf", metadata.exif);
  if (metadata.xmp) add("iTXt", XMP_KEYWORD, "\0\0\0\0\0", metadata.xmp);
  if (metadata.resources.length) {
    const hex = Array.from(metadata.resources, (byte) => byte.toString(16).padStart(2, "0")).join("");
    add("zTXt", RAW, "iptc\0\0", await deflated(bytesOf(`\niptc\n${String(metadata.resources.length).padStart(8)}\n${hex}\n`)));
  }
  return joined(SIGNATURE, ...[head, ...added, ...pixels].map(bytesOfChunk));
}

function bytesOfChunk({ kind, content }) {
  const named = joined(kind, content);
  return joined(big32(content.length), named, big32(crc(named)));
}

const CRCS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The CRC-32 of bytes, as PNG and ZIP have it. */
export function crc(bytes) {
  let value = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) value = CRCS[(value ^ bytes[at]) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}
