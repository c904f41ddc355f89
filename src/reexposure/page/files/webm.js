// A WebM file (https://www.webmproject.org/docs/container) of one video track, from coded frames.

const NUMBER_OF = {
  primaries: { bt709: 1, bt470bg: 5, smpte170m: 6, bt2020: 9, smpte432: 12 },
  transfer: { bt709: 1, smpte170m: 6, "iec61966-2-1": 13, linear: 8 },
  matrix: { rgb: 0, bt709: 1, bt470bg: 5, smpte170m: 6, "bt2020-ncl": 9 },
};

/** The file; `frames` are `{ data, key, ms }` in order, `colours` a VideoColorSpace as the encoder names it. */
export function webm({ codec, width, height, ms, colours }, frames) {
  const info = element(0x1549a966, [
    element(0x2ad7b1, unsigned(1_000_000)), // nanoseconds of a tick
    element(0x4489, real(ms)),
    element(0x4d80, text("reexposure")),
    element(0x5741, text("reexposure")),
  ]);
  const colour = element(0x55b0, [
    element(0x55b1, unsigned(NUMBER_OF.matrix[colours?.matrix] ?? 2)),
    element(0x55b9, unsigned(colours?.fullRange ? 2 : 1)),
    element(0x55ba, unsigned(NUMBER_OF.transfer[colours?.transfer] ?? 2)),
    element(0x55bb, unsigned(NUMBER_OF.primaries[colours?.primaries] ?? 2)),
  ]);
  const track = element(0xae, [
    element(0xd7, unsigned(1)),
    element(0x73c5, unsigned(1)),
    element(0x83, unsigned(1)), // video
    element(0x86, text(codec)),
    element(0xe0, [element(0xb0, unsigned(width)), element(0xba, unsigned(height)), colour]),
  ]);
  const head = element(0x1a45dfa3, [
    element(0x4286, unsigned(1)),
    element(0x42f7, unsigned(1)),
    element(0x42f2, unsigned(4)),
    element(0x42f3, unsigned(8)),
    element(0x4282, text("webm")),
    element(0x4287, unsigned(4)),
    element(0x4285, unsigned(2)),
  ]);
  const tracks = element(0x1654ae6b, [track]);
  const clusters = groups(frames).map((group) => cluster(group));
  return new Blob([head, element(0x18538067, [info, tracks, ...clusters])], { type: "video/webm" });
}

/** Frames from one that stands alone to the next such. */
function groups(frames) {
  const all = [];
  for (const frame of frames) {
    if (frame.key) all.push([]);
    all.at(-1).push(frame);
  }
  return all;
}

function cluster(group) {
  const start = Math.round(group[0].ms);
  const blocks = group.map(({ data, key, ms }) => {
    const after = Math.round(ms) - start;
    return element(0xa3, [Uint8Array.of(0x81, after >> 8, after & 255, key ? 0x80 : 0), data]);
  });
  return element(0x1f43b675, [element(0xe7, unsigned(start)), ...blocks]);
}

/** An element of EBML: its identifier, the length of what is in it, and that. */
function element(id, content) {
  const parts = Array.isArray(content) ? content : [content];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const name = bytesOf(id);
  const whole = new Uint8Array(name.length + 8 + length);
  whole.set(name);
  new DataView(whole.buffer).setBigUint64(name.length, BigInt(length) | (1n << 56n));
  let at = name.length + 8;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bytesOf(number) {
  const bytes = [];
  for (let rest = number; rest; rest = Math.floor(rest / 256)) bytes.unshift(rest & 255);
  return Uint8Array.from(bytes.length ? bytes : [0]);
}

const unsigned = bytesOf;
const text = (words) => new TextEncoder().encode(words);

function real(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}
