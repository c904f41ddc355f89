// Save: choose a format, get a file. Nothing is written before.

import { evText } from "./text.js";

const FORMATS = {
  jpeg: ["JPEG", "The picture at this exposure, for everywhere"],
  png: ["PNG", "The picture at this exposure, lossless"],
  ultrahdr: ["Ultra HDR", "A JPEG with highlights above white for HDR displays, an ordinary one elsewhere"],
  exr: ["OpenEXR", "The radiance map itself: linear half floats that hold every exposure"],
  film: ["Film", "The exposure glides down and up again"],
};

const HOLD_ALL_EXPOSURES = ["exr", "film"];

export class Saving {
  /** `say(text, { bad, stop })` tells how it goes. */
  constructor(backend, album, say) {
    Object.assign(this, { backend, album, say });
    this.dialog = document.getElementById("save-dialog");
    this.list = document.getElementById("formats");
    this.all = document.getElementById("save-all");
    this.dialog.addEventListener("close", () => this.#closed());
    this.list.addEventListener("change", () => this.#label());
  }

  async show() {
    const { current } = this.album;
    if (!current?.opened) return this.say(current?.status === "failed" ? "This photo could not be opened." : "The photo is not ready yet: a moment.");
    if (!this.list.children.length) {
      this.suffixes = await this.backend.formats();
      this.list.append(...Object.keys(FORMATS).filter((name) => name in this.suffixes).map((name, i) => this.#choice(name, i)));
    }
    this.targets = { one: [current], all: this.album.photos.filter((photo) => photo.status === "ready") };
    this.all.hidden = this.targets.all.length < 2;
    this.all.textContent = `Save all ${this.targets.all.length}`;
    this.#label();
    this.dialog.returnValue = "";
    this.dialog.showModal();
  }

  get #format() {
    return this.list.querySelector(":checked")?.value;
  }

  /** The exposure matters to formats that hold one only. */
  #label() {
    const at = HOLD_ALL_EXPOSURES.includes(this.#format) ? "" : ` at ${evText(this.targets.one[0].ev)} EV`;
    document.getElementById("save-one").textContent = `Save${at}`;
  }

  #choice(name, i) {
    const [title, meaning] = FORMATS[name];
    const label = document.createElement("label");
    const suffix = this.suffixes[name];
    const missing = !suffix.startsWith("."); // then it is what has to be installed
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "format", value: name, checked: i === 0, disabled: missing });
    const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
    label.append(input, make("b", title), make("code", missing ? "" : suffix), make("small", missing ? suffix : meaning));
    return label;
  }

  async #closed() {
    const format = this.#format;
    for (const photo of this.targets[this.dialog.returnValue] ?? []) {
      if (photo.status !== "removed" && !(await this.#save(photo, format))) return;
    }
  }

  /** Whether it went well. */
  async #save(photo, format) {
    const [title] = FORMATS[format];
    const suffix = this.suffixes[format];
    const stem = photo.name.replace(/\.[^.]+$/, "");
    const name = HOLD_ALL_EXPOSURES.includes(format) ? `${stem}${suffix}` : `${stem}_ev${photo.ev < 0 ? "" : "+"}${photo.ev}${suffix}`;
    const stopper = (photo.saving = new AbortController());
    const stop = () => stopper.abort();
    try {
      this.say(`Writing ${name}`, { stop });
      const tell = (share) => share && !stopper.signal.aborted && this.say(`Writing ${name}: ${Math.round(100 * share)} %`, { stop });
      const file = await this.backend.save(await this.album.opened(photo), format, photo.ev, tell, stopper.signal);
      stopper.signal.throwIfAborted();
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      this.say(`Saved ${name}`);
      return true;
    } catch (error) {
      if (stopper.signal.aborted) this.say(`${name} was not saved.`);
      else this.say(`${title} was not saved: ${error.message}`, { bad: true });
      return false;
    } finally {
      photo.saving = null;
    }
  }
}
