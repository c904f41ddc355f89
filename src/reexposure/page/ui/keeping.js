// What outlives this page: photos and settings where the backend keeps them; else a question before it is left.

import { byId, dialogById } from "./elements.js";

const REST_MS = 300; // settings are kept when a slider rests

/** Keep the photos of `album` with `backend`: { later(photo), shown(photo), restore() }. */
export function keepWith(backend, album) {
  if (!backend.keeps) {
    addEventListener("beforeunload", (event) => {
      if (!album.photos.length) return;
      event.preventDefault(); // the browser asks, in its own words
      event.returnValue = true; // so do older ones
    });
    return { later() {}, shown() {}, async restore() {} };
  }

  const changed = new Set();
  let timer;
  const flush = () => {
    clearTimeout(timer);
    for (const photo of changed) if (album.photos.includes(photo)) backend.remember(photo);
    changed.clear();
  };
  addEventListener("pagehide", flush);

  const forgetting = dialogById("forget-dialog");
  byId("forget").hidden = false;
  byId("forget").addEventListener("click", () => forgetting.showModal());
  forgetting.addEventListener("close", async () => {
    if (forgetting.returnValue !== "forget") return;
    changed.clear();
    while (album.current) album.remove(album.current);
    await backend.forget();
  });

  return {
    /** The settings of a photo changed. */
    later(photo) {
      changed.add(photo);
      clearTimeout(timer);
      timer = setTimeout(flush, REST_MS);
    },

    /** Which photo is looked at: a page that is loaded again goes on there. */
    shown(photo) {
      if (photo?.id) tabRemembers(photo.id);
    },

    /** Open what is kept from before. */
    async restore() {
      const photos = await backend.kept();
      const looked = photos.findIndex(({ id }) => id === tabRemembers());
      const given = photos.findIndex((one) => one.given);
      album.add(photos, looked >= 0 ? looked : given >= 0 ? given : photos.length - 1);
    },
  };
}

/** What this tab remembers, or is to remember. */
function tabRemembers(id) {
  try {
    if (id) sessionStorage.setItem("photo", id);
    return sessionStorage.getItem("photo");
  } catch {
    return null; // a browser that keeps nothing
  }
}
