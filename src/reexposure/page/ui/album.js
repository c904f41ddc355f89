// The open photos: which there are, which one is shown, what is known of each.

import { NEUTRAL, sound } from "./settings.js";

let count = 0;

export class Album {
  photos = [];
  current = null;
  keptBytes = 700_000_000; // of textures; photos not shown for the longest give theirs up first

  /** `backend` opens and closes photos, with textures of at most `maxSidePx`; `onchange(photo)` hears of each change. */
  constructor(backend, maxSidePx, onchange) {
    this.backend = backend;
    this.maxSidePx = maxSidePx;
    this.onchange = onchange;
  }

  /** Add image files, or { file, id, settings } of a backend that kept them; the first is shown, or `first` of them. */
  add(files, first = 0) {
    const added = [...files].map((one) => (one instanceof File ? { file: one } : one)).map(({ file, id, settings }) => ({
      key: ++count,
      file,
      id,
      name: file.name || "pasted.png",
      settings: sound(settings) ?? NEUTRAL,
      status: "waiting",
      text: "Waiting",
      share: 0,
      opened: null,
      preview: null,
      used: 0,
    }));
    this.photos.push(...added);
    if (added.length) this.show(added[first]);
    return added;
  }

  show(photo) {
    this.current = photo;
    photo.used = performance.now();
    if (!photo.opened && photo.status === "ready") photo.status = "waiting";
    this.onchange(photo);
    this.#look(photo);
    this.#work();
  }

  /** Work again on a photo that failed. */
  retry(photo) {
    Object.assign(photo, { status: "waiting", text: "Waiting", share: 0, told: false });
    this.show(photo);
  }

  /** Have the photo on screen as the browser knows it, while its light is still to come. */
  async #look(photo) {
    if (photo.opened || photo.preview) return;
    const preview = await firstSight(photo.file, this.maxSidePx);
    if (!preview || photo.opened || photo.preview || photo !== this.current) return preview?.close();
    photo.preview = preview;
    this.onchange(photo);
  }

  /** What is known of a photo that was open before, opened again if it had to give way. */
  async opened(photo) {
    if (!photo.opened) await this.#open(photo);
    if (!photo.opened) throw new Error(photo.error);
    return photo.opened;
  }

  step(by) {
    const { photos } = this;
    if (photos.length > 1) this.show(photos[(photos.indexOf(this.current) + by + photos.length) % photos.length]);
  }

  remove(photo) {
    const at = this.photos.indexOf(photo);
    this.photos.splice(at, 1);
    this.backend.close(photo);
    photo.preview?.close();
    photo.saving?.abort();
    photo.status = "removed";
    if (photo === this.current) {
      this.current = null;
      const next = this.photos[Math.min(at, this.photos.length - 1)];
      if (next) return this.show(next);
    }
    this.onchange(photo);
  }

  /** One photo after the other, the shown one first. */
  async #work() {
    if (this.working) return;
    this.working = true;
    for (;;) {
      const waiting = this.photos.filter((photo) => photo.status === "waiting");
      const next = waiting.includes(this.current) ? this.current : waiting[0];
      if (!next) break;
      await this.#open(next);
    }
    this.working = false;
  }

  async #open(photo) {
    photo.status = "working";
    const tell = (text, share) => {
      Object.assign(photo, { text, share });
      this.onchange(photo);
    };
    try {
      tell("Reading the photo", 0);
      const opened = await this.backend.open(photo, this.maxSidePx, tell);
      if (photo.status === "removed") return this.backend.close(photo);
      photo.opened = opened;
      photo.longPx = opened.longPx;
      photo.status = "ready";
      photo.preview?.close();
      photo.preview = null;
      this.#makeRoom(photo);
    } catch (error) {
      if (photo.status === "removed") return;
      photo.status = "failed";
      photo.error = error.message.replace(/^this photo: /, "");
      photo.again = error.again !== false; // what cannot be read stays so
    }
    this.onchange(photo);
  }

  #makeRoom(latest) {
    const byUse = this.photos.filter((photo) => photo.opened).sort((a, b) => b.used - a.used);
    let bytes = 0;
    for (const photo of byUse) {
      bytes += photo.opened.light.byteLength + photo.opened.photo.byteLength;
      if (bytes > this.keptBytes && photo !== this.current && photo !== latest) {
        photo.opened = null; // opened again when it is shown again
      }
    }
  }
}

/** The photo as the browser itself can show it at once, or null. */
async function firstSight(file, maxSidePx) {
  /** @type {ImageBitmapOptions} */
  const options = { premultiplyAlpha: "none" };
  try {
    const bitmap = await createImageBitmap(file, options);
    const shrink = maxSidePx / Math.max(bitmap.width, bitmap.height);
    if (shrink >= 1) return bitmap;
    const resizeWidth = Math.floor(bitmap.width * shrink);
    return await createImageBitmap(bitmap, { ...options, resizeWidth, resizeHeight: Math.floor(bitmap.height * shrink) });
  } catch {
    return null; // a format that this browser does not know; the backend may
  }
}
