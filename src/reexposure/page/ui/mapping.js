// The map of surroundings, and what suits the light, of a photo with detail: worked out anew when the slider rests.

const REST_MS = 150;

export class Mapping {
  #turn = 0;
  #asked = null;

  /** `onchange()` hears when what was asked for is there. */
  constructor(onchange) {
    this.onchange = onchange;
  }

  /** Whether something is being worked out. */
  get busy() {
    return this.#asked !== null;
  }

  /** { map, suggested } of a photo with `amount` of its drawing in it: the best that is known now; better is worked out. */
  of(opened, amount) {
    if (!amount) return opened;
    const { mapped, drawn } = opened;
    if (mapped?.drawn === drawn && mapped.amount === amount) return mapped;
    if (this.#asked?.drawn !== drawn || this.#asked.amount !== amount) {
      this.#asked = { opened, drawn, amount };
      this.#turn++; // what is being worked out is no longer wanted
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#make(), REST_MS);
    }
    return mapped ?? opened;
  }

  #make() {
    const { opened, drawn, amount } = this.#asked;
    if (!this.worker) {
      this.worker = new Worker(new URL("../worker/map-worker.js", import.meta.url), { type: "module" });
      this.worker.onmessage = ({ data }) => this.#made(data);
    }
    const { photo, light, width, height, curve, weights } = opened;
    const sent = this.sent === drawn ? undefined : { photo, light, width, height, curve, weights, drawn };
    this.sent = drawn;
    this.worker.postMessage({ turn: this.#turn, amount, sent });
  }

  #made({ turn, map, suggested }) {
    if (turn !== this.#turn) return;
    const { opened, drawn, amount } = this.#asked;
    opened.mapped = { drawn, amount, map, suggested };
    this.#asked = null;
    this.onchange();
  }
}
