// Bytes of files: joined, deflated, and as text.

/** One character a byte: what regular expressions look at, and nothing is lost. */
export function textOf(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** The inverse of `textOf`. */
export const bytesOf = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Whether `bytes` go on with `text` at `at`. */
export function holds(bytes, text, at = 0) {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Arrays of bytes, and texts, one after the other. */
export function joined(...parts) {
  const pieces = parts.map((part) => (typeof part === "string" ? bytesOf(part) : part));
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Numbers of two and of four bytes, the high one first. */
export const big16 = (...numbers) => Uint8Array.from(numbers.flatMap((n) => [n >>> 8, n]));
export const big32 = (...numbers) => Uint8Array.from(numbers.flatMap((n) => [n >>> 24, n >>> 16, n >>> 8, n]));

/** The number of `size` bytes at `at`, the high one first. */
export function number(bytes, at, size) {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + bytes[at + i];
  return value;
}

/** Bytes packed as zlib does it. */
export const deflated = (bytes) => through(bytes, new CompressionStream("deflate"));

/** The inverse. Throws for what is damaged, or comes to more than `limit` bytes. */
export const inflated = (bytes, limit = Infinity) => through(bytes, new DecompressionStream("deflate"), limit);

async function through(bytes, stream, limit = Infinity) {
  const pieces = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(...pieces);
    pieces.push(value);
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new Error("too much");
    }
  }
}
