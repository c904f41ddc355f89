// Light at an exposure as an ordinary picture file.

import { developTable } from "./camera.js";
import { keepMetadata } from "./jpeg.js";

const QUALITY = 0.95;

/** A canvas with the picture at `ev` stops of a scene `{light, photo, width, height}`. */
export function picture({ light, photo, width, height, srgb }, ev, wideGamut) {
  const table = developTable(ev, srgb);
  return drawn(width, height, wideGamut, (pixels) => {
    for (let at = 0; at < light.length; at += 4) {
      for (let c = at; c < at + 3; c++) pixels[c] = table[light[c]];
      pixels[at + 3] = photo ? photo[at + 3] : 255;
    }
  });
}

/** A canvas whose RGBA bytes are what `fill` makes of them. */
export function drawn(width, height, wideGamut, fill) {
  const colorSpace = wideGamut ? "display-p3" : "srgb";
  const canvas = new OffscreenCanvas(width, height);
  const data = new ImageData(width, height, { colorSpace });
  fill(data.data);
  canvas.getContext("2d", { colorSpace }).putImageData(data, 0, 0);
  return canvas;
}

/** A file of `type` of a scene at `ev` stops; a JPEG keeps what `original` says of the photo. */
export async function pictureFile(scene, ev, wideGamut, type, original) {
  const file = await picture(scene, ev, wideGamut).convertToBlob({ type, quality: QUALITY });
  return type === "image/jpeg" ? keepMetadata(file, original) : file;
}
