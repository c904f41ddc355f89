// Save: choose a format and how, get a file. Nothing is written before.

import { zip } from "../files/zip.js";
import { amountOf } from "./drawing.js";
import { dialogById, inputIn } from "./elements.js";
import { numberOf } from "./fader.js";
import { nameOf } from "./settings.js";
import { evText } from "./text.js";

const SIZE = { name: "long_px", title: "Size", choices: [["", "Full size"], ...[4096, 2560, 1920, 1080].map((px) => [px, `${px} px`])] };
const DEPTH = { name: "bits", title: "Depth", choices: [[8, "8 bits"], [16, "16 bits"]] };
const QUALITY = { name: "quality", title: "Quality", hint: "as the photo", low: 1, high: 100 };

/** What each format is called and is, what a file's name says of it, and what there is to choose. */
const FORMATS = {
  jpeg: { title: "JPEG", meaning: "The picture as it is shown, for everywhere", kind: "picture", options: [QUALITY, SIZE] },
  png: { title: "PNG", meaning: "The picture as it is shown, lossless", kind: "picture", options: [DEPTH, SIZE] },
  tiff: { title: "TIFF", meaning: "The same, for print and for other programs", kind: "picture", options: [DEPTH, SIZE] },
  ultrahdr: { title: "Ultra HDR", meaning: "A JPEG with highlights above white for HDR displays, an ordinary one elsewhere", kind: "hdr", options: [] },
  exr: { title: "OpenEXR", meaning: "The radiance map itself: linear half floats that hold every exposure", kind: "light", options: [] },
  bracket: {
    title: "Bracket", meaning: "Several exposures around this one, as JPEGs in a ZIP", kind: "picture",
    options: [
      { name: "frames", title: "Pictures", choices: [[3, "3"], [5, "5"], [7, "7"]] },
      { name: "step", title: "Apart", choices: [[1, "1 EV"], [2, "2 EV"], [3, "3 EV"]] },
      QUALITY,
    ],
  },
  mask: { title: "Mask", meaning: "Red where highlights were reconstructed, blue where shadows were cleaned", kind: "mask", options: [] },
  film: {
    title: "Film", meaning: "The exposure glides down and up again", kind: "film",
    options: [
      { name: "seconds", title: "Length", choices: [[8, "8 seconds"], [4, "4 seconds"]] },
      { name: "film_px", title: "Size", choices: [[1280, "720p"], [3840, "Full size"]] },
    ],
  },
};

const DEVELOPED = ["jpeg", "png", "tiff", "ultrahdr", "bracket"]; // the others hold all exposures, or none
const SOON = 0.03; // of the work: before, nobody knows how long it takes

