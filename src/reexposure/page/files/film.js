// The exposure film, as reexposure/films makes it: the exposure glides down, up and back, the input inset.

import { SRGB } from "../light/colours.js";
import { detailed, draw } from "../light/detail.js";
import { reconstruct } from "../light/reconstruction.js";
import NUMBERS from "../light/numbers.json" with { type: "json" };
import { reducedLight } from "../light/reducing.js";
import { tellingRange } from "../light/telling.js";
import { forCanvas, picture } from "./canvas.js";
import { evText } from "../ui/text.js";
import { webm } from "./webm.js";

const LONG_PX = 1280;
const FPS = 30;
const KEY_FRAMES = 30; // frames from one that stands alone to the next
const BITS_A_PIXEL = 0.25; // of a frame
const { rest: REST } = NUMBERS.film; // share of the film for which the exposure rests at each turning point
/** @type {[number, string][]} */
const LEVELS = [[2_228_224, "40"], [8_912_896, "50"], [Infinity, "60"]]; // of VP9, by the pixels that a frame may have

/** A WebM film of a scene, of so many `seconds` and `film_px` on its longer side; `network` runs the graphs, `tell(share)` hears how far it is, `signal` stops it. */
export async function film({ photo, light: known, width, height, space, curve, origin, grey, sphere }, { settings, seconds = 8, film_px = LONG_PX }, network, tell, signal) {
  const small = reduced(photo, width, height, Math.min(film_px, Math.max(width, height, LONG_PX)));
  const scene = { photo: small.data, width: small.width, height: small.height, curve, space };
  const light = scene.light = origin === "network"
    ? await lightOf(scene, grey ? SRGB : space, settings, network, sphere)
    : reducedLight(known, width, height, small.width, small.height);
  const [low, high] = tellingRange(light, small.data);
  const evs = glide(low, high, seconds * FPS);
  const frames = [];
  let [failed, colours] = [null, null];
  const encoder = new VideoEncoder({
    output: (chunk, about) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      frames.push({ data, key: chunk.type === "key", ms: chunk.timestamp / 1000 });
      colours ??= about?.decoderConfig?.colorSpace;
      tell(frames.length / evs.length);
    },
    error: (error) => (failed = error),
  });
  const size = { width: scene.width, height: scene.height };
  const bitrate = Math.round(size.width * size.height * FPS * BITS_A_PIXEL);
  const [, level] = LEVELS.find(([most]) => size.width * size.height <= most);
  encoder.configure({ codec: `vp09.00.${level}.08`, ...size, bitrate, framerate: FPS, latencyMode: "quality" });
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const input = onSrgb(picture(...forCanvas(scene, 0)));
  for (const [number, ev] of evs.entries()) {
    if (failed) throw failed;
    if (signal.aborted) encoder.close();
    signal.throwIfAborted();
    onPaper(context, picture(...forCanvas(scene, ev)));
    drawInset(context, input);
    drawScale(context, ev, low, high);
    const frame = new VideoFrame(canvas, { timestamp: Math.round((number * 1e6) / FPS), duration: Math.round(1e6 / FPS) });
    encoder.encode(frame, { keyFrame: number % KEY_FRAMES === 0 });
    frame.close();
    do await new Promise((done) => setTimeout(done)); // what stops it is heard, and memory stays flat
    while (encoder.encodeQueueSize > 4);
  }
  await encoder.flush();
  encoder.close();
  return webm({ codec: "V_VP9", ...size, ms: 1000 * seconds, colours: colours?.toJSON?.() ?? colours }, frames);
}

/** The light of a scene, with the detail that settings ask for. */
async function lightOf(scene, space, { detail, seed }, network, sphere) {
  const { photo, width, height } = scene;
  const { light, gain } = await reconstruct(photo, width, height, space, network, undefined, sphere);
  if (!detail || !gain) return light;
  return detailed({ ...scene, light, drawn: await draw(photo, width, height, space, gain, network, seed) }, detail);
}

/** The photo's bytes at the film's size, both sides even. */
function reduced(photo, width, height, longPx) {
  const scale = longPx / Math.max(width, height);
  const [w, h] = [width, height].map((side) => Math.max(2, 2 * Math.round((side * scale) / 2)));
  const whole = new OffscreenCanvas(width, height);
  whole.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(photo.buffer, photo.byteOffset, photo.length), width, height), 0, 0);
  const context = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, 0, 0, w, h);
  return context.getImageData(0, 0, w, h);
}

