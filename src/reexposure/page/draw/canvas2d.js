// The picture drawn by the processor, where there is no WebGL2: each exposure is a table of half floats; what is more
// than exposure is computed for the pixels that are on screen.

import { HALF_VALUES, developTable, toHalf } from "../light/camera.js";
import { SRGB } from "../light/colours.js";
import { SQRT, decoder, encoder } from "../light/curves.js";
import { drawer } from "../light/detail.js";
import { developer, isPlain } from "../light/develop.js";

export class CanvasRenderer {
  maxSidePx = 8192;
  onrestored = null; // as of WebGL; what is drawn here is never lost

  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.setColours(SRGB, SQRT);
  }

  setPhoto(photo, width, height) {
    this.width = width;
    this.height = height;
    this.light = this.drawn = null;
    this.photo = photo;
    if (photo instanceof ImageBitmap) {
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.drawImage(photo, 0, 0);
      this.photo = context.getImageData(0, 0, width, height).data;
    }
  }

  setLight(halves, map, weights) {
    Object.assign(this, { light: halves, map, weights });
  }

  setMap(map) {
    this.map = map;
  }

  setDrawn(drawn) {
    this.drawn = drawn;
  }

  /** Here a plain canvas shows the numbers as sRGB, whatever their space. */
  setColours(space, curve) {
    this.curve = curve;
    const decode = decoder(curve);
    this.fromByte = Uint16Array.from({ length: 256 }, (_, byte) => toHalf(decode(byte / 255)));
  }

  draw(look) {
    const { canvas, photo, light } = this;
    const out = this.context.createImageData(canvas.width, canvas.height);
    const pixels = out.data;
    const changed = developTable(look.ev, this.curve);
    const asTaken = developTable(0, this.curve);
    const develop = light && !isPlain(look) ? developer(/** @type {any} */ (this), look) : null;
    const drawOver = light && this.drawn && look.detail ? drawer(/** @type {any} */ (this), look.detail) : null;
    const encode = encoder(this.curve);
    const factor = develop ? 1 : 2 ** look.ev;
    const rgb = new Float64Array(3);
    const [across, down] = look.split;
    const places = (size, from, split) => Int32Array.from({ length: size }, (_, at) =>
      Math.floor(((split && at >= split ? at - split : at) + 0.5 - from) / look.scale));
    const [columns, rows] = [places(canvas.width, look.x, across), places(canvas.height, look.y, down)];
    for (let y = 0; y < canvas.height; y++) {
      const row = rows[y];
      if (row < 0 || row >= this.height) continue;
      for (let x = 0; x < canvas.width; x++) {
        const column = columns[x];
        if (column < 0 || column >= this.width) continue;
        const from = 4 * (row * this.width + column);
        const to = 4 * (y * canvas.width + x);
        const before = across + down ? x < across || y < down : x < look.dividerPx;
        const table = before && !look.plain && !look.plainBefore ? asTaken : changed;
        const fromPhoto = before || look.plain || !light;
        if ((develop || drawOver) && !fromPhoto) {
          for (let c = 0; c < 3; c++) rgb[c] = HALF_VALUES[light[from + c]];
          drawOver?.(rgb, column, row);
          if (develop) develop(rgb, column, row);
          for (let c = 0; c < 3; c++) pixels[to + c] = 255 * encode(Math.min(1, rgb[c] * factor));
        } else {
          for (let c = 0; c < 3; c++) pixels[to + c] = table[fromPhoto ? this.fromByte[photo[from + c]] : light[from + c]];
        }
        pixels[to + 3] = look.transparent ? photo[from + 3] : 255;
        if (look.clipping) this.#markClipping(pixels, to, look.clipping === 1 ? pixels : photo, look.clipping === 1 ? to : from);
        if (look.reconstructed && light && !before) this.#markReconstructed(pixels, to, light[from + 3]);
      }
    }
    this.context.putImageData(out, 0, 0);
  }

  #markClipping(pixels, to, judged, at) {
    const high = Math.max(judged[at], judged[at + 1], judged[at + 2]);
    if (high === 255) pixels.set([242, 41, 56], to);
    else if (high === 0) pixels.set([41, 107, 255], to);
  }

  #markReconstructed(pixels, to, share) {
    const over = share !== 0 && share < 0x8000;
    const grey = (0.25 * pixels[to] + 0.6 * pixels[to + 1] + 0.15 * pixels[to + 2]) * 0.75;
    const tint = share & 0x7fff ? (over ? [1, 0.66, 0.16] : [0.12, 0.72, 0.85]) : null;
    for (let c = 0; c < 3; c++) pixels[to + c] = tint ? tint[c] * (115 + 0.55 * grey) : grey;
  }
}
