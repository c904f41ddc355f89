// Light at an exposure as an ordinary picture file.

import { HALF_VALUES, developTable, encode, encodeSrgb, toHalf } from "../light/camera.js";
import { P3, canvasSpace, converter, decodeOf, needsConversion } from "../light/colours.js";
import { metadataOf, withMetadata } from "./jpeg.js";

const QUALITY = 0.95;

/** A canvas with the picture at `ev` stops of a scene `{light, photo, width, height, srgb, space}`. */
export function picture({ light, photo, width, height, srgb, space }, ev) {
  const table = developTable(ev, srgb);
  return drawn(width, height, canvasSpace(space), (pixels) => {
    for (let at = 0; at < light.length; at += 4) {
      for (let c = at; c < at + 3; c++) pixels[c] = table[light[c]];
      pixels[at + 3] = photo ? photo[at + 3] : 255;
    }
  });
}

/** A canvas whose RGBA bytes are what `fill` makes of them. */
export function drawn(width, height, colorSpace, fill) {
  const canvas = new OffscreenCanvas(width, height);
  const data = new ImageData(width, height, { colorSpace });
  fill(data.data);
  canvas.getContext("2d", { colorSpace, willReadFrequently: true }).putImageData(data, 0, 0);
  return canvas;
}

/**
 * The scene and exposure that show the same in a space which canvases know: unchanged in sRGB and
 * Display P3, converted to Display P3, at that exposure, from any other.
 */
export function forCanvas(scene, ev) {
  if (!needsConversion(scene.space)) return [scene, ev];
  const [convert, decode] = [converter(scene.space, P3), decodeOf(scene.space)];
  const curve = scene.srgb ? encodeSrgb : encode;
  const shown = HALF_VALUES.map((linear) => decode(curve(Math.max(0, linear) * 2 ** ev)));
  const light = scene.light.slice();
  const colour = new Float32Array(3);
  for (let at = 0; at < light.length; at += 4) {
    for (let c = 0; c < 3; c++) colour[c] = shown[light[at + c]];
    convert(colour);
    for (let c = 0; c < 3; c++) light[at + c] = toHalf(Math.max(0, colour[c]));
  }
  return [{ ...scene, light, srgb: true, space: P3 }, 0];
}

/** A file of `type` of a scene at `ev` stops; a JPEG keeps what the JPEG `original` says of itself. */
export async function pictureFile(scene, ev, type, original) {
  const options = { type, quality: QUALITY };
  const metadata = type === "image/jpeg" ? await metadataOf(original) : { exif: [], profile: [] };
  if (metadata.profile.length) return withMetadata(await picture(scene, ev).convertToBlob(options), metadata);
  return withMetadata(await picture(...forCanvas(scene, ev)).convertToBlob(options), metadata);
}
