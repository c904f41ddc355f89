// Image file directories, the tag lists of TIFF in which EXIF and multi-picture indices are written too, as
// reexposure/photo/ifd.py: read, and values changed in place, so that no offset moves.

/** Bytes of a value of each TIFF type, and of those that are integers. */
export const SIZES = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4 };
export const INTEGERS = { 1: 1, 3: 2, 4: 4, 13: 4 };

export class Directories {
  /** A copy of `bytes`. Throws for those that are no TIFF structure, as does whatever reads out of bounds. */
  constructor(bytes) {
    this.data = Uint8Array.from(bytes);
    this.view = new DataView(this.data.buffer);
    const [a, b, c, d] = this.data;
    this.little = a === 0x49;
    if (a !== b || ![0x49, 0x4d].includes(a) || (this.little ? c !== 42 || d !== 0 : c !== 0 || d !== 42)) {
      throw new Error("no TIFF structure");
    }
    this.first = this.number(4, 4);
  }

  /** The unsigned number of `size` bytes at `at`. */
  number(size, at) {
    if (size === 1) return this.view.getUint8(at);
    return size === 2 ? this.view.getUint16(at, this.little) : this.view.getUint32(at, this.little);
  }

  put(size, at, value) {
    if (size === 1) this.view.setUint8(at, value);
    else if (size === 2) this.view.setUint16(at, value, this.little);
    else this.view.setUint32(at, value, this.little);
  }

  /** The tag { tag, type, count, at, size } at `place`; `at` is where its value lies. */
  entry(place) {
    const [tag, type, count] = [this.number(2, place), this.number(2, place + 2), this.number(4, place + 4)];
    const size = (SIZES[type] ?? 0) * count;
    return { tag, type, count, at: size > 4 ? this.number(4, place + 8) : place + 8, size };
  }

  /** The tags of the directory at `at`; values out of bounds are left out. */
  *entries(at) {
    const count = this.number(2, at);
    for (let n = 0; n < count; n++) {
      const entry = this.entry(at + 2 + 12 * n);
      if (entry.size > 0 && entry.size <= this.data.length - entry.at) yield entry;
    }
  }

  /** Where the directory at `at` says where the next one is. */
  nextLink(at) {
    return at + 2 + 12 * this.number(2, at);
  }

  /** The entry of `tag` in the directory at `at`. */
  find(at, tag) {
    for (const entry of this.entries(at)) if (entry.tag === tag) return entry;
    return null;
  }

  /** The first value of an integer tag, or null. */
  value(at, tag) {
    const entry = this.find(at, tag);
    return entry && INTEGERS[entry.type] ? this.number(INTEGERS[entry.type], entry.at) : null;
  }
}
