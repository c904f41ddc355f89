// The page: what its parts do to each other.

import { Album } from "./album.js";
import { CanvasRenderer } from "../draw/canvas2d.js";
import { SRGB } from "../light/colours.js";
import { SQRT } from "../light/curves.js";
import { Divider } from "./divider.js";
import { HdrPreview, badge } from "./hdr.js";
import { Histogram, countLight } from "../draw/histogram.js";
import { listenToKeys, writeHelp } from "./keys.js";
import { welcomeFiles } from "./opening.js";
import { Saving } from "./saving.js";
import { ExposureSlider } from "./slider.js";
import { evText, percent } from "./text.js";
import { Tray } from "./tray.js";
import { View } from "./view.js";
import { WebglRenderer } from "../draw/webgl.js";

const byId = (id) => document.getElementById(id);
const root = document.documentElement;
const backend = await import(`./backend-${root.dataset.backend}.js`);

byId("no-script").hidden = true;
byId("privacy").textContent = backend.privacy;
writeHelp(byId("keys"));

function renderer(canvas) {
  try {
    if (new URLSearchParams(location.search).has("no-webgl")) throw new Error("not wanted");
    return new WebglRenderer(canvas);
  } catch {
    return new CanvasRenderer(canvas);
  }
}

let quietLater;
let failures = []; // said together: of a batch, none is to be missed

/** Say how something went, or goes; `stop` is offered as a button while it goes on. */
function say(text, { bad = false, stop } = {}) {
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
  if (!stop) quietLater = setTimeout(quiet, bad ? 7000 : 2600);
}

function sayFailed(photo) {
  failures.push(`${photo.name}: ${photo.error}`);
  const { length } = failures;
  say(length === 1 ? failures[0] : `${length} photos could not be opened\n${failures.slice(0, 6).join("\n")}${length > 6 ? "\n…" : ""}`, { bad: true });
}

const paint = renderer(byId("picture"));
const view = new View(byId("stage"), byId("picture"), (look) => paint.draw(look));
const histogram = new Histogram(byId("histogram"));
const album = new Album(backend, Math.min(paint.maxSidePx, 16384), photoChanged);
const tray = new Tray(byId("tray"), album);
const saving = new Saving(backend, album, say);
const hdr = new HdrPreview(byId("hdr-picture"), byId("hdr-note"), view);
const slider = new ExposureSlider(byId("scale"), byId("ev"), (ev) => {
  view.ev = ev;
  if (album.current) album.current.ev = Math.round(ev * 100) / 100;
  view.ask();
  histogram.draw(ev);
  tray.update();
  hdr.later();
  describe();
}, (written) => say(`${written} is no exposure: write stops, like -1.5 or 1/3.`, { bad: true }));
const divider = new Divider(byId("divider"), byId("stage"), (share) => {
  view.divider = share;
  view.ask();
});
paint.onrestored = () => display(album.current, true);

/** Put a photo on screen: as soon as the browser can show it, again when its light is there. */
function display(photo, again = false) {
  const stage = photo?.opened ? "light" : photo?.preview ? "photo" : "none";
  if (!again && display.photo === photo && display.stage === stage) return;
  const sharper = display.photo === photo && display.stage === "photo";
  Object.assign(display, { photo, stage });
  if (stage === "none") {
    view.setSize(0, 0);
    byId("picture").width += 0; // clears it
    histogram.set(null);
    hdr.set(null);
    return;
  }
  const { opened, preview } = photo;
  const { width, height } = opened ?? preview;
  paint.setColours(opened?.space ?? SRGB, opened?.curve ?? SQRT);
  paint.setPhoto(opened ? opened.photo : preview, width, height);
  if (opened) paint.setLight(opened.light);
  view.transparent = opened ? hasAlpha(opened.photo) : false;
  view.setSize(width, height, sharper || again);
  if (opened) histogram.set(countLight(opened.light));
  else histogram.set(null);
  hdr.set(opened);
  byId("done").textContent = opened ? done(opened) : "";
}

function hasAlpha(photo) {
  for (let at = 3; at < photo.length; at += 4 * 997) if (photo[at] < 255) return true;
  return false;
}

/** What was done to a photo. */
const done = ({ highlightsShare, shadowsShare }) =>
  `${percent(highlightsShare)} highlights reconstructed, ${percent(shadowsShare)} shadows cleaned`;

function photoChanged(photo) {
  const { current } = album;
  document.body.toggleAttribute("data-empty", !current);
  tray.update();
  if (photo.status === "failed" && !photo.told) {
    photo.told = true;
    if (!photo.preview || photo !== current) sayFailed(photo);
    if (!photo.preview) return album.remove(photo);
  }
  if (current && current === photo && slider.value !== current.ev) slider.set(current.ev);
  if (!current || current === photo) display(current);
  showProgress(current);
  const failed = current?.status === "failed";
  byId("failure").hidden = !failed;
  byId("retry").hidden = !current?.again;
  if (failed) byId("failure-text").textContent = `Could not open this photo: ${current.error}.`;
  const title = byId("title");
  title.replaceChildren();
  describe();
  if (!current) return;
  const part = (tag, textContent) => Object.assign(document.createElement(tag), { textContent });
  title.append(part("b", current.name));
  if (current.opened) title.append(part("span", `${current.opened.width} × ${current.opened.height}`));
}

