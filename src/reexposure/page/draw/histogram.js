// How much light there is of each level, in stops around what a screen can show.

import { HALF_VALUES } from "../light/camera.js";

const BINS_PER_EV = 8;
const LOWEST_EV = -20;
const HIGHEST_EV = 16;
const BINS = (HIGHEST_EV - LOWEST_EV) * BINS_PER_EV;
const SHOWN = [-8, 4]; // stops around SDR white
const SAMPLES = 300_000;

const binOf = (linear) =>
  linear > 0 ? Math.min(BINS - 1, Math.max(0, Math.floor((Math.log2(linear) - LOWEST_EV) * BINS_PER_EV))) : 0;
const BIN_OF_HALF = Uint16Array.from(HALF_VALUES, (linear) => binOf(linear));

/** Counts for red, green and blue of RGBA half floats of light. */
export function countLight(values) {
  const counts = [0, 1, 2].map(() => new Float32Array(BINS));
  const step = 4 * Math.max(1, Math.round(values.length / 4 / SAMPLES));
  for (let at = 0; at + 2 < values.length; at += step) {
    for (let c = 0; c < 3; c++) counts[c][BIN_OF_HALF[values[at + c]]]++;
  }
  return counts.map(smoothed);
}

/** Eight bits leave gaps between levels in the shadows: three passes of a small tent close them. */
function smoothed(counts) {
  let result = counts;
  for (let pass = 0; pass < 3; pass++) {
    result = result.map((count, bin) => (result[bin - 1] ?? 0) * 0.25 + count * 0.5 + (result[bin + 1] ?? 0) * 0.25);
  }
  return result;
}

export class Histogram {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  /** Counts of the light, or null where there are none yet. */
  set(light) {
    this.light = light;
    // A few tall bars (a clipped sky, a black frame) are not to flatten the rest.
    this.top = light ? Math.max(...light.map((channel) => channel.slice().sort().at(-6))) || 1 : 0;
    this.draw();
  }

  draw(ev = this.ev ?? 0) {
    this.ev = ev;
    const ratio = globalThis.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!width) return;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const { context } = this;
    const style = getComputedStyle(this.canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    context.scale(ratio, ratio);
    const foot = height - 16;
    const x = (stops) => ((stops - SHOWN[0]) / (SHOWN[1] - SHOWN[0])) * width;

    context.fillStyle = colour("--histogram-hdr");
    context.fillRect(x(0), 0, width - x(0), foot);
    context.font = `10px ${style.fontFamily}`;
    context.textAlign = "center";
    for (let stops = SHOWN[0] + 1; stops < SHOWN[1]; stops++) {
      context.fillStyle = colour(stops === 0 ? "--accent" : "--line");
      context.fillRect(Math.round(x(stops)), 0, 1, foot);
      context.fillStyle = colour("--quiet");
      if (stops % 2 === 0) context.fillText(`${stops > 0 ? "+" : stops < 0 ? "−" : ""}${Math.abs(stops)}`, x(stops), height - 3);
    }
    if (!this.top) return;
    const bright = colour("--histogram-blend");
    const trace = (counts, shift) => {
      context.beginPath();
      context.moveTo(0, foot);
      for (let bin = 0; bin < BINS; bin++) {
        const at = x(LOWEST_EV + (bin + 0.5) / BINS_PER_EV + shift);
        if (at < -10 || at > width + 10) continue;
        context.lineTo(at, foot - Math.min(1, Math.sqrt(counts[bin] / this.top)) * (foot - 14));
      }
      context.lineTo(width, foot);
      context.closePath();
    };
    context.globalCompositeOperation = bright;
    this.light.forEach((counts, c) => {
      trace(counts, ev);
      context.fillStyle = colour(["--red", "--green", "--blue"][c]);
      context.fill();
    });
    context.globalCompositeOperation = "source-over";
    context.fillStyle = colour("--quiet");
    context.textAlign = "right";
    context.fillText("SDR", x(0) - 5, 10);
    context.textAlign = "left";
    context.fillText("HDR", x(0) + 6, 10);
  }
}
