// Undo and redo: steps of which each is what happened to some photos, [{ photo, before, after }].

const MOST = 200;

export class History {
  #done = [];
  #undone = [];
  #gesture = null;

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** Changes that go on with the last `gesture` (one pull on a slider, one key held) are one step with it. */
  record(changes, gesture = null) {
    this.#undone = [];
    const last = this.#done.at(-1);
    if (gesture !== null && gesture === this.#gesture && last) {
      for (const { photo, after } of changes) last.find((one) => one.photo === photo).after = after;
    } else {
      this.#done.push(changes);
      if (this.#done.length > MOST) this.#done.shift();
    }
    this.#gesture = gesture;
  }

  /** The changes to take back, as [photo, settings] pairs; null where there are none. `open` tells photos that are still there. */
  undo(open) {
    return this.#move(this.#done, this.#undone, open, ({ photo, before }) => [photo, before]);
  }

  redo(open) {
    return this.#move(this.#undone, this.#done, open, ({ photo, after }) => [photo, after]);
  }

  #move(from, to, open, pair) {
    this.#gesture = null;
    for (let step; (step = from.pop()); ) {
      const left = step.filter(({ photo }) => open(photo));
      if (!left.length) continue; // of photos that were closed
      to.push(left);
      return left.map(pair);
    }
    return null;
  }
}
