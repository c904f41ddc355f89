// The page's plain modules, called from outside: a JSON line in, a JSON line out. See javascript.py.

import { createInterface } from "node:readline";

const PAGE = new URL("../src/reexposure/page/", import.meta.url);
const ARRAYS = { Uint8Array, Uint8ClampedArray, Uint16Array, Int32Array, Float32Array, Float64Array };

/** What stands for the network; `Pretended` in test_drift_light.py does the same. */
const network = {
  gain: (photo, height, width, matrix) => photo.map((value, at) => Math.max(0, 2 * value + matrix[3 * (at % 3)])),
  drawn: (photo, gain, noise) => photo.map((value, at) => (value - 0.5) * noise[Math.floor(at / 3)] + 0.1 * gain[at]),
  cleaned: (photo) => photo.map((value) => (value < 24 / 255 ? 0.5 * value + 0.01 : value)),
};

/** A value as JSON holds it: arrays of numbers by their type and bytes. */
async function packed(value) {
  if (value instanceof Blob) return packed(new Uint8Array(await value.arrayBuffer()));
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { array: value.constructor.name, bytes: bytes.toString("base64") };
  }
  if (Array.isArray(value)) return Promise.all(value.map(packed));
  if (value === null || typeof value !== "object") return value ?? null;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, one]) => [key, await packed(one)])));
}

function unpacked(value) {
  if (Array.isArray(value)) return value.map(unpacked);
  if (value === null || typeof value !== "object") return value;
  if ("network" in value) return network;
  if ("tell" in value) return () => {};
  if (!("array" in value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unpacked(one)]));
  const bytes = Uint8Array.from(Buffer.from(value.bytes, "base64"));
  return value.array === "Blob" ? new Blob([bytes]) : new ARRAYS[value.array](bytes.buffer);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { module, name, args, each, made } = JSON.parse(line);
  let answer;
  try {
    let called = (await import(new URL(module, PAGE)))[name];
    if (made) called = called(...made.map(unpacked)); // a function that makes functions
    const given = args.map(unpacked);
    const one = (...now) => (typeof called === "function" ? called(...now) : called);
    // `each`: once for each place of the arrays among the arguments.
    const count = given.find(ArrayBuffer.isView)?.length;
    const at = (place) => given.map((value) => (ArrayBuffer.isView(value) ? value[place] : value));
    answer = { result: await packed(each ? Float64Array.from({ length: count }, (_, place) => one(...at(place))) : await one(...given)) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
