// What the page says in passing: how something went, or goes.

import { byId } from "./elements.js";

const BAD_MS = 7000;
const GOOD_MS = 2600;

let quietLater;
let failures = []; // said together: of a batch, none is to be missed

/**
 * Say how something went, or goes; `stop` is offered as a button while it goes on.
 * @param {string} text
 * @param {{ bad?: boolean, stop?: () => void }} [how]
 */
export function say(text, { bad = false, stop } = {}) {
  const toast = byId("toast");
  const quiet = () => {
    failures = [];
    toast.classList.remove("shown");
  };
  if (!bad) failures = [];
  byId("toast-text").textContent = text;
  byId("stop").hidden = !stop;
  byId("stop").onclick = stop;
  toast.className = `toast shown${bad ? " bad" : ""}`;
  clearTimeout(quietLater);
  if (!stop) quietLater = setTimeout(quiet, bad ? BAD_MS : GOOD_MS);
}

/** Say that a photo could not be opened. */
export function sayFailed(photo) {
  failures.push(`${photo.name}: ${photo.error}`);
  const { length } = failures;
  say(length === 1 ? failures[0] : `${length} photos could not be opened\n${failures.slice(0, 6).join("\n")}${length > 6 ? "\n…" : ""}`, { bad: true });
}
