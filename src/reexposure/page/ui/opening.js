// The ways a photo gets in: dropped, pasted, picked, or the sample.

import { byId, inputIn } from "./elements.js";

// Names of pictures whose type browsers do not know; of camera raw it is said why it is not opened.
const NAMES =
  /\.(tiff?|avif|hei[cf]|jxl|exr|hdr|pfm|p[gp]m|dng|nef|nrw|cr[23w]|arw|sr[2fw]|raf|orf|rw[2l]|pef|3fr|iiq|x3f|mrw)$/i;

/** `open(files)` gets image files; `say` hears what was no picture. */
export function welcomeFiles(open, say) {
  const input = inputIn(document, "#file");
  const take = (files) => {
    const pictures = [...files].filter((file) => file.type.startsWith("image/") || NAMES.test(file.name));
    if (pictures.length) open(pictures);
    else if (files.length) say(`${files[0].name}: not a picture`, { bad: true });
  };
  for (const id of ["open", "pick"]) byId(id).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    take(input.files);
    input.value = ""; // the same file may be picked again
  });
  byId("sample").addEventListener("click", async () => {
    const data = await (await fetch(new URL("sample.jpg", import.meta.url))).blob();
    open([new File([data], "sunset.jpg", { type: "image/jpeg" })]);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) take(event.clipboardData.files);
  });
  let depth = 0; // of elements that the drag went into and not yet out of
  const dragging = (shown) => document.body.toggleAttribute("data-dragging", shown);
  addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    depth++;
    dragging(true);
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) dragging(false);
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    dragging(false);
    const files = event.dataTransfer?.files ?? [];
    if (files.length) take(files);
    else say("Only files can be dropped here: save the picture first.", { bad: true });
  });
}