/** The exposure of each frame: from 0 to `low`, to `high` and back, eased, resting where it turns. */
export function glide(low, high, count) {
  const stations = [0, low, high, 0];
  const spans = [-low, high - low, high];
  const whole = 2 * (high - low);
  const rest = REST * spans.length;
  const legs = spans.map((span, i) => ({ from: stations[i], to: stations[i + 1], move: (span / whole) * (1 - rest) }));
  return Array.from({ length: count }, (_, number) => {
    let time = number / count;
    for (const { from, to, move } of legs) {
      if (time < move + REST) return from + (to - from) * (0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, time / move)));
      time -= move + REST;
    }
    return 0;
  });
}

/** A picture as an sRGB canvas: drawing converts. */
function onSrgb(source) {
  const canvas = new OffscreenCanvas(source.width, source.height);
  onPaper(canvas.getContext("2d"), source);
  return canvas;
}

/** Transparent parts are white, at every exposure. */
function onPaper(context, source) {
  context.fillStyle = "white";
  context.fillRect(0, 0, source.width, source.height);
  context.drawImage(source, 0, 0);
}

const PANEL = "rgb(12 14 18 / 0.59)";
const LINE = "rgb(255 255 255 / 0.92)";
const METER = "rgb(255 184 77)";

const emOf = ({ width, height }) => Math.max(11, 0.022 * Math.sqrt(width * height));
const marginOf = (canvas) => Math.round(Math.min(1.2 * emOf(canvas), 0.06 * Math.min(canvas.width, canvas.height)));

function say(context, words, x, y, size, weight, align) {
  context.font = `${weight} ${size}px system-ui, sans-serif`;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.fillStyle = LINE;
  context.fillText(words, x, y);
}

/** The untouched input at the lower left. */
function drawInset(context, input) {
  const { canvas } = context;
  const [em, margin] = [emOf(canvas), marginOf(canvas)];
  const edge = Math.max(1, Math.round(em * 0.1));
  const [w, h] = [Math.round(canvas.width * 0.22), Math.round(canvas.height * 0.22)];
  const [left, top] = [margin + edge, canvas.height - margin - edge - h];
  context.fillStyle = "white";
  context.fillRect(left - edge, top - edge, w + 2 * edge, h + 2 * edge);
  context.imageSmoothingQuality = "high";
  context.drawImage(input, left, top, w, h);
  const [wide, high] = [3.6 * em, 1.25 * em];
  if (wide > w || high > h / 2) return;
  context.fillStyle = PANEL;
  context.fillRect(left, top, wide, high);
  say(context, "Input", left + wide / 2, top + high / 2, 0.72 * em, 600, "center");
}

/** The exposure on a scale at the lower right. */
function drawScale(context, ev, low, high) {
  const { canvas } = context;
  const [em, margin] = [emOf(canvas), marginOf(canvas)];
  const free = canvas.width * 0.78 - 3 * margin;
  const [wide, tall] = [Math.min(free, 27 * em), 2.7 * em];
  if (wide < 14 * em) return;
  const [left, top] = [canvas.width - margin - wide, canvas.height - margin - tall];
  context.fillStyle = PANEL;
  context.beginPath();
  context.roundRect(left, top, wide, tall, 0.5 * em);
  context.fill();
  const x = (stops) => left + 6.6 * em + ((wide - 7.9 * em) * (stops - low)) / (high - low);
  const y = top + em;
  context.lineWidth = Math.max(1, 0.07 * em);
  context.strokeStyle = LINE;
  context.beginPath();
  context.moveTo(x(low), y);
  context.lineTo(x(high), y);
  for (let stop = Math.ceil(low); stop <= high; stop++) {
    context.moveTo(x(stop), y);
    context.lineTo(x(stop), y - (stop ? 0.3 : 0.5) * em);
  }
  context.stroke();
  const step = [1, 2, 3, 5].find((n) => n * (x(1) - x(0)) >= 1.7 * em) ?? 10;
  for (let stop = Math.ceil(low); stop <= high; stop++) {
    if (stop % step === 0) say(context, evText(stop), x(stop), y + 0.85 * em, 0.72 * em, 400, "center");
  }
  context.fillStyle = METER;
  context.fillRect(Math.min(x(0), x(ev)), y - 0.07 * em, Math.abs(x(ev) - x(0)), 0.14 * em);
  context.beginPath();
  context.arc(x(ev), y, 0.32 * em, 0, 2 * Math.PI);
  context.fill();
  const number = Math.abs(ev) < 0.05 ? "0" : `${ev > 0 ? "+" : "−"}${Math.abs(ev).toFixed(1)}`;
  say(context, `${number} EV`, left + 5.2 * em, top + tall / 2, 1.1 * em, 600, "right");
}
