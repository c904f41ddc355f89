// Detail over the faithful light of the shown photo: drawn once for each seed, and only when some of it is to be seen.

import NUMBERS from "../light/numbers.json" with { type: "json" };

/** How much detail a photo is to be seen with, from 0 to 1. */
export const amountOf = ({ settings, opened }) =>
  opened && !opened.draws ? 0 : settings.detail ?? opened?.detail ?? NUMBERS.detail;

export class Drawing {
  #asked = null;

  /**
   * `onchange()` hears when a photo has another drawing, `onbusy(busy)` whether one is being made, `onfailed(text)`
   * why there is none.
   */
  constructor(backend, { onchange, onbusy, onfailed }) {
    this.backend = backend;
    this.onchange = onchange;
    this.onbusy = onbusy;
    this.onfailed = onfailed;
  }

  /** Whether something is being drawn. */
  get busy() {
    return this.#asked !== null;
  }

  /** How much of the photo's drawing is to be seen now; one that is missing is asked for. */
  seenOf(photo) {
    const { opened, settings } = photo;
    const amount = amountOf(photo);
    if (amount && opened.drawn?.seed !== settings.seed) this.#ask(photo);
    return opened?.drawn ? amount : 0; // an older drawing is seen until the new one is there
  }

  /** One at a time: when it is there, what is then missing is asked for. */
  async #ask(photo) {
    if (this.#asked) return;
    const { opened } = photo;
    const { seed } = photo.settings;
    if (opened.undrawn === seed) return; // it failed before
    this.#asked = photo;
    this.onbusy(true);
    try {
      opened.drawn = await this.backend.draw(photo, seed);
    } catch (error) {
      opened.undrawn = seed;
      if (photo.opened === opened) this.onfailed(`${photo.name}: no detail was drawn: ${error.message}`);
    } finally {
      this.#asked = null;
      this.onbusy(false);
    }
    this.onchange();
  }
}
