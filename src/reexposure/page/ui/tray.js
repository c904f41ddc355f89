// The strip of open photos.

import { evText } from "./text.js";

export class Tray {
  #items = new Map();

  constructor(element, album) {
    this.element = element;
    this.album = album;
    element.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      const gone = event.key === "Delete" || event.key === "Backspace";
      if (!by && !gone) return;
      event.preventDefault();
      event.stopPropagation();
      if (by) album.step(by);
      else album.remove(album.current);
      this.#items.get(album.current)?.focus();
    });
  }

  update() {
    const { album, element } = this;
    element.parentElement.hidden = album.photos.length < 2;
    for (const [photo, item] of this.#items) {
      if (album.photos.includes(photo)) continue;
      URL.revokeObjectURL(item.querySelector("img").src);
      item.remove();
      this.#items.delete(photo);
    }
    for (const photo of album.photos) {
      if (!this.#items.has(photo)) this.#items.set(photo, this.#make(photo));
      const item = this.#items.get(photo);
      const chosen = photo === album.current;
      if (chosen && item.getAttribute("aria-selected") !== "true") item.scrollIntoView({ block: "nearest", inline: "nearest" });
      item.setAttribute("aria-selected", chosen);
      item.tabIndex = chosen ? 0 : -1;
      item.className = photo.status;
      item.setAttribute("aria-label", `${photo.name}, ${evText(photo.settings.ev)} EV${photo.status === "failed" ? `, ${photo.error}` : ""}`);
      item.querySelector("output").textContent = evText(photo.settings.ev);
    }
  }

  #make(photo) {
    const item = document.createElement("div");
    item.setAttribute("role", "option");
    item.dataset.key = photo.key;
    item.title = photo.name;
    const picture = document.createElement("img");
    picture.alt = "";
    picture.src = URL.createObjectURL(photo.file);
    picture.addEventListener("error", () => (picture.hidden = true));
    const ev = document.createElement("output");
    const close = document.createElement("button");
    close.textContent = "×";
    close.tabIndex = -1;
    close.setAttribute("aria-label", `Close ${photo.name}`);
    close.addEventListener("click", (event) => {
      event.stopPropagation();
      this.album.remove(photo);
    });
    item.append(picture, ev, close);
    item.addEventListener("click", () => this.album.show(photo));
    item.addEventListener("mousedown", (event) => event.preventDefault()); // without focus, arrows go on setting the exposure
    this.element.append(item);
    return item;
  }
}