export class Saving {
  /** `say(text, { bad, stop })` tells how it goes. */
  constructor(backend, album, say) {
    this.backend = backend;
    this.album = album;
    this.say = say;
    this.dialog = dialogById("save-dialog");
    this.list = document.getElementById("formats");
    this.choices = document.getElementById("options");
    this.all = document.getElementById("save-all");
    this.dialog.addEventListener("close", () => this.#closed());
    this.list.addEventListener("change", () => this.#label());
  }

  async show() {
    const { current } = this.album;
    if (!current?.opened) return this.say(current?.status === "failed" ? "This photo could not be opened." : "The photo is not ready yet: a moment.");
    if (!this.list.children.length) {
      this.suffixes = await this.backend.formats();
      this.suffixes.bracket = this.suffixes.jpeg;
      this.list.append(...Object.keys(FORMATS).filter((name) => name in this.suffixes).map((name, i) => this.#format(name, i)));
      this.choices.append(...Object.keys(FORMATS).flatMap((name) => FORMATS[name].options.map((option) => choice(name, option))));
    }
    this.targets = { one: [current], all: this.album.photos.filter((photo) => photo.status === "ready") };
    this.all.hidden = this.targets.all.length < 2;
    this.all.textContent = `Save all ${this.targets.all.length}`;
    this.#label();
    this.dialog.returnValue = "";
    this.dialog.showModal();
  }

  get #chosen() {
    return inputIn(this.list, ":checked")?.value;
  }

  /** What is to be chosen of this format, and the exposure where it holds one only. */
  #label() {
    const format = this.#chosen;
    /** @type {NodeListOf<HTMLElement>} */
    const options = this.choices.querySelectorAll(".option");
    for (const option of options) option.hidden = option.dataset.format !== format;
    const at = DEVELOPED.includes(format) ? ` at ${evText(this.targets.one[0].settings.ev)} EV` : "";
    document.getElementById("save-one").textContent = `Save${at}`;
  }

  #format(name, i) {
    const { title, meaning } = FORMATS[name];
    const label = document.createElement("label");
    const suffix = name === "bracket" ? ".zip" : this.suffixes[name];
    const missing = !suffix.startsWith("."); // then it is what has to be installed
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "format", value: name, checked: i === 0, disabled: missing });
    const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
    label.append(input, make("b", title), make("code", missing ? "" : suffix), make("small", missing ? suffix : meaning));
    return label;
  }

  /** The options chosen for a format. Throws an Error that says what cannot be. */
  #options(format) {
    /** @type {Record<string, number>} */
    const options = {};
    for (const { name, title, hint, low, high } of FORMATS[format].options) {
      const text = inputIn(this.choices, `[data-format="${format}"] [name="${name}"]`).value.trim();
      if (!text) continue;
      const value = numberOf(text);
      if (hint && !(value >= low && value <= high)) throw new Error(`${title} ${text}: write a number from ${low} to ${high}, or nothing.`);
      options[name] = hint ? Math.round(value) : value;
    }
    return options;
  }

  async #closed() {
    const photos = this.targets[this.dialog.returnValue] ?? [];
    if (!photos.length) return;
    const format = this.#chosen;
    try {
      const options = this.#options(format);
      await this.#write(photos.flatMap((photo) => this.#wishes(photo, format, options)), format, photos);
    } catch (error) {
      this.say(error.message, { bad: true });
    }
  }

  /**
   * The files of one photo: { photo, name, wish } each.
   * @param {string} format
   * @param {Record<string, number>} chosen
   */
  #wishes(photo, format, chosen) {
    const { frames, step, ...options } = chosen;
    const { kind } = FORMATS[format];
    if (options.long_px >= photo.longPx) delete options.long_px; // nothing is enlarged
    const around = frames ? Array.from({ length: frames }, (_, n) => (n - (frames - 1) / 2) * step) : [0];
    return around.map((ev) => {
      const asked = { ...photo.settings, ev: Math.round((photo.settings.ev + ev) * 100) / 100 };
      const name = nameOf(photo.name, asked, kind, this.suffixes[format], options);
      const settings = { ...asked, detail: amountOf(photo) };
      return { photo, name, wish: { format: frames ? "jpeg" : format, settings, ...options } };
    });
  }

  async #write(wishes, format, photos) {
    const stopper = new AbortController();
    for (const photo of photos) photo.saving = stopper;
    const files = [];
    const whole = wishes.length === 1 ? wishes[0].name : photos.length === 1 ? `${photos[0].name.replace(/\.[^.]+$/, "")}_bracket.zip` : `reexposed_${photos.length}_photos.zip`;
    try {
      for (const [n, { photo, name, wish }] of wishes.entries()) {
        if (photo.status === "removed") continue;
        const tell = this.#teller(wishes.length > 1 ? `${whole}, ${n + 1} of ${wishes.length}` : name, stopper);
        await this.album.opened(photo);
        files.push({ name, file: await this.backend.save(photo, wish, tell, stopper.signal) });
        stopper.signal.throwIfAborted();
      }
      if (!files.length) return;
      download(wishes.length === 1 ? files[0].file : await zip(files), whole);
      this.say(`Saved ${whole}`);
    } catch (error) {
      if (stopper.signal.aborted) this.say(`${whole} was not saved.`);
      else this.say(`${FORMATS[format].title} was not saved: ${error.message}`, { bad: true });
    } finally {
      for (const photo of photos) photo.saving = null;
    }
  }

  /** What says how far a file is, and how long it still takes. */
  #teller(name, stopper) {
    const start = performance.now();
    const stop = () => stopper.abort();
    this.say(`Writing ${name}`, { stop });
    return (share) => {
      if (!share || stopper.signal.aborted) return;
      const left = share > SOON ? `, ${duration(((performance.now() - start) * (1 - share)) / share)} left` : "";
      this.say(`Writing ${name}: ${Math.round(100 * share)} %${left}`, { stop });
    };
  }
}

/** A time in words. */
export function duration(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function choice(format, { name, title, choices, hint }) {
  const label = Object.assign(document.createElement("label"), { className: "option", textContent: title });
  label.dataset.format = format;
  const input = document.createElement(choices ? "select" : "input");
  if (choices) input.append(...choices.map(([value, text]) => Object.assign(document.createElement("option"), { value, textContent: text })));
  else Object.assign(input, { placeholder: hint, inputMode: "numeric", autocomplete: "off" });
  input.name = name;
  label.append(input);
  return label;
}

function download(file, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
