// The gradient's line over the picture: two grips, pulled or moved by arrow keys.

const BY_KEY = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const APART = 0.01; // ends that are nearer would have no direction

export class GradientLine {
  /** `onmove(ends, gesture)` hears { from, to } in shares of the photo. */
  constructor(element, view, onmove) {
    this.element = element;
    this.view = view;
    this.onmove = onmove;
    this.lines = element.querySelectorAll("line");
    this.grips = { from: element.querySelector("#grip-from"), to: element.querySelector("#grip-to") };
    for (const [end, grip] of Object.entries(this.grips)) {
      grip.addEventListener("pointerdown", (event) => this.#press(end, event));
      grip.addEventListener("keydown", (event) => this.#key(end, event));
    }
  }

  /** Show a gradient, or none. */
  show(gradient) {
    this.gradient = gradient;
    this.element.hidden = !gradient || gradient.where !== "line" || this.view.empty;
    this.place();
  }

  /** Where the photo is on screen has changed. */
  place() {
    if (this.element.hidden || this.view.empty) return;
    const { x, y, scale, split } = this.view.look();
    const { width, height, ratio } = this.view;
    // Side by side it is on the second picture, and nowhere else.
    const [left, top] = split.map((px) => px / ratio);
    this.element.style.clipPath = `inset(${top}px 0 0 ${left}px)`;
    /** @type {(share: number[]) => [number, number]} */
    const at = ([across, down]) => [left + (x + across * width * scale) / ratio, top + (y + down * height * scale) / ratio];
    const [from, to] = [at(this.gradient.from), at(this.gradient.to)];
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const long = 4000 / (Math.hypot(dx, dy) || 1); // beyond any screen
    const across = ([px, py]) => [px - dy * long, py + dx * long, px + dy * long, py - dx * long];
    [[...from, ...to], across(from), across(to)].forEach((ends, i) => {
      ["x1", "y1", "x2", "y2"].forEach((name, n) => this.lines[i].setAttribute(name, ends[n]));
    });
    for (const [grip, [gx, gy]] of [[this.grips.from, from], [this.grips.to, to]]) grip.style.translate = `${gx}px ${gy}px`;
  }

  #press(end, event) {
    event.preventDefault();
    event.stopPropagation();
    const grip = this.grips[end];
    grip.focus({ preventScroll: true });
    grip.setPointerCapture(event.pointerId);
    const gesture = {};
    const follow = (moved) => {
      const [x, y] = this.view.photoAt(moved);
      this.#move(end, [x / this.view.width, y / this.view.height], gesture);
    };
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("lostpointercapture", () => grip.removeEventListener("pointermove", follow), { once: true });
  }

  #key(end, event) {
    const by = BY_KEY[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) this.gesture = {};
    const step = event.shiftKey ? 0.1 : 0.01;
    this.#move(end, this.gradient[end].map((share, i) => share + by[i] * step), this.gesture);
  }

  /** A grip stays on the photo, and off the other one. */
  #move(end, to, gesture) {
    const ends = { from: this.gradient.from, to: this.gradient.to };
    ends[end] = to.map((share) => Math.round(1000 * Math.min(1, Math.max(0, share))) / 1000);
    if (Math.hypot(ends.to[0] - ends.from[0], ends.to[1] - ends.from[1]) >= APART) this.onmove(ends, gesture);
  }
}
