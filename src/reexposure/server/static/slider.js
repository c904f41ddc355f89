// The exposure scale, like the one in a camera's viewfinder: stops, thirds and a needle.

import { evText, rounded } from "./text.js";

export const FURTHEST_EV = 6; // what the scale shows
export const LIMIT_EV = 10; // what the number box takes
const GLIDE_MS = 160;

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class ExposureSlider {
  value = 0;
  #glide = 0;

  /** `scale` is the slider, `box` the number box; `onchange(ev)` is called for each exposure on the way. */
  constructor(scale, box, onchange) {
    this.scale = scale;
    this.box = box;
    this.onchange = onchange;
    this.needle = scale.querySelector(".needle");
    this.fill = scale.querySelector(".fill");
    this.#drawTicks(scale.querySelector(".ticks"));
    scale.addEventListener("pointerdown", (event) => this.#press(event));
    scale.addEventListener("dblclick", () => this.glideTo(0));
    box.addEventListener("change", () => this.#typed());
    box.addEventListener("focus", () => box.select());
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") box.blur();
    });
    this.#show();
  }

  /** Go to `ev` at once. */
  set(ev) {
    cancelAnimationFrame(this.#glide);
    this.#apply(Math.min(LIMIT_EV, Math.max(-LIMIT_EV, rounded(ev))));
  }

  /** Go to `ev` in a short movement, which shows where the light goes. */
  glideTo(ev) {
    const target = Math.min(LIMIT_EV, Math.max(-LIMIT_EV, rounded(ev)));
    if (still.matches) return this.set(target);
    cancelAnimationFrame(this.#glide);
    const from = this.value;
    const start = performance.now();
    const step = (now) => {
      const share = Math.min(1, Math.max(0, (now - start) / GLIDE_MS));
      this.#apply(share < 1 ? from + (target - from) * (1 - (1 - share) ** 3) : target);
      if (share < 1) this.#glide = requestAnimationFrame(step);
    };
    this.#glide = requestAnimationFrame(step);
  }

  /** One key press: `steps` of a tenth of a stop. */
  step(steps) {
    this.set(this.value + steps * 0.1);
  }

  #apply(ev) {
    this.value = ev;
    this.#show();
    this.onchange(ev);
  }

  #show() {
    const at = (ev) => `${(50 + (50 * Math.min(FURTHEST_EV, Math.max(-FURTHEST_EV, ev))) / FURTHEST_EV).toFixed(3)}%`;
    this.needle.style.left = at(this.value);
    this.fill.style.left = at(Math.min(0, this.value));
    this.fill.style.right = `calc(100% - ${at(Math.max(0, this.value))})`;
    this.scale.setAttribute("aria-valuenow", rounded(this.value));
    this.scale.setAttribute("aria-valuetext", `${evText(this.value)} stops`);
    if (document.activeElement !== this.box) this.box.value = evText(this.value);
  }

  #drawTicks(ticks) {
    for (let third = -3 * FURTHEST_EV; third <= 3 * FURTHEST_EV; third++) {
      const tick = document.createElement("i");
      tick.style.left = `${50 + (50 * third) / (3 * FURTHEST_EV)}%`;
      if (third % 3 === 0) {
        tick.className = third ? "stop" : "stop zero";
        tick.dataset.ev = evText(third / 3);
      }
      ticks.append(tick);
    }
  }

  #press(event) {
    if (event.button) return;
    event.preventDefault();
    this.scale.focus({ preventScroll: true });
    this.scale.setPointerCapture(event.pointerId);
    const follow = (moved) => {
      const box = this.scale.getBoundingClientRect();
      const ev = ((moved.clientX - box.left) / box.width - 0.5) * 2 * FURTHEST_EV;
      // A little pull towards zero and whole stops; Shift is free of it.
      const near = Math.round(ev);
      this.set(!moved.shiftKey && Math.abs(ev - near) < 0.06 ? near : ev);
    };
    this.scale.addEventListener("pointermove", follow);
    this.scale.addEventListener("lostpointercapture", () => this.scale.removeEventListener("pointermove", follow), { once: true });
    follow(event);
  }

  #typed() {
    const ev = Number(this.box.value.replace(/[−–]/, "-").replace(",", ".").replace(/\s*(EV|stops?)$/i, ""));
    if (Number.isFinite(ev) && this.box.value.trim()) this.glideTo(ev);
    else this.#show();
  }
}
