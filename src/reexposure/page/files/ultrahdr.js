// Ultra HDR: a JPEG with a gain map behind it that says how much brighter an HDR display may be.
// https://developer.android.com/media/platform/hdr-image-format and ISO 21496-1.

import { HALF_VALUES, decodeSrgb, developTable, encode, encodeSrgb } from "../light/camera.js";
import { needsConversion } from "../light/colours.js";
import { metadataOf, segment, segmentsOf, withMetadata, withSegments } from "./jpeg.js";
import { drawn, forCanvas, picture } from "./picture.js";

const OFFSET = 1 / 64;
const MAP_PX = 1_500_000;
const ISO = "urn:iso:std:iso:ts:21496:-1\0";
const XMP = "http://ns.adobe.com/xap/1.0/\0";

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());
const ascii = (text) => new TextEncoder().encode(text);
const displayed = decodeSrgb; // readers take the base picture for sRGB

/** An Ultra HDR JPEG of a scene at `ev` stops: what a plain JPEG clips is in its gain map. */
export async function ultraHdr(scene, ev, original) {
  const [shown, shownEv] = forCanvas(scene, ev);
  const { stops, table } = gainTable(shown, shownEv);
  const options = { type: "image/jpeg", quality: 0.95 };
  const { exif, profile } = await metadataOf(original);
  const metadata = { exif, profile: needsConversion(scene.space) ? [] : profile };
  const plain = await withMetadata(await picture(shown, shownEv).convertToBlob(options), metadata);
  const map = await bytesOf(await gainMap(shown, table).convertToBlob(options));
  const gains = await bytesOf(
    withSegments(map, [segment(0xe1, ascii(XMP + gainXmp(stops))), segment(0xe2, isoMetadata(stops))]),
  );
  const base = await bytesOf(plain);
  const shared = [
    segment(0xe1, ascii(XMP + baseXmp(gains.length))),
    segment(0xe2, new Uint8Array([...ascii(ISO), 0, 0, 0, 0])),
  ];
  // Where things are is known only once the index, whose size is fixed, is in its place.
  const before = await bytesOf(withSegments(base, [...shared, segment(0xe2, index(0, 0, 0))]));
  const at = indexPlace(before);
  const filled = index(before.length, gains.length, before.length - at);
  before.set(filled.subarray(4), at);
  return new Blob([before, gains], { type: "image/jpeg" });
}

/** For each half float, the byte of the gain map; and the most stops that a byte stands for. */
function gainTable({ light, srgb }, ev) {
  const used = new Uint8Array(65536);
  for (let at = 0; at < light.length; at++) if ((at & 3) !== 3) used[light[at]] = 1;
  const sdr = developTable(ev, srgb);
  const curve = srgb ? encodeSrgb : encode;
  const gains = HALF_VALUES.map((linear, half) => {
    const exposed = linear * 2 ** ev;
    if (!used[half] || !(exposed > 1)) return 0;
    return Math.log2((displayed(curve(exposed)) + OFFSET) / (displayed(sdr[half] / 255) + OFFSET));
  });
  const stops = Math.max(0.1, gains.reduce((most, gain) => Math.max(most, gain), 0));
  return { stops, table: Uint8ClampedArray.from(gains, (gain) => (255 * gain) / stops) };
}

function gainMap({ light, width, height }, table) {
  const step = Math.max(1, Math.round(Math.sqrt((width * height) / MAP_PX)));
  const [w, h] = [Math.ceil(width / step), Math.ceil(height / step)];
  return drawn(w, h, "srgb", (pixels) => {
    for (let y = 0, to = 0; y < h; y++) {
      for (let x = 0; x < w; x++, to += 4) {
        const middle = Math.min(height - 1, y * step + (step >> 1)) * width + Math.min(width - 1, x * step + (step >> 1));
        for (let c = 0; c < 3; c++) pixels[to + c] = table[light[4 * middle + c]];
        pixels[to + 3] = 255;
      }
    }
  });
}

const xmp = (attributes, inside) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
  `<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"` +
  `${attributes}>${inside}</rdf:Description></rdf:RDF></x:xmpmeta>`;

const gainXmp = (stops) =>
  xmp(
    Object.entries({
      GainMapMin: 0, GainMapMax: stops, Gamma: 1, OffsetSDR: OFFSET, OffsetHDR: OFFSET,
      HDRCapacityMin: 0, HDRCapacityMax: stops, BaseRenditionIsHDR: "False",
    }).map(([name, value]) => ` hdrgm:${name}="${value}"`).join(""),
    "",
  );

function baseXmp(length) {
  const google = "http://ns.google.com/photos/1.0/container/";
  const item = (inside) => `<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="image/jpeg" ${inside}/></rdf:li>`;
  return xmp(
    ` xmlns:Container="${google}" xmlns:Item="${google}item/"`,
    `<Container:Directory><rdf:Seq>${item('Item:Semantic="Primary"')}` +
      `${item(`Item:Semantic="GainMap" Item:Length="${length}"`)}</rdf:Seq></Container:Directory>`,
  );
}

/** ISO 21496-1: one channel of metadata, in the base picture's colour space, full fractions. */
function isoMetadata(stops) {
  const fraction = (value) => [Math.round(value * 1e6), 1_000_000];
  const numbers = [0, stops, 0, stops, 1, OFFSET, OFFSET].flatMap(fraction);
  const view = new DataView(new ArrayBuffer(5 + 4 * numbers.length));
  view.setUint8(4, 0x40);
  numbers.forEach((number, i) => view.setUint32(5 + 4 * i, number));
  return new Uint8Array([...ascii(ISO), ...new Uint8Array(view.buffer)]);
}

/** A multi-picture index (CIPA DC-007) of two JPEGs: sizes, and the second's distance from the index. */
function index(baseLength, gainLength, distance) {
  const [SHORT, LONG] = [16, 32];
  const fields = [
    [LONG, 0x4d4d002a], [LONG, 8], // big-endian TIFF, its only directory follows
    [SHORT, 3],
    [SHORT, 0xb000], [SHORT, 7], [LONG, 4], [LONG, 0x30313030], // version "0100"
    [SHORT, 0xb001], [SHORT, 4], [LONG, 1], [LONG, 2], // number of pictures
    [SHORT, 0xb002], [SHORT, 7], [LONG, 32], [LONG, 50], // where their entries are
    [LONG, 0],
    [LONG, 0x00030000], [LONG, baseLength], [LONG, 0], [LONG, 0], // the primary picture
    [LONG, 0], [LONG, gainLength], [LONG, distance], [LONG, 0],
  ];
  const view = new DataView(new ArrayBuffer(82));
  let at = 0;
  for (const [bits, value] of fields) {
    if (bits === LONG) view.setUint32(at, value);
    else view.setUint16(at, value);
    at += bits / 8;
  }
  return new Uint8Array([...ascii("MPF\0"), ...new Uint8Array(view.buffer)]);
}

/** Where the index's TIFF begins, from which its distances count. */
function indexPlace(bytes) {
  let at = 2;
  for (const { bytes: one } of segmentsOf(bytes).segments) {
    if (one[1] === 0xe2 && String.fromCharCode(...one.subarray(4, 8)) === "MPF\0") return at + 8;
    at += one.length;
  }
  throw new Error("the index is lost");
}
