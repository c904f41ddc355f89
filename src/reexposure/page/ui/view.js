// What is on screen: which part of the photo, at which exposure, with which marks over it.

const ZOOM_STEP = 1.0015;
const MAX_SCALE = 32;

export class View {
  scale = 1;
  x = 0; // where the photo's left top is on the canvas, in canvas pixels
  y = 0;
  ev = 0;
  highlights = 0;
  shadows = 0;
  gradient = null;
  detail = 0;
  fitted = true;
  divider = null; // share of the canvas's width, or null
  beside = false; // before and after each have half of the canvas
  plain = false;
  plainBefore = false;
  clipping = 0;
  reconstructed = false;
  transparent = false;
  /** @type {(() => void) | null} hears of each picture that is drawn */
  onchange = null;
  #asked = false;

  /** `stage` is the element that gets the gestures and that `canvas` fills; `draw` paints a look. */
  constructor(stage, canvas, draw) {
    this.stage = stage;
    this.canvas = canvas;
    this.paint = draw;
    this.width = this.height = 0;
    new ResizeObserver(() => this.resize()).observe(stage);
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.#press(event));
    stage.addEventListener("dblclick", (event) => this.#toggleZoom(event));
    this.resize();
  }

  /** The size in canvas pixels that the photo has, which side by side is half of the canvas. */
  get room() {
    const { width, height } = this.canvas;
    const [across, down] = this.split;
    return { width: width - across, height: height - down };
  }

  /** Where the second half begins: [x, 0] or, on a canvas that is higher than wide, [0, y]; [0, 0] where there is one only. */
  get split() {
    if (!this.beside) return [0, 0];
    const { width, height } = this.canvas;
    return width >= height ? [Math.round(width / 2), 0] : [0, Math.round(height / 2)];
  }

  get empty() {
    return !this.width;
  }

  /** A photo of another size; `keep` stays where it was on screen, for one that only got sharper. */
  setSize(width, height, keep = false) {
    if (keep && this.width) this.scale *= this.width / width;
    this.width = width;
    this.height = height;
    if (keep && !this.fitted) this.ask();
    else this.fit();
  }

  resize() {
    const ratio = globalThis.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(this.stage.clientWidth * ratio));
    this.canvas.height = Math.max(1, Math.round(this.stage.clientHeight * ratio));
    this.ratio = ratio;
    if (this.fitted) this.fit();
    else this.ask();
  }

  fit() {
    if (this.empty) return;
    const { width, height } = this.room;
    this.fitted = true;
    this.scale = Math.min(width / this.width, height / this.height, 2 * this.ratio);
    this.x = (width - this.width * this.scale) / 2;
    this.y = (height - this.height * this.scale) / 2;
    this.ask();
  }

  /** Zoom to `scale` canvas pixels a photo pixel, and keep the point (x, y) of the canvas in place. */
  zoomTo(scale, x = this.room.width / 2, y = this.room.height / 2) {
    if (this.empty) return;
    const least = Math.min(1, this.room.width / this.width, this.room.height / this.height) / 2;
    const next = Math.min(MAX_SCALE, Math.max(least, scale));
    this.x = x - ((x - this.x) * next) / this.scale;
    this.y = y - ((y - this.y) * next) / this.scale;
    this.scale = next;
    this.fitted = false;
    this.#keepInSight();
    this.ask();
  }

  zoomBy(factor) {
    this.zoomTo(this.scale * factor);
  }

  /** Draw with the next frame, once, however often it is asked for. */
  ask() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.drawNow();
    });
  }

  drawNow() {
    if (!this.empty) this.paint(this.look());
    this.onchange?.();
  }

  look() {
    const { ev, highlights, shadows, gradient, detail, plain, plainBefore, clipping, reconstructed, transparent, scale, split } = this;
    const dividerPx = this.divider === null ? -1 : Math.round(this.divider * this.canvas.width);
    // At 100 % and above, photo pixels lie on canvas pixels.
    const [x, y] = scale >= 1 ? [Math.round(this.x), Math.round(this.y)] : [this.x, this.y];
    return { x, y, scale, split, ev, highlights, shadows, gradient, detail, plain, plainBefore, clipping, reconstructed, transparent, dividerPx };
  }

  #keepInSight() {
    const margin = 80 * this.ratio;
    const within = (at, size, room) => Math.min(room - margin, Math.max(margin - size, at));
    this.x = within(this.x, this.width * this.scale, this.room.width);
    this.y = within(this.y, this.height * this.scale, this.room.height);
  }

  #at(event) {
    const box = this.stage.getBoundingClientRect();
    const at = [(event.clientX - box.left) * this.ratio, (event.clientY - box.top) * this.ratio];
    return at.map((value, i) => (this.split[i] && value >= this.split[i] ? value - this.split[i] : value));
  }

  /** The photo's pixel under a pointer. */
  photoAt(event) {
    const [x, y] = this.#at(event);
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  #wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.zoomTo(this.scale * ZOOM_STEP ** (-event.deltaY * lines), ...this.#at(event));
  }

  #toggleZoom(event) {
    if (event.target.closest("button")) return;
    if (this.fitted) this.zoomTo(1, ...this.#at(event));
    else this.fit();
  }

  #touches = new Map();

  #press(event) {
    if (event.button || event.target.closest("button, a, .divider, .grip, .welcome")) return;
    this.stage.setPointerCapture(event.pointerId);
    this.#touches.set(event.pointerId, this.#at(event));
    const move = (moved) => this.#drag(moved);
    const end = (ended) => {
      if (ended.pointerId !== event.pointerId) return;
      this.#touches.delete(event.pointerId);
      this.stage.removeEventListener("pointermove", move);
      this.stage.removeEventListener("pointerup", end);
      this.stage.removeEventListener("pointercancel", end);
    };
    this.stage.addEventListener("pointermove", move);
    this.stage.addEventListener("pointerup", end);
    this.stage.addEventListener("pointercancel", end);
  }

  /** One finger or the mouse pans, two fingers zoom. */
  #drag(event) {
    const before = this.#touches.get(event.pointerId);
    const now = this.#at(event);
    if (!before || this.empty || (before[0] === now[0] && before[1] === now[1])) return;
    const other = [...this.#touches].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
      const middle = (point) => point.map((value, i) => (value + other[i]) / 2);
      const [from, to] = [middle(before), middle(now)];
      this.zoomTo((this.scale * distance(now)) / distance(before), ...from);
      this.#pan(to[0] - from[0], to[1] - from[1]);
    } else {
      this.#pan(now[0] - before[0], now[1] - before[1]);
    }
    this.#touches.set(event.pointerId, now);
  }

  #pan(x, y) {
    this.x += x;
    this.y += y;
    this.fitted = false;
    this.#keepInSight();
    this.ask();
  }
}
