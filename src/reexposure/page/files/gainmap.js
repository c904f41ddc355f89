// The light that a JPEG's gain map holds, as reexposure/formats/gainmap.py reads it: ISO 21496-1 and Adobe's XMP.

import { HALF_VALUES, toHalf } from "../light/camera.js";
import { decodeOf } from "../light/colours.js";
import { furtherPictures, metadataOf, payload, withSegments } from "./jpeg.js";
import { bilinear, widen } from "../light/resample.js";

const ISO = "urn:iso:std:iso:ts:21496:-1\0";
const XMP = "http://ns.adobe.com/xap/1.0/\0";
const [MULTICHANNEL, BACKWARD, COMMON_DENOMINATOR] = [0x80, 0x04, 0x08];
const DEFAULTS = { GainMapMin: "0", GainMapMax: null, Gamma: "1", OffsetSDR: "0.015625", OffsetHDR: "0.015625" };

/**
 * The light of a photo, RGBA bytes of (height, width), as its file's gain map says: RGBA half floats,
 * of which nothing is reconstructed. Null where there is no gain map that can be read.
 */
export async function lightOfGainMap(file, rgba, width, height, space) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] !== 0xff) return null;
  for (const picture of furtherPictures(bytes)) {
    try {
      const [iso, xmp] = [payload(picture, 0xe2, ISO), new TextDecoder().decode(payload(picture, 0xe1, XMP))];
      const about = iso.length > 4 ? fromIso(iso) : xmp.includes("hdrgm:GainMapMax") ? fromXmp(xmp) : null;
      if (about) return applied(about, await codesOf(picture, file), rgba, width, height, decodeOf(space));
    } catch { /* a damaged gain map is no reason to refuse the photo */ }
  }
  return null;
}

/** The map's pixels, turned as the photo is: the map itself is stored lying like it and does not say so. */
async function codesOf(picture, file) {
  const turned = withSegments(picture, (await metadataOf(file, false)).exif);
  const bitmap = await createImageBitmap(turned, { colorSpaceConversion: "none" });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

function applied(about, codes, rgba, width, height, decode) {
  const map = new Float32Array(codes.width * codes.height * 3);
  for (let at = 0; at < map.length; at++) map[at] = codes.data[4 * Math.floor(at / 3) + (at % 3)] / 255;
  const wide = widen(map, codes.width, codes.height, width);
  const linear = Array.from({ length: 256 }, (_, byte) => decode(byte / 255));
  const light = new Uint16Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const [above, below, share] = bilinear(codes.height, height, y);
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const at = 4 * (y * width + x) + c;
        const top = wide[3 * (above * width + x) + c];
        const code = top + share * (wide[3 * (below * width + x) + c] - top);
        const { low, high, gamma, base, alternate } = about[c];
        const gainEv = low + (high - low) * code ** (1 / gamma);
        light[at] = toHalf(Math.max(0, (linear[rgba[at]] + base) * 2 ** gainEv - alternate));
      }
    }
  }
  return light;
}

/** For each channel, how codes become light; see `GainMap` there. */
function fromIso(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint8(4);
  if (view.getUint16(0) !== 0 || flags & BACKWARD) throw new Error("a gain map of a kind not known here");
  const channels = flags & MULTICHANNEL ? 3 : 1;
  const signed = [false, false, ...Array(channels).fill([true, true, false, true, true]).flat()];
  const common = flags & COMMON_DENOMINATOR;
  let at = common ? 9 : 5;
  const numbers = signed.map((sign) => {
    const above = sign ? view.getInt32(at) : view.getUint32(at);
    const below = view.getUint32(common ? 5 : at + 4);
    at += common ? 4 : 8;
    return above / below;
  });
  return [0, 1, 2].map((c) => channel(numbers.slice(2 + 5 * (c % channels))));
}

function fromXmp(text) {
  if (/hdrgm:BaseRenditionIsHDR\s*=\s*["']True/i.test(text)) throw new Error("a gain map of a kind not known here");
  const columns = Object.entries(DEFAULTS).map(([name, usual]) => {
    const attribute = text.match(new RegExp(`hdrgm:${name}\\s*=\\s*["']([^"']*)["']`));
    const element = text.match(new RegExp(`<hdrgm:${name}[^>]*>(.*?)</hdrgm:${name}>`, "s"));
    const items = element && [...element[1].matchAll(/<rdf:li[^>]*>\s*([^<\s]+)\s*<\/rdf:li>/g)].map((item) => item[1]);
    const values = (attribute ? [attribute[1]] : items?.length ? items : [element?.[1] ?? usual]).map(Number);
    return values.length < 3 ? [values[0], values[0], values[0]] : values;
  });
  return [0, 1, 2].map((c) => channel(columns.map((column) => column[c])));
}

function channel([low, high, gamma, base, alternate]) {
  const sound = [low, high, gamma, base, alternate].every(Number.isFinite) && gamma > 0 && Math.max(Math.abs(low), Math.abs(high)) <= 32;
  if (!sound) throw new Error("damaged gain map");
  return { low, high, gamma, base, alternate };
}

/** Light reduced to (h, w): the mean of each pixel's box. */
export function reducedLight(light, width, height, w, h) {
  const small = new Uint16Array(w * h * 4);
  for (let y = 0, to = 0; y < h; y++) {
    const [top, bottom] = [Math.floor((y * height) / h), Math.max(Math.floor((y * height) / h) + 1, Math.floor(((y + 1) * height) / h))];
    for (let x = 0; x < w; x++) {
      const [left, right] = [Math.floor((x * width) / w), Math.max(Math.floor((x * width) / w) + 1, Math.floor(((x + 1) * width) / w))];
      for (let c = 0; c < 4; c++, to++) {
        let sum = 0;
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) sum += HALF_VALUES[light[4 * (row * width + column) + c]];
        }
        small[to] = toHalf(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return small;
}
