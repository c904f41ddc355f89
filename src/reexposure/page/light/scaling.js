// Pictures made smaller: each pixel the mean of the area that it covers.

/**
 * For each of `to` pixels: the first of `from` pixels it covers, and the shares of that and of those after it.
 * @returns {[number, number[]][]}
 */
function areas(from, to) {
  return Array.from({ length: to }, (_, at) => {
    const [start, end] = [(at * from) / to, ((at + 1) * from) / to];
    const first = Math.floor(start);
    const shares = Array.from({ length: Math.min(from, Math.ceil(end - 1e-9)) - first }, (_, n) =>
      (Math.min(end, first + n + 1) - Math.max(start, first + n)) / (end - start));
    return [first, shares];
  });
}

/** RGBA values reduced to `toWidth` x `toHeight`, rounded, in an array of the same type. */
export function scaled(rgba, width, height, toWidth, toHeight) {
  const [across, down] = [areas(width, toWidth), areas(height, toHeight)];
  const out = new rgba.constructor(4 * toWidth * toHeight);
  const row = new Float32Array(4 * width);
  for (let y = 0, to = 0; y < toHeight; y++) {
    row.fill(0);
    const [top, shares] = down[y];
    shares.forEach((share, n) => {
      const start = 4 * width * (top + n);
      for (let at = 0; at < row.length; at++) row[at] += share * rgba[start + at];
    });
    for (const [left, parts] of across) {
      for (let c = 0; c < 4; c++, to++) {
        let sum = 0;
        for (let n = 0; n < parts.length; n++) sum += parts[n] * row[4 * (left + n) + c];
        out[to] = Math.round(sum);
      }
    }
  }
  return out;
}
