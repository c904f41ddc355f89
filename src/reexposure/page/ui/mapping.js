// The map of surroundings, what suits the light, and how much there is of each level, of a photo with detail: worked out
// anew when the slider rests.

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

  /** { map, suggested, counts } of a photo with `amount` of its drawing in it: the best that is known now; better is worked out. */
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

  #made({ turn, made }) {
    if (turn !== this.#turn) return;
    const { opened, drawn, amount } = this.#asked;
    opened.mapped = { drawn, amount, ...made };
    this.#asked = null;
    this.onchange();
  }
}
