// Before and after: by a divider, side by side, or one in place of the other while a key is held.

import { byId, inputIn, inputsNamed } from "./elements.js";
import { badge } from "./hdr.js";
import { evText } from "./text.js";

/** Make the switches of comparison work; returns { toggle(way), hold(held) }. */
export function comparingOn(view, divider, hdr) {
  const chosen = () => inputIn(byId("compare"), ":checked").value;

  /** Nothing, the divider, or both pictures side by side; what is shown already is put away. */
  const show = (way) => {
    inputIn(byId("compare"), `[value="${way}"]`).checked = true;
    const fits = view.fitted || view.beside !== (way === "beside");
    view.beside = way === "beside";
    byId("seam").hidden = !view.beside;
    divider.show(way === "divider");
    if (fits) view.fit();
    view.ask();
  };

  const hold = (held) => {
    if (view.plain === held) return;
    view.plain = held;
    hdr.hold(held);
    hdr.label();
    if (held) badge("badge", `Plain brightness change ${evText(view.ev)} EV`);
    view.ask();
  };

  for (const input of inputsNamed("compare")) input.addEventListener("change", () => show(input.value));
  for (const input of inputsNamed("before")) {
    input.addEventListener("change", () => {
      view.plainBefore = input.value === "plain";
      for (const tag of ["before-tag", "seam-before"]) byId(tag).textContent = view.plainBefore ? "Brightness" : "Before";
      if (chosen() === "off") show("divider");
      view.ask();
    });
  }
  const button = byId("hold");
  button.addEventListener("pointerdown", () => hold(true));
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) button.addEventListener(end, () => hold(false));
  button.addEventListener("keydown", ({ key }) => (key === " " || key === "Enter") && hold(true));
  for (const end of ["keyup", "blur"]) button.addEventListener(end, () => hold(false));
  return { toggle: (way) => show(chosen() === way ? "off" : way), hold };
}
