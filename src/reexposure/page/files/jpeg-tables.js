// The usual tables of a JPEG (ITU-T T.81, annex K).

/** Where in the rows of a block the values lie, in the order in which they are written. */
export const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

const LUMA = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMA = Array.from({ length: 64 }, (_, at) => {
  const [row, column] = [at >> 3, at & 7];
  return [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56], [47, 66]][row]?.[column] ?? 99;
});
// Huffman's tables: how many codes there are of each length, and what they stand for. First luma's, then chroma's.
const hex = (digits) => digits.match(/../g).map((pair) => parseInt(pair, 16));
export const DC = [
  [hex("00010501010101010100000000000000"), hex("000102030405060708090a0b")],
  [hex("00030101010101010101010000000000"), hex("000102030405060708090a0b")],
];
export const AC = [
  [hex("0002010303020403050504040000017d"), hex(
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a" +
    "434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aa" +
    "b2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
  )],
  [hex("00020102040403040705040400010277"), hex(
    "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a" +
    "434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aa" +
    "b2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
  )],
];

/** The quantisation tables, in rows, of luma and chroma at a quality of 1 to 100, as libjpeg scales them. */
export function tablesOf(quality) {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return [LUMA, CHROMA].map((table) => table.map((step) => Math.min(255, Math.max(1, Math.floor((step * scale + 50) / 100)))));
}

/** For each symbol, its code and that code's length, as 32 * code + length. */
export function codesOf(counts, symbols) {
  const codes = new Uint32Array(256);
  let [code, at] = [0, 0];
  counts.forEach((count, length) => {
    for (let n = 0; n < count; n++) codes[symbols[at++]] = 32 * code++ + length + 1;
    code *= 2;
  });
  return codes;
}
