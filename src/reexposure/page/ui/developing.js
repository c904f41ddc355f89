// What photos are developed with, and how that changes: by a hand, by paste, by undo.

import { History } from "./history.js";
import { NEUTRAL, same } from "./settings.js";

export class Developing {
  #history = new History();
  #copied = null;

  /** `onchange(photos)` hears which photos have other settings now. */
  constructor(album, onchange) {
    this.album = album;
    this.onchange = onchange;
  }

  get settings() {
    return this.album.current?.settings ?? NEUTRAL;
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  get copied() {
    return this.#copied;
  }

  /** Change some settings of the shown photo; see `History.record` for `gesture`. */
  change(patch, gesture = null) {
    const { current } = this.album;
    if (current) this.#set([[current, { ...current.settings, ...patch }]], gesture);
  }

  /** The settings of the shown photo, for all. */
  sameForAll() {
    this.#set(this.album.photos.map((photo) => [photo, this.settings]));
  }

  reset() {
    this.change(NEUTRAL);
  }

  copy() {
    this.#copied = this.settings;
  }

  paste() {
    if (this.#copied) this.change(this.#copied);
  }

  /** Whether there was something to take back. */
  undo() {
    return this.#apply(this.#history.undo(this.#open));
  }

  redo() {
    return this.#apply(this.#history.redo(this.#open));
  }

  #open = (photo) => this.album.photos.includes(photo);

  #set(pairs, gesture = null) {
    const changes = pairs
      .filter(([photo, after]) => !same(photo.settings, after))
      .map(([photo, after]) => ({ photo, before: photo.settings, after }));
    if (!changes.length) return;
    for (const { photo, after } of changes) photo.settings = after;
    this.#history.record(changes, gesture);
    this.onchange(changes.map(({ photo }) => photo));
  }

  #apply(pairs) {
    if (!pairs) return false;
    for (const [photo, settings] of pairs) photo.settings = settings;
    const photos = pairs.map(([photo]) => photo);
    if (!photos.includes(this.album.current)) this.album.show(photos[0]); // what changes is seen
    this.onchange(photos);
    return true;
  }
}
