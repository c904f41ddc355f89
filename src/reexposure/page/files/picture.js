// Light at an exposure as an ordinary picture file.

import { developTable } from "../light/camera.js";
import { aboutOf } from "./about.js";
import { encodeJpeg } from "./jpeg-encoder.js";
import { split, join } from "./jpeg.js";
import { described } from "./jpeg-metadata.js";
import { recording, upright } from "./metadata.js";
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

/** A JPEG or PNG (`format`) of a scene at `ev` stops; it keeps what the file `original` says of itself. */
export async function pictureFile(scene, ev, format, original) {
  const { width, height } = scene;
  const about = await aboutOf(new Uint8Array(await original.arrayBuffer()));
  about.metadata = recording(upright(about.metadata, height, width), ev);
  const pixels = exposed(scene, ev);
  if (format === "jpeg") return new Blob([join(jpegOf(pixels, width, height, about))], { type: "image/jpeg" });
  const chunks = await encodePng(pixels, width, height, about.grey);
  return new Blob([await withMetadata(chunks, about.metadata, about.format === "png" ? about.own : [])], { type: "image/png" });
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
