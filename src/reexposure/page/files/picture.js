// Light at an exposure as an ordinary picture file.

import { HALF_VALUES, developTable, overExposure, underExposure } from "../light/camera.js";
import { encoder } from "../light/curves.js";
import { developed } from "../light/develop.js";
import { scaled } from "../light/scaling.js";
import { aboutOf } from "./about.js";
import { encodeJpeg } from "./jpeg-encoder.js";
import { tablesOf } from "./jpeg-tables.js";
import { split, join } from "./jpeg.js";
import { described } from "./jpeg-metadata.js";
import { NOTHING, recording, upright } from "./metadata.js";
import { encodePng } from "./png-encoder.js";
import { withMetadata } from "./png.js";

/** RGBA bytes at `ev` stops of a scene { light, photo, width, height, curve }, with the alpha of its photo. */
export function exposed({ light, photo, curve }, ev) {
  const table = developTable(ev, curve);
  const pixels = new Uint8ClampedArray(light.length);
  for (let at = 0; at < light.length; at += 4) {
    for (let c = at; c < at + 3; c++) pixels[c] = table[light[c]];
    pixels[at + 3] = photo ? photo[at + 3] : 255;
  }
  return pixels;
}

/** The same in 16 bits: Uint16 values. */
function exposedDeep({ light, photo, curve }, ev) {
  const [factor, encode] = [2 ** ev, encoder(curve)];
  const table = Uint16Array.from(HALF_VALUES, (linear) => Math.round(65535 * encode(Math.min(1, Math.max(0, linear * factor || 0)))));
  return Uint16Array.from(light, (half, at) => ((at & 3) !== 3 ? table[half] : photo ? 257 * photo[at] : 65535));
}

/**
 * A JPEG or PNG of a scene as `wish` asks for: { format, settings, quality, long_px, bits }, see
 * reexposure/server/exports.py; it keeps what the file `original` says of itself.
 */
export async function pictureFile(scene, { format, settings, quality, long_px: longPx = Infinity, bits = 8 }, original) {
  const shrink = Math.min(1, longPx / Math.max(scene.width, scene.height));
  const [width, height] = [scene.width, scene.height].map((side) => Math.max(1, Math.round(side * shrink)));
  const about = await aboutOf(new Uint8Array(await original.arrayBuffer()));
  about.metadata = recording(upright(about.metadata, height, width), settings, scene.told);
  const whole = (bits === 16 ? exposedDeep : exposed)(...developed(scene, settings));
  const pixels = shrink < 1 ? scaled(whole, scene.width, scene.height, width, height) : whole;
  if (format === "jpeg") {
    if (quality) about.tables = tablesOf(quality);
    return new Blob([join(jpegOf(pixels, width, height, about))], { type: "image/jpeg" });
  }
  const chunks = await encodePng(pixels, width, height, about.grey);
  return new Blob([await withMetadata(chunks, about.metadata, about.format === "png" ? about.own : [])], { type: "image/png" });
}

/** A PNG, red where highlights were reconstructed and blue where shadows were cleaned, as `RadianceMap.save_mask`. */
export async function maskFile({ photo, width, height, origin }) {
  const pixels = new Uint8ClampedArray(photo.length);
  const [over, under] = [overExposure, underExposure].map((how) => Uint8ClampedArray.from({ length: 256 }, (_, byte) => 255 * how(Math.fround(byte / 255))));
  for (let at = 0; at < photo.length; at += 4) {
    pixels[at + 3] = 255;
    if (origin !== "network") continue;
    pixels[at] = over[Math.max(photo[at], photo[at + 1], photo[at + 2])];
    pixels[at + 2] = under[Math.min(photo[at], photo[at + 1], photo[at + 2])];
  }
  return new Blob([await withMetadata(await encodePng(pixels, width, height), NOTHING, [])], { type: "image/png" });
}

/**
 * A JPEG, taken apart, of RGBA bytes; compressed no harder than the photo was, if that was a JPEG.
 * @param {import("./about.js").About} about
 */
export function jpegOf(pixels, width, height, about) {
  const { format, grey, tables, sampling, metadata, own } = about;
  const coded = encodeJpeg(pixels, width, height, { tables, sampling, grey });
  return described(split(coded), metadata, format === "jpeg" ? own : []);
}
