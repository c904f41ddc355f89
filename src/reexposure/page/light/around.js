// Panoramas of the whole sphere, as reexposure/light/around.py: shown beyond their borders, and joined there.

/** Values of (height, width, channels) with `by` pixels more at each border, as they lie on the sphere. */
export function continued(values, width, height, channels, by) {
  const [wide, tall] = [width + 2 * by, height + 2 * by];
  const more = new values.constructor(wide * tall * channels);
  for (let y = 0; y < tall; y++) {
    let [row, turn] = [y - by, 0];
    if (row < 0) [row, turn] = [-1 - row, Math.floor(width / 2)];
    else if (row >= height) [row, turn] = [2 * height - 1 - row, Math.floor(width / 2)];
    for (let x = 0; x < wide; x++) {
      const column = (x - by - turn + 2 * width) % width;
      for (let c = 0; c < channels; c++) more[(y * wide + x) * channels + c] = values[(row * width + column) * channels + c];
    }
  }
  return more;
}

/** What was answered to a panorama of (height, width) that was `continued` by so many pixels, RGB floats, without them. */
export function joined(values, width, height, by) {
  const [wide, tall] = [width + 2 * by, height + 2 * by];
  const turned = new Float32Array(width * tall * 3);
  const nearer = (distance) => 0.5 + (0.5 * (distance + 0.5)) / by;
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < width; x++) {
      const beyond = x < by ? x + by + width : x >= width - by ? x + by - width : -1;
      const share = beyond < 0 ? 1 : nearer(Math.min(x, width - 1 - x));
      for (let c = 0; c < 3; c++) {
        const own = share * values[3 * (y * wide + x + by) + c];
        turned[3 * (y * width + x) + c] = share === 1 ? own : own + (1 - share) * values[3 * (y * wide + beyond) + c];
      }
    }
  }
  const inner = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const beyond = y < by ? by - 1 - y : y >= height - by ? 2 * height + by - 1 - y : -1;
    const share = beyond < 0 ? 1 : nearer(Math.min(y, height - 1 - y));
    for (let x = 0; x < width; x++) {
      const across = (x - Math.floor(width / 2) + width) % width;
      for (let c = 0; c < 3; c++) {
        const own = share * turned[3 * ((y + by) * width + x) + c];
        inner[3 * (y * width + x) + c] = share === 1 ? own : own + (1 - share) * turned[3 * (beyond * width + across) + c];
      }
    }
  }
  return inner;
}
