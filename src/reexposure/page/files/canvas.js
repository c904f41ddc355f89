// Scenes on canvases, which know two colour spaces only.

import { HALF_VALUES, toHalf } from "../light/camera.js";
import { P3, canvasSpace, converter, decodeOf, needsConversion } from "../light/colours.js";
import { SRGB_CURVE, encoder } from "../light/curves.js";
import { exposed } from "./picture.js";

/** A canvas with the picture at `ev` stops of a scene { light, photo, width, height, curve, space }. */
export function picture(scene, ev) {
  const { width, height } = scene;
  const canvas = new OffscreenCanvas(width, height);
  const colorSpace = canvasSpace(scene.space);
  const data = new ImageData(exposed(scene, ev), width, height, { colorSpace });
  canvas.getContext("2d", { colorSpace, willReadFrequently: true }).putImageData(data, 0, 0);
  return canvas;
}

/**
 * The scene and exposure that show the same in a space which canvases know: unchanged in sRGB and
 * Display P3, converted to Display P3, at that exposure, from any other.
 */
export function forCanvas(scene, ev) {
  if (!needsConversion(scene.space)) return [scene, ev];
  const [convert, decode, encode] = [converter(scene.space, P3), decodeOf(scene.space), encoder(scene.curve)];
  const shown = HALF_VALUES.map((linear) => decode(encode(Math.min(1, Math.max(0, linear * 2 ** ev) || 0))));
  const light = scene.light.slice();
  const colour = new Float32Array(3);
  for (let at = 0; at < light.length; at += 4) {
    for (let c = 0; c < 3; c++) colour[c] = shown[light[at + c]];
    convert(colour);
    for (let c = 0; c < 3; c++) light[at + c] = toHalf(Math.max(0, colour[c]));
  }
  return [{ ...scene, light, curve: SRGB_CURVE, space: P3 }, 0];
}
