// Noise that is a function of a seed and a place alone, as reexposure/light/noise.py has it.

/** Uniform noise of mean 0 and deviation 1 at the pixels from (top, left) to before (bottom, right). */
export function noise(seed, top, bottom, left, right) {
  const grain = new Float32Array((bottom - top) * (right - left));
  for (let y = top, to = 0; y < bottom; y++) {
    const row = mixed((seed ^ mixed(y)) >>> 0);
    for (let x = left; x < right; x++) grain[to++] = (mixed((row + x) >>> 0) >>> 8) * (Math.sqrt(12) / 2 ** 24) - Math.sqrt(3);
  }
  return grain;
}

/** A hash of 32 bits to as many (lowbias32, Wellons 2018, public domain). */
function mixed(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
