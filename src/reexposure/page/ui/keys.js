// The keyboard: one table that is both what keys do and what the help shows.

import { targetOf } from "./elements.js";

/** `actions` has a function for each name in the table below; `possible(name)` says whether it makes sense now. */
export function listenToKeys(actions, possible) {
  addEventListener("keydown", (event) => {
    const written = event.getModifierState("AltGraph"); // on many keyboards it takes AltGr to write [ and ]
    if (document.querySelector("dialog[open]")) return;
    const target = targetOf(event);
    const typing = target.closest("input:not([type=radio], [type=checkbox], [type=range]), textarea");
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !typing) {
      const name = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
      if (!name || !possible(name)) return;
      event.preventDefault();
      return actions[name]();
    }
    if (((event.ctrlKey || event.altKey) && !written) || event.metaKey) return;
    const arrow = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (arrow && possible("expose")) {
      // In a group of choices, and while writing a number, sideways arrows have their own meaning.
      if (target.matches("[type=radio], [type=range]") || (typing && event.key.match(/Left|Right/))) return;
      event.preventDefault();
      actions.expose(arrow * (event.shiftKey ? 10 : 1), event.repeat);
      return;
    }
    if (typing) return;
    const name = NAMES[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!name || !possible(name) || (name === "compare" && target.closest("button, [role=option]") && event.key === " ")) return;
    event.preventDefault();
    if (!event.repeat || name === "previous" || name === "next") actions[name](true);
  });
  addEventListener("keyup", (event) => {
    if (NAMES[event.key] === "compare") actions.compare(false);
  });
  addEventListener("blur", () => actions.compare(false)); // the key comes up in another window
}

const NAMES = {
  0: "zero", f: "fit", 1: "actual", z: "actual", "+": "closer", "=": "closer", "-": "farther",
  d: "divider", " ": "compare", "\\": "compare", j: "clipping", i: "reconstructed", h: "hdr", x: "close",
  a: "auto", b: "beside", c: "copy", v: "paste", g: "gradient", r: "another",
  s: "save", o: "open", t: "theme", "?": "help", "[": "previous", "]": "next", PageUp: "previous", PageDown: "next",
};

/** @type {[string[], string][]} */
const HELP = [
  [["←", "→"], "exposure by 0.1 stop"],
  [["Shift", "←", "→"], "exposure by a whole stop"],
  [["0"], "exposure back to zero"],
  [["Space"], "hold: the plain brightness change"],
  [["A"], "exposure, highlights and shadows for this light"],
  [["Ctrl", "Z"], "undo; with Shift redo"],
  [["C", "V"], "copy the settings, and paste them on another photo"],
  [["G"], "gradient"],
  [["R"], "draw another detail"],
  [["D", "B"], "before and after: divider, side by side"],
  [["J"], "clipping: of the result, of the input, off"],
  [["I"], "where highlights were reconstructed and shadows cleaned"],
  [["H"], "HDR preview"],
  [["F", "1"], "fit, and 100 %; the wheel, + and − zoom, dragging pans"],
  [["[", "]"], "previous and next photo; Page Up and Page Down too"],
  [["O", "S", "X"], "open, save, close"],
  [["T"], "light or dark"],
];

/** Write the help into a definition list. */
export function writeHelp(list) {
  for (const [keys, meaning] of HELP) {
    const term = document.createElement("dt");
    term.append(...keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: key })));
    list.append(term, Object.assign(document.createElement("dd"), { textContent: meaning }));
  }
}
