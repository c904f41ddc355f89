// Reducing and enlarging exactly as Pillow does, so that the network sees in a browser what it sees in Python.

const BITS = 22; // of the weights' fraction, in Pillow's 8-bit resampling

/** For each of `to` pixels: the first of `from` pixels it covers, and their weights under a box. */
function boxWeights(from, to) {
  const scale = from / to;
  const support = 0.5 * Math.max(1, scale);
  return Array.from({ length: to }, (_, at) => {
    const centre = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const weights = [];
    for (let pixel = first; pixel < end; pixel++) {
      const x = (pixel - centre + 0.5) / Math.max(1, scale);
      weights.push(x > -0.5 && x <= 0.5 ? 1 : 0);
    }
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => Math.trunc(0.5 + (weight / total) * 2 ** BITS)) };
  });
}

/** RGBA bytes of (height, width) reduced to RGB bytes of (toHeight, toWidth), each the mean of its box. */
export function reduceBox(rgba, width, height, toWidth, toHeight) {
  const columns = boxWeights(width, toWidth);
  const narrow = new Uint8ClampedArray(height * toWidth * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < toWidth; x++) {
      const { first, weights } = columns[x];
      for (let c = 0; c < 3; c++) {
        let sum = 1 << (BITS - 1);
        for (let k = 0, at = 4 * (y * width + first) + c; k < weights.length; k++, at += 4) sum += rgba[at] * weights[k];
        narrow[3 * (y * toWidth + x) + c] = sum >> BITS;
      }
    }
  }
  const small = new Uint8ClampedArray(toHeight * toWidth * 3);
  const stride = toWidth * 3;
  boxWeights(height, toHeight).forEach(({ first, weights }, y) => {
    for (let x = 0; x < stride; x++) {
      let sum = 1 << (BITS - 1);
      for (let k = 0, at = first * stride + x; k < weights.length; k++, at += stride) sum += narrow[at] * weights[k];
      small[y * stride + x] = sum >> BITS;
    }
  });
  return small;
}

/** Where bilinear enlargement from `from` to `to` pixels reads: the pixel before, and the share of the next. */
export function bilinear(from, to, at) {
  const place = Math.min(from - 1, Math.max(0, ((at + 0.5) * from) / to - 0.5));
  const before = Math.floor(place);
  return [before, Math.min(before + 1, from - 1), place - before];
}

/** A (height, width, 3) map enlarged sideways to `toWidth`. */
export function widen(map, width, height, toWidth) {
  const wide = new Float32Array(height * toWidth * 3);
  for (let x = 0; x < toWidth; x++) {
    const [before, after, share] = bilinear(width, toWidth, x);
    for (let y = 0; y < height; y++) {
      for (let c = 0; c < 3; c++) {
        const left = map[3 * (y * width + before) + c];
        wide[3 * (y * toWidth + x) + c] = left + share * (map[3 * (y * width + after) + c] - left);
      }
    }
  }
  return wide;
}
