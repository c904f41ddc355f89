// A slider with its number beside it, for a setting that is 0 where it does nothing: from as far below, or from there on.

import { inputIn } from "./elements.js";

/** A number as people write it, with either minus and either comma; NaN for anything else. */
export function numberOf(text) {
  const plain = text.trim().replace(/[−–]/, "-").replace(",", ".").replace(/\s*(EV|stops?|%)$/i, "");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : NaN;
}

export class Fader {
  #gesture = {};

  /**
   * `element` holds a label, a number box and a slider; `onchange(value, gesture)` hears of each value, and which pull
   * or key press it is part of, `onbad(text)` of what was written and cannot be.
   */
  constructor(element, onchange, onbad) {
    this.element = element;
    this.onchange = onchange;
    this.onbad = onbad;
    this.limit = Number(element.dataset.limit);
    this.least = Number(element.dataset.least ?? -this.limit);
    this.unit = element.dataset.unit ?? "";
    element.style.setProperty("--zero", `${(-100 * this.least) / (this.limit - this.least)}%`);
    this.range = inputIn(element, "[type=range]");
    this.box = inputIn(element, ".value");
    this.range.addEventListener("pointerdown", () => (this.#gesture = {}));
    this.range.addEventListener("keydown", ({ repeat }) => repeat || (this.#gesture = {}));
    this.range.addEventListener("input", () => this.#changed(Number(this.range.value)));
    this.range.addEventListener("dblclick", () => this.#changed(0));
    element.querySelector("label").addEventListener("dblclick", () => this.#changed(0));
    this.box.addEventListener("change", () => this.#typed());
    this.box.addEventListener("focus", () => this.box.select());
    this.box.addEventListener("keydown", ({ key }) => (key === "Enter" || key === "Escape") && this.#leave(key));
    this.show(0);
  }

  set disabled(disabled) {
    this.range.disabled = this.box.disabled = disabled;
    this.element.classList.toggle("off", disabled);
  }

  /** Show a value, without telling anybody. */
  show(value) {
    this.value = value;
    this.range.value = value;
    this.range.style.setProperty("--at", `${(100 * (value - this.least)) / (this.limit - this.least)}%`);
    if (document.activeElement !== this.box) this.#write();
  }

  #write() {
    const plus = this.least < 0 ? "+" : "";
    this.box.value = `${this.value > 0 ? plus : this.value < 0 ? "−" : ""}${Math.abs(this.value)}${this.unit}`;
  }

  #changed(value) {
    this.show(value);
    this.onchange(value, this.#gesture);
  }

  #leave(key) {
    if (key === "Escape") this.#write();
    this.box.blur();
  }

  #typed() {
    const value = numberOf(this.box.value);
    this.#gesture = {};
    if (value >= this.least && value <= this.limit) this.#changed(Math.round(value * 100) / 100);
    else if (this.box.value.trim()) this.onbad(`${this.box.value.trim()}: write a number from ${this.least < 0 ? "−" : ""}${Math.abs(this.least)} to ${this.limit}.`);
    this.#write();
  }
}
