// The handle between before and after.

export class Divider {
  /** `onmove(share)` hears the share of the stage's width, or null when it is put away. */
  constructor(element, stage, onmove) {
    this.element = element;
    this.onmove = onmove;
    this.share = 0.5;
    element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      element.setPointerCapture(event.pointerId);
      const box = stage.getBoundingClientRect();
      const held = event.clientX - box.left - this.share * box.width; // beside the line, as it was grabbed
      const follow = (moved) => this.moveTo((moved.clientX - box.left - held) / box.width);
      element.addEventListener("pointermove", follow);
      element.addEventListener("lostpointercapture", () => element.removeEventListener("pointermove", follow), { once: true });
    });
    element.addEventListener("dblclick", (event) => {
      event.stopPropagation();
      this.moveTo(0.5);
    });
    element.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -100, End: 100 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      this.moveTo(this.share + by * (event.shiftKey ? 0.1 : 0.01));
    });
  }

  get shown() {
    return !this.element.hidden;
  }

  show(shown) {
    this.element.hidden = !shown;
    this.moveTo(this.share);
  }

  moveTo(share) {
    this.share = Math.min(0.98, Math.max(0.02, share));
    this.element.style.left = `${this.share * 100}%`;
    const percent = Math.round(this.share * 100);
    this.element.setAttribute("aria-valuenow", percent);
    this.element.setAttribute("aria-valuetext", `${percent} % of the width is before`);
    this.onmove(this.shown ? this.share : null);
  }
}
