// The browser's own backend, off the page's thread: decoding, network, blending, files.

import * as ort from "../runtime/ort.wasm.bundle.min.mjs";
import { writeExr } from "../files/exr.js";
import { film } from "../files/film.js";
import { aboutOf } from "../files/about.js";
import { fits, lightUnder } from "../files/gainmap.js";
import { maskFile, pictureFile } from "../files/picture.js";
import { CAMERA_RAW, isRaw } from "../files/raw.js";
import { findGainMap, ultraHdr } from "../files/ultrahdr.js";
import { SRGB, luminances } from "../light/colours.js";
import { SQRT, recode } from "../light/curves.js";
import { detailed, draw as drawOver } from "../light/detail.js";
import { isPlain } from "../light/develop.js";
import { upright } from "../light/orientation.js";
import { isSphere, saysSphere } from "../files/panorama.js";
import { reconstruct, sharesOf } from "../light/reconstruction.js";
import { redecoded } from "../light/redecoding.js";
import { reducedView, stepOf } from "../light/reducing.js";
import { suggested } from "../light/suggesting.js";
import { mapOf, reduced } from "../light/surroundings.js";

/** Of a file that no other try would open. */
class Unreadable extends Error {}

const MAX_PX = 60_000_000; // a browser's tab has little more memory than such a photo needs

ort.env.wasm.numThreads = 1; // more need headers that a plain web server does not send
ort.env.wasm.wasmPaths = { wasm: new URL("../runtime/ort-wasm-simd-threaded.wasm", import.meta.url).href };
const sessions = {};

/** One of the graphs that `reexpose export` writes: pictures (height, width, 3) in, one out. */
async function run(name, inputs, output) {
  sessions[name] ??= ort.InferenceSession.create(new URL(`../runtime/${name}.onnx`, import.meta.url).href, { executionProviders: ["wasm"] });
  const tensors = Object.entries(inputs).map(([key, [data, ...sizes]]) => [key, new ort.Tensor("float32", new Float32Array(data), sizes)]);
  return (await (await sessions[name]).run(Object.fromEntries(tensors)))[output].data;
}

const network = {
  gain: (photo, height, width, matrix) => run("light", { photo: [photo, height, width, 3], matrix: [matrix, 3, 3] }, "gain"),
  drawn: (photo, gain, noise, height, width) => {
    const three = [height, width, 3];
    return run("detail", { photo: [photo, ...three], gain: [gain, ...three], noise: [noise, height, width] }, "drawn");
  },
  cleaned: (photo, height, width) => run("shadows", { photo: [photo, height, width, 3] }, "cleaned"),
};

async function open(file, maxSidePx, tell) {
  tell("Reading the photo", 0.05);
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (isRaw(bytes)) throw new Unreadable(CAMERA_RAW);
  const { space, grey, converted, recoded, television, orientation, metadata } = await aboutOf(bytes);
  if (television) throw new Unreadable("an HDR picture in PQ or HLG, which only the program itself reads, not a browser");
  const { data, width, height } = await pixelsOf(file, converted ? "default" : "none");
  if (recoded) recode(data, recoded);
  const sphere = isSphere(height, width) && saysSphere(metadata.xmp);
  const known = findGainMap(bytes);
  const found = known && (await codesOf(known.codes, orientation));
  const codes = found && fits(found, width, height) ? found : null;
  const { light, gain } = codes
    ? { light: lightUnder(known.about, codes, data, width, height, space), gain: null }
    : await reconstruct(data, width, height, grey ? SRGB : space, network, tell, sphere);
  const shares = codes ? { highlightsShare: 0, shadowsShare: 0 } : sharesOf(data);
  const weights = luminances(space);
  const small = reduced(light, width, height, weights);
  const made = { map: mapOf(small), weights, suggested: suggested(small.own), ...shares };
  const detail = { gain, draws: gain !== null, detail: sphere ? 0 : null };
  const about = { space, curve: codes ? space.curve : SQRT, origin: codes ? "gain map" : "network", grey, sphere, ...detail, ...made };
  const whole = { photo: new Uint8Array(data.buffer), light, width, height, longPx: Math.max(width, height) };
  const step = stepOf(width, height, maxSidePx);
  return step === 1 ? { ...whole, ...about } : { ...reducedView(whole, step), longPx: whole.longPx, whole, ...about };
}

/** The pixels of a gain map, turned as its photo is; null where they cannot be decoded. */
async function codesOf(bytes, orientation) {
  try {
    const { data, width, height } = await pixelsOf(new Blob([bytes]));
    const turned = upright(data, width, height, orientation);
    return { data: turned.rgba, width: turned.width, height: turned.height };
  } catch {
    return null; // a damaged gain map is no reason to refuse the photo
  }
}

/**
 * RGBA bytes of an image file, upright; as they are stored, unless they are to be converted to sRGB.
 * @param {Blob} file
 * @param {ColorSpaceConversion} colorSpaceConversion
 */
async function pixelsOf(file, colorSpaceConversion = "none") {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { colorSpaceConversion, premultiplyAlpha: "none" });
  } catch {
    throw new Unreadable("not a picture that this browser can read");
  }
  const { width, height } = bitmap;
  if (width * height > MAX_PX) throw new Unreadable(`more than ${MAX_PX / 1e6} megapixels`);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** What `seed` draws over the light of a scene. */
const draw = async ({ photo, width, height, space, grey, gain }, seed) =>
  ({ seed, ...(await drawOver(photo, width, height, grey ? SRGB : space, gain, network, seed)) });

/** A file as `wish` asks for, see reexposure/server/exports.py. */
async function save(faithful, file, wish, tell, signal) {
  const { format, settings } = wish;
  if (format === "film") return film(faithful, wish, network, tell, signal);
  if (format === "mask") return maskFile(faithful);
  const scene = await withDetail(faithful, settings);
  if (format === "exr") return writeExr(redecoded(scene));
  if (format === "ultrahdr") return ultraHdr(scene, settings, file);
  return pictureFile(scene, wish, file);
}

/** A scene with the detail that settings ask for, and `told`: what its file is to say of that. */
async function withDetail(scene, settings) {
  const { detail: amount, seed } = settings;
  if (!scene.draws) return scene;
  if (!amount) return { ...scene, told: { detail: 0, seed: 0 } };
  const drawn = scene.drawn?.seed === seed ? scene.drawn : await draw(scene, seed);
  const light = detailed({ ...scene, drawn }, amount);
  const map = isPlain(settings) ? scene.map : mapOf(reduced(light, scene.width, scene.height, scene.weights));
  return { ...scene, light, map, told: { detail: amount, seed } };
}

const jobs = { open, draw, save };
let last = Promise.resolve(); // one job at a time: memory is what a browser has least of

const stops = new Map();

onmessage = ({ data: { call, name, args, stop } }) => {
  if (stop) return stops.get(call)?.abort();
  const stopper = new AbortController();
  stops.set(call, stopper);
  const tell = (...said) => postMessage({ call, tell: said });
  last = last.then(async () => {
    try {
      stopper.signal.throwIfAborted();
      const result = await jobs[name](...args, tell, stopper.signal);
      const buffers = new Set([result, result.whole].flatMap((one) => [one?.light?.buffer, one?.photo?.buffer]));
      buffers.delete(undefined);
      postMessage({ call, result }, { transfer: [...buffers] });
    } catch (error) {
      postMessage({ call, error: error.message, again: !(error instanceof Unreadable) });
    } finally {
      stops.delete(call);
    }
  });
};
