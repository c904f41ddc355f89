// The exposure scale, like the one in a camera's viewfinder: stops, thirds and a needle.

import { LIMIT_EV } from "./settings.js";
import { evText, rounded } from "./text.js";

export const FURTHEST_EV = 6; // what the scale shows
const GLIDE_MS = 160;

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class ExposureSlider {
  value = 0;
  #glide = 0;
  #gesture = {};

  /**
   * `scale` is the slider, `box` the number box; `onchange(ev, gesture)` is called for each exposure on the way, with
   * the pull or key press that it is part of, `onnone(text)` with what was written and is no exposure.
   */
  constructor(scale, box, onchange, onnone) {
    this.scale = scale;
    this.box = box;
    this.onchange = onchange;
    this.onnone = onnone;
    this.needle = scale.querySelector(".needle");
    this.fill = scale.querySelector(".fill");
    this.#drawTicks(scale.querySelector(".ticks"));
    scale.addEventListener("pointerdown", (event) => this.#press(event));
    scale.addEventListener("dblclick", () => this.glideTo(0));
    box.addEventListener("change", () => this.#typed());
    box.addEventListener("focus", () => box.select());
    box.addEventListener("keydown", (event) => this.#keyInBox(event));
    scale.addEventListener("keydown", (event) => this.#keyOnScale(event));
    this.#show();
  }

  /** Go to `ev` at once. */
  set(ev) {
    this.#gesture = {};
    this.#follow(ev);
  }

  /** Show `ev`, without telling anybody. */
  show(ev) {
    cancelAnimationFrame(this.#glide);
    this.value = ev;
    this.#show();
  }

  /** Go to `ev` in a short movement, which shows where the light goes. */
  glideTo(ev) {
    const target = Math.min(LIMIT_EV, Math.max(-LIMIT_EV, rounded(ev)));
    if (still.matches) return this.set(target);
    cancelAnimationFrame(this.#glide);
    this.#gesture = {};
    const from = this.value;
    const start = performance.now();
    const step = (now) => {
      const share = Math.min(1, Math.max(0, (now - start) / GLIDE_MS));
      this.#apply(share < 1 ? from + (target - from) * (1 - (1 - share) ** 3) : target);
      if (share < 1) this.#glide = requestAnimationFrame(step);
    };
    this.#glide = requestAnimationFrame(step);
  }

  /** One key press, or more of one that is `held`: `steps` of a tenth of a stop. */
  step(steps, held = false) {
    if (!held) this.#gesture = {};
    this.#follow(this.value + steps * 0.1);
  }

  #follow(ev) {
    cancelAnimationFrame(this.#glide);
    this.#apply(Math.min(LIMIT_EV, Math.max(-LIMIT_EV, rounded(ev))));
  }

  #apply(ev) {
    this.value = ev;
    this.#show();
    this.onchange(ev, this.#gesture);
  }

  #show() {
    const at = (ev) => `${(50 + (50 * Math.min(FURTHEST_EV, Math.max(-FURTHEST_EV, ev))) / FURTHEST_EV).toFixed(3)}%`;
    this.needle.style.left = at(this.value);
    this.fill.style.left = at(Math.min(0, this.value));
    this.fill.style.right = `calc(100% - ${at(Math.max(0, this.value))})`;
    this.scale.dataset.beyond = this.value > FURTHEST_EV ? "+" : this.value < -FURTHEST_EV ? "-" : "";
    this.scale.setAttribute("aria-valuenow", rounded(this.value));
    this.scale.setAttribute("aria-valuetext", `${evText(this.value)} stops`);
    if (document.activeElement !== this.box) this.box.value = evText(this.value);
  }

  /** Up and down go on from what is written; Escape takes that back. */
  #keyInBox(event) {
    const { box } = this;
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (by) {
      const written = exposure(box.value);
      this.set((Number.isFinite(written) ? written : this.value) + by * (event.shiftKey ? 1 : 0.1));
    } else if (event.key === "PageUp" || event.key === "PageDown") {
      return;
    }
    if (by || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      box.value = evText(this.value);
      box.select();
    }
    if (event.key === "Enter" || event.key === "Escape") box.blur();
  }

  #keyOnScale(event) {
    const to = { Home: -FURTHEST_EV, End: FURTHEST_EV, PageUp: this.value + 1, PageDown: this.value - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(to);
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
    this.#gesture = {};
    const follow = (moved) => {
      const box = this.scale.getBoundingClientRect();
      const ev = ((moved.clientX - box.left) / box.width - 0.5) * 2 * FURTHEST_EV;
      // A little pull towards zero and whole stops; Shift is free of it.
      const near = Math.round(ev);
      const fine = moved.pointerType === "touch" ? Math.round(ev * 10) / 10 : ev; // as fine as a finger is
      this.#follow(!moved.shiftKey && Math.abs(ev - near) < 0.06 ? near : fine);
    };
    this.scale.addEventListener("pointermove", follow);
    this.scale.addEventListener("lostpointercapture", () => this.scale.removeEventListener("pointermove", follow), { once: true });
    follow(event);
  }

  #typed() {
    const written = this.box.value.trim();
    const ev = exposure(written);
    if (Math.abs(ev) <= LIMIT_EV) return this.glideTo(ev);
    if (written) this.onnone(written);
    this.#show();
  }
}

/** Stops, as people write them (-1.5, −1,5 EV, 1/3, +1 2/3); NaN for anything else. */
export function exposure(text) {
  const plain = text.trim().replace(/[−–]/, "-").replace(",", ".").replace(/\s*(EV|stops?)$/i, "");
  const [, sign, whole, over, under] = plain.match(/^([+-]?)\s*(\d*\.?\d*)??(?:\s*(\d+)\/(\d+))?$/) ?? [];
  if (!whole && !under) return NaN;
  return (sign === "-" ? -1 : 1) * (Number(whole || 0) + (under ? over / under : 0));
}
