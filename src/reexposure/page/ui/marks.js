// Marks over the picture: what clips, and what was reconstructed or cleaned.

import { byId, inputIn, inputsNamed } from "./elements.js";

/** Make the switches of marks work on a view; returns what puts on the next marks of clipping. */
export function marksOn(view) {
  const showLegend = () => {
    const marks = [];
    if (view.clipping) marks.push(["high", "clipped"], ["low", "black"]);
    if (view.reconstructed) marks.push(["over", "reconstructed highlights"], ["under", "cleaned shadows"]);
    const legend = byId("legend");
    legend.hidden = !marks.length;
    legend.replaceChildren(...marks.map(([kind, text]) => {
      const item = document.createElement("span");
      item.append(Object.assign(document.createElement("i"), { className: kind }), text);
      return item;
    }));
    view.ask();
  };
  const markClipping = (which) => {
    view.clipping = which;
    inputIn(byId("clipping"), `[value="${which}"]`).checked = true;
    showLegend();
  };
  for (const input of inputsNamed("clipping")) {
    input.addEventListener("change", () => markClipping(Number(input.value)));
  }
  const reconstructed = inputIn(document, "#reconstructed");
  reconstructed.addEventListener("change", () => {
    view.reconstructed = reconstructed.checked;
    showLegend();
  });
  return () => markClipping((view.clipping + 1) % 3);
}