function describe() {
  const { current } = album;
  byId("picture").setAttribute("aria-label", current ? `${current.name} at ${evText(current.ev)} EV` : "No photo yet");
}

function showProgress(photo) {
  const busy = photo && ["waiting", "working"].includes(photo.status);
  byId("progress").hidden = !busy;
  if (!busy) return;
  byId("progress-text").textContent = `${photo.text} …`;
  byId("progress-bar").classList.toggle("sweeping", photo.text === "Reconstructing light" || photo.status === "waiting");
  byId("progress-bar").setAttribute("aria-valuenow", Math.round(100 * photo.share));
  byId("progress-bar").firstElementChild.style.transform = `scaleX(${photo.share})`;
}

view.onchange = () => {
  byId("zoom").textContent = view.fitted ? "Fit" : `${Math.round(100 * view.scale)} %`;
  hdr.place();
};

function compare(plain) {
  if (view.plain === plain) return;
  view.plain = plain;
  hdr.hold(plain);
  hdr.label();
  if (plain) badge("badge", `Plain brightness change ${evText(view.ev)} EV`);
  view.ask();
}

function markClipping(which) {
  view.clipping = which;
  byId("clipping").querySelector(`[value="${which}"]`).checked = true;
  showLegend();
}

function showLegend() {
  const marks = [];
  if (view.clipping) marks.push(["high", "clipped"], ["low", "black"]);
  if (view.invented) marks.push(["over", "reconstructed highlights"], ["under", "cleaned shadows"]);
  const legend = byId("legend");
  legend.hidden = !marks.length;
  legend.replaceChildren(...marks.map(([kind, text]) => {
    const item = document.createElement("span");
    item.append(Object.assign(document.createElement("i"), { className: kind }), text);
    return item;
  }));
  view.ask();
}

/** Click a switch as the mouse would, so that there is one way for everything. */
const toggle = (id) => () => byId(id).click();
const setTheme = (theme) => {
  root.dataset.theme = theme;
  histogram.draw();
};
const otherTheme = () => {
  const theme = root.dataset.theme === "light" ? "dark" : "light";
  setTheme(theme);
  try {
    localStorage.setItem("theme", theme);
  } catch { /* a browser that keeps nothing: the choice lasts as long as the page */ }
};

byId("divide").addEventListener("change", ({ target }) => divider.show(target.checked));
for (const input of document.querySelectorAll("[name=before]")) {
  input.addEventListener("change", () => {
    view.plainBefore = input.value === "plain";
    byId("before-tag").textContent = view.plainBefore ? "Brightness" : "Before";
    if (!divider.shown) byId("divide").click();
    view.ask();
  });
}
for (const input of document.querySelectorAll("[name=clipping]")) {
  input.addEventListener("change", () => markClipping(Number(input.value)));
}
byId("invented").addEventListener("change", ({ target }) => {
  view.invented = target.checked;
  showLegend();
});
byId("hdr").addEventListener("change", ({ target }) => hdr.show(target.checked));
byId("hold").addEventListener("pointerdown", () => compare(true));
for (const end of ["pointerup", "pointercancel", "pointerleave"]) byId("hold").addEventListener(end, () => compare(false));
byId("hold").addEventListener("keydown", ({ key }) => (key === " " || key === "Enter") && compare(true));
for (const end of ["keyup", "blur"]) byId("hold").addEventListener(end, () => compare(false));
byId("zoom").addEventListener("click", () => (view.fitted ? view.zoomTo(1) : view.fit()));
byId("zoom-in").addEventListener("click", () => view.zoomBy(1.5));
byId("zoom-out").addEventListener("click", () => view.zoomBy(1 / 1.5));
byId("reset").addEventListener("click", () => slider.glideTo(0));
byId("save").addEventListener("click", () => saving.show());
byId("close").addEventListener("click", () => album.remove(album.current));
byId("dismiss").addEventListener("click", () => album.remove(album.current));
byId("retry").addEventListener("click", () => album.retry(album.current));
byId("help").addEventListener("click", () => byId("help-dialog").showModal());
byId("help-dialog").addEventListener("keydown", ({ key }) => key === "?" && byId("help-dialog").close());
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("pointerdown", ({ target, clientX, clientY }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    if (target === dialog && (clientX < left || clientX > right || clientY < top || clientY > bottom)) dialog.close();
  });
}
byId("theme").addEventListener("click", otherTheme);

welcomeFiles((files) => album.add(files), say);
listenToKeys({
  expose: (steps) => album.current && slider.step(steps),
  zero: () => slider.glideTo(0),
  fit: () => view.fit(),
  actual: () => view.zoomTo(1),
  closer: () => view.zoomBy(1.25),
  farther: () => view.zoomBy(0.8),
  divider: toggle("divide"),
  compare,
  clipping: () => markClipping((view.clipping + 1) % 3),
  invented: toggle("invented"),
  hdr: toggle("hdr"),
  save: toggle("save"),
  open: toggle("open"),
  close: toggle("close"),
  theme: otherTheme,
  help: toggle("help"),
  previous: () => album.step(-1),
  next: () => album.step(1),
}, (name) => album.current || ["open", "theme", "help"].includes(name));
addEventListener("pagehide", () => {
  for (const { opened } of album.photos) if (opened) backend.close(opened);
});

// For tests, and for the curious.
globalThis.reexposure = { album, view, slider, paint };
root.dataset.ready = "";
album.add((await backend.given?.()) ?? []);
