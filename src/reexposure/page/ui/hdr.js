// The picture with light above SDR white, on displays that have it: an Ultra HDR JPEG over the canvas.

const PREVIEW_PX = 2_000_000;
const REST_MS = 120; // it is made anew when the slider rests; while it moves the canvas is seen

const display = matchMedia("(dynamic-range: high)");

export class HdrPreview {
  shown = false;
  #turn = 0;

  constructor(image, note, view) {
    this.image = image;
    this.note = note;
    this.view = view;
    display.addEventListener("change", () => this.#tell());
    this.#tell();
  }

  #tell() {
    this.note.textContent = display.matches
      ? "This display shows HDR: highlights go on above white."
      : "This display, or browser, shows SDR only: highlights end at white here, and go on above it on HDR displays.";
  }

  show(shown) {
    this.shown = shown;
    this.#hide();
    this.later();
  }

  /** The photo on screen changed. */
  set(opened) {
    this.opened = opened;
    this.#hide();
    this.later();
  }

  /** While the plain brightness change is looked at. */
  hold(held) {
    this.held = held; // the badge then says what is seen instead
    this.image.style.visibility = held ? "hidden" : "";
  }

  /** The exposure changed: make the picture when it rests. */
  later() {
    clearTimeout(this.timer);
    if (!this.shown || !this.opened) return;
    this.#hide();
    this.timer = setTimeout(() => this.#make(), REST_MS);
  }

  place() {
    if (this.image.hidden) return;
    const { view } = this;
    const { x, y, scale } = view.look();
    this.image.style.width = `${(view.width * scale) / view.ratio}px`;
    this.image.style.translate = `${x / view.ratio}px ${y / view.ratio}px`;
    const right = view.divider === null ? 0 : Math.max(0, view.divider * view.canvas.width - x) / (view.width * scale);
    this.image.style.clipPath = view.divider === null ? "" : `inset(0 0 0 ${100 * Math.min(1, right)}%)`;
    this.image.style.opacity = view.clipping || view.reconstructed || view.beside ? 0 : 1;
    this.label();
  }

  #make() {
    const { width, height, photo, light, curve, space, weights, drawn } = this.opened;
    const { map } = (this.view.detail && this.opened.mapped) || this.opened;
    const step = Math.max(1, Math.ceil(Math.sqrt((width * height) / PREVIEW_PX)));
    const small = { light: reduced(light, width, height, step), photo: reduced(photo, width, height, step) };
    const scene = { ...small, width: Math.floor(width / step), height: Math.floor(height / step), curve, space, map, weights, drawn };
    if (!this.worker) {
      this.worker = new Worker(new URL("../worker/hdr-worker.js", import.meta.url), { type: "module" });
      this.worker.onmessage = ({ data }) => this.#made(data);
    }
    const { ev, highlights, shadows, gradient, detail } = this.view;
    const asked = { turn: ++this.#turn, scene, settings: { ev, highlights, shadows, gradient, detail } };
    this.worker.postMessage(asked, [scene.light.buffer, scene.photo.buffer]);
  }

  async #made({ turn, file }) {
    if (turn !== this.#turn || !this.shown) return;
    URL.revokeObjectURL(this.image.src);
    this.image.src = URL.createObjectURL(file);
    await this.image.decode().catch(() => {});
    if (turn !== this.#turn || !this.shown) return;
    this.image.hidden = false;
    this.label();
    this.place();
  }

  #hide() {
    this.#turn++;
    this.image.hidden = true;
    this.label();
  }

  /** Say plainly what is seen. */
  label() {
    if (this.held) return;
    const { clipping, reconstructed, beside } = this.view;
    if (this.image.hidden || clipping || reconstructed || beside) badge(); // they are on the canvas
    else badge("badge hdr", display.matches ? "HDR preview" : "HDR preview · SDR display");
  }
}

/** What is said in the picture's corner; nothing without `text`. */
export function badge(kind = "badge", text = "") {
  const corner = document.getElementById("badge");
  corner.hidden = !text;
  corner.className = kind;
  corner.textContent = text;
}

/** Every `step`-th pixel of RGBA values. */
function reduced(rgba, width, height, step) {
  const [w, h] = [Math.floor(width / step), Math.floor(height / step)];
  const out = new rgba.constructor(4 * w * h);
  for (let y = 0, to = 0; y < h; y++) {
    for (let x = 0; x < w; x++, to += 4) {
      const from = 4 * (y * step * width + x * step);
      for (let c = 0; c < 4; c++) out[to + c] = rgba[from + c];
    }
  }
  return out;
}
