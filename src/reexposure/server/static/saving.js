// Save: choose a format, get a file. Nothing is written before.

import { evText } from "./text.js";

const FORMATS = {
  jpeg: ["JPEG", "The picture at this exposure, for everywhere"],
  png: ["PNG", "The picture at this exposure, lossless"],
  ultrahdr: ["Ultra HDR", "A JPEG that shines on HDR displays and is an ordinary one elsewhere"],
  exr: ["OpenEXR", "The radiance map itself: linear half floats that hold every exposure"],
  film: ["Film", "The exposure glides down and up again"],
};

export class Saving {
  /** `say(text, bad, stays)` tells how it went. */
  constructor(backend, album, say) {
    Object.assign(this, { backend, album, say });
    this.dialog = document.getElementById("save-dialog");
    this.list = document.getElementById("formats");
    this.all = document.getElementById("save-all");
    this.dialog.addEventListener("close", () => this.#closed());
  }

  async show() {
    if (!this.album.current?.opened) return this.say("The light is not there yet: a moment.");
    if (!this.list.children.length) {
      this.suffixes = await this.backend.formats();
      this.list.append(...Object.keys(FORMATS).filter((name) => name in this.suffixes).map((name, i) => this.#choice(name, i)));
    }
    const ready = this.#ready().length;
    this.all.hidden = ready < 2;
    this.all.textContent = `Save all ${ready}`;
    document.getElementById("save-one").textContent = `Save at ${evText(this.album.current.ev)} EV`;
    this.dialog.returnValue = "";
    this.dialog.showModal();
  }

  #ready() {
    return this.album.photos.filter((photo) => photo.status === "ready");
  }

  #choice(name, i) {
    const [title, meaning] = FORMATS[name];
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "format", value: name, checked: i === 0 });
    const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
    label.append(input, make("b", title), make("code", this.suffixes[name]), make("small", meaning));
    return label;
  }

  async #closed() {
    const photos = { one: [this.album.current], all: this.#ready() }[this.dialog.returnValue];
    const format = this.list.querySelector(":checked")?.value;
    for (const photo of photos ?? []) await this.#save(photo, format);
  }

  async #save(photo, format) {
    const [title] = FORMATS[format];
    const suffix = this.suffixes[format];
    const stem = photo.name.replace(/\.[^.]+$/, "");
    const everyExposure = ["exr", "film"].includes(format);
    const name = everyExposure ? `${stem}${suffix}` : `${stem}_ev${photo.ev < 0 ? "" : "+"}${photo.ev}${suffix}`;
    try {
      this.say(`Writing ${name}`, false, true);
      const tell = (share) => share && this.say(`Writing ${name}: ${Math.round(100 * share)} %`, false, true);
      const file = await this.backend.save(await this.album.opened(photo), format, photo.ev, tell);
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      this.say(`Saved ${name}`);
    } catch (error) {
      this.say(`${title} was not saved: ${error.message}`, true);
    }
  }
}
