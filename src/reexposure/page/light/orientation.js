// How a picture lies in its file, as reexposure/photo/orientation.py.

const BACK = { 6: 8, 8: 6 }; // orientations that undo one another; all others undo themselves

/** RGBA pixels of (height, width) as seen when held by an EXIF orientation (1 to 8): { rgba, width, height }. */
export function upright(rgba, width, height, orientation) {
  const [swapped, down, right] = [[5, 6, 7, 8], [3, 4, 7, 8], [2, 3, 6, 7]].map((those) => those.includes(orientation));
  const [w, h] = swapped ? [height, width] : [width, height];
  const [from, to] = [new Uint32Array(rgba.slice().buffer), new Uint32Array(w * h)];
  for (let y = 0, at = 0; y < h; y++) {
    for (let x = 0; x < w; x++, at++) {
      const [row, column] = [down ? h - 1 - y : y, right ? w - 1 - x : x];
      to[at] = from[swapped ? column * width + row : row * width + column];
    }
  }
  return { rgba: new Uint8ClampedArray(to.buffer), width: w, height: h };
}

/** The inverse: upright pixels as they lie in a file of an orientation. */
export const lying = (rgba, width, height, orientation) => upright(rgba, width, height, BACK[orientation] ?? orientation);
