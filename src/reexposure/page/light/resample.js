// Reducing and enlarging as reexposure/light/resampling.py does it, so that the network sees in a browser what it sees in Python.

/** For each of `to` pixels, and past the last: the first of `from` pixels that it covers. */
const boxEdges = (from, to) => Array.from({ length: to + 1 }, (_, at) => Math.floor((at * from) / to + 0.5));

/** RGBA bytes of (height, width) reduced to RGB of (toHeight, toWidth), each the mean of its box, not rounded. */
export function reduceBox(rgba, width, height, toWidth, toHeight) {
  const [rows, columns] = [boxEdges(height, toHeight), boxEdges(width, toWidth)];
  const small = new Float32Array(toHeight * toWidth * 3);
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const sums = [0, 0, 0];
      for (let row = rows[y]; row < rows[y + 1]; row++) {
        for (let at = 4 * (row * width + columns[x]); at < 4 * (row * width + columns[x + 1]); at += 4) {
          for (let c = 0; c < 3; c++) sums[c] += rgba[at + c];
        }
      }
      const count = (rows[y + 1] - rows[y]) * (columns[x + 1] - columns[x]);
      for (let c = 0; c < 3; c++) small[3 * (y * toWidth + x) + c] = sums[c] / count;
    }
  }
  return small;
}

/**
 * Where bilinear enlargement from `from` to `to` pixels reads: the pixel before, that after it, and its share. Of the
 * `from` pixels `margin` at both ends are not of the picture itself.
 */
export function bilinear(from, to, at, margin = 0) {
  const place = Math.min(from - 1, Math.max(0, ((at + 0.5) * (from - 2 * margin)) / to - 0.5 + margin));
  const before = Math.floor(place);
  return [before, Math.min(before + 1, from - 1), place - before];
}

/** A (height, width, 3) map, of which `margin` columns at both ends are not of the picture, enlarged sideways to `toWidth`. */
export function widen(map, width, height, toWidth, margin = 0) {
  const wide = new Float32Array(height * toWidth * 3);
  for (let x = 0; x < toWidth; x++) {
    const [before, after, share] = bilinear(width, toWidth, x, margin);
    for (let y = 0; y < height; y++) {
      for (let c = 0; c < 3; c++) {
        const left = map[3 * (y * width + before) + c];
        wide[3 * (y * toWidth + x) + c] = left + share * (map[3 * (y * width + after) + c] - left);
      }
    }
  }
  return wide;
}

/** The means of the `count` boxes into which `length` rows of `width` values are cut. */
export function boxMeans(values, length, width, count) {
  const edges = boxEdges(length, count);
  const means = new Float32Array(count * width);
  for (let box = 0; box < count; box++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let row = edges[box]; row < edges[box + 1]; row++) sum += values[row * width + x];
      means[box * width + x] = sum / (edges[box + 1] - edges[box]);
    }
  }
  return means;
}
