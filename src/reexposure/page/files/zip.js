// ZIP archives of files that are compressed already: stored as they are, named in UTF-8. https://pkware.com/appnote

import { crc } from "./png.js";

const MOST_BYTES = 0xffffffff; // beyond that readers must know ZIP64
const UTF_8 = 0x0800;

/**
 * A ZIP of { name, file } each, `file` a Blob; two of one name are told apart by a number.
 * @param {{ name: string, file: Blob }[]} files
 */
export async function zip(files) {
  const [parts, index] = [[], []];
  const [date, taken] = [new Date(), new Set()];
  let at = 0;
  for (const { name, file } of files) {
    const entry = new TextEncoder().encode(unlike(name, taken));
    const told = [20, UTF_8, 0, ...dosTime(date), crc(new Uint8Array(await file.arrayBuffer())), file.size, file.size, entry.length, 0];
    const head = joinedNumbers([0x04034b50, ...told], [4, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2]);
    parts.push(head, entry, file);
    index.push(joinedNumbers([0x02014b50, 20, ...told, 0, 0, 0, 0, at], [4, 2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4]), entry);
    at += head.length + entry.length + file.size;
    if (at > MOST_BYTES) throw new Error("more than 4 GB, which one ZIP cannot hold: save fewer photos at a time");
  }
  const size = index.reduce((sum, { length }) => sum + length, 0);
  const end = joinedNumbers([0x06054b50, 0, 0, files.length, files.length, size, at, 0], [4, 2, 2, 2, 2, 4, 4, 2]);
  return new Blob([...parts, ...index, end], { type: "application/zip" });
}

/** A name that is not in `taken`, which it is then. */
function unlike(name, taken) {
  const [, stem, suffix] = name.match(/^(.*?)(\.[^.]*)?$/s);
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${stem} (${number})${suffix ?? ""}`;
  taken.add(free);
  return free;
}

/** Time and date as MS-DOS has them. */
function dosTime(date) {
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds() >> 1];
  const [years, months, days] = [date.getFullYear() - 1980, date.getMonth() + 1, date.getDate()];
  return [(hours << 11) | (minutes << 5) | seconds, (years << 9) | (months << 5) | days];
}

/** Numbers of so many bytes each, the low one first. */
function joinedNumbers(numbers, sizes) {
  const bytes = [];
  numbers.forEach((number, i) => {
    for (let n = 0; n < sizes[i]; n++) bytes.push(Math.floor(number / 256 ** n) & 255);
  });
  return Uint8Array.from(bytes);
}
