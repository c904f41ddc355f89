// The page: what its parts do to each other.

import { Album } from "./album.js";
import { CanvasRenderer } from "../draw/canvas2d.js";
import { SRGB } from "../light/colours.js";
import { SQRT } from "../light/curves.js";
import { comparingOn } from "./comparing.js";
import { Developing } from "./developing.js";
import { Divider } from "./divider.js";
import { Drawing, amountOf } from "./drawing.js";
import { buttonById, byId, canvasById, dialogById, inputIn, inputsNamed } from "./elements.js";
import { Fader } from "./fader.js";
import { GradientLine } from "./gradient.js";
import { HdrPreview } from "./hdr.js";
import { Histogram, countLight } from "../draw/histogram.js";
import { listenToKeys, writeHelp } from "./keys.js";
import { Mapping } from "./mapping.js";
import { keepWith } from "./keeping.js";
import { marksOn } from "./marks.js";
import { welcomeFiles } from "./opening.js";
import { Saving } from "./saving.js";
import { FROM_ABOVE, SEEDS } from "./settings.js";
import { ExposureSlider } from "./slider.js";
import { evText, percent, rounded } from "./text.js";
import { say, sayFailed } from "./toast.js";
import { Tray } from "./tray.js";
import { View } from "./view.js";
import { WebglRenderer } from "../draw/webgl.js";

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

const paint = renderer(canvasById("picture"));
const view = new View(byId("stage"), canvasById("picture"), (look) => paint.draw(look));
const histogram = new Histogram(byId("histogram"));
const album = new Album(backend, Math.min(paint.maxSidePx, 16384), photoChanged);
const tray = new Tray(byId("tray"), album);
const saving = new Saving(backend, album, say);
const hdr = new HdrPreview(byId("hdr-picture"), byId("hdr-note"), view);
const developing = new Developing(album, settingsChanged);
const slider = new ExposureSlider(
  byId("scale"),
  byId("ev"),
  (ev, gesture) => {
    developing.change({ ev: rounded(ev) }, gesture);
    showExposure(ev);
  },
  (written) => say(`${written} is no exposure: write stops from −10 to 10, like -1.5 or 1/3.`, { bad: true }),
);
/** @type {NodeListOf<HTMLElement>} */
const settable = document.querySelectorAll(".fader");
const faders = Object.fromEntries([...settable].map((element) => {
  const { setting } = element.dataset;
  const patch = { gradient: (ev) => ({ gradient: { ...gradientOrNew(), ev } }), detail: (percent) => ({ detail: percent / 100 }) }[setting];
  const change = (value, gesture) => developing.change(patch?.(value) ?? { [setting]: value }, gesture);
  return [setting, new Fader(element, change, (text) => say(text, { bad: true }))];
}));
const line = new GradientLine(byId("gradient-line"), view, (ends, gesture) =>
  developing.change({ gradient: { ...gradientOrNew(), ...ends } }, gesture));
const drawing = new Drawing(backend, {
  onchange: () => album.current && showSettings(album.current),
  onbusy: (busy) => faders.detail.element.classList.toggle("busy", busy),
  onfailed: (text) => say(text, { bad: true }),
});
const mapping = new Mapping(() => album.current && showSettings(album.current));
const keeping = keepWith(backend, album);
const divider = new Divider(byId("divider"), byId("stage"), (share) => {
  view.divider = share;
  view.ask();
});
paint.onrestored = () => {
  display(album.current, true);
  if (album.current) showSettings(album.current);
};

let displayed = { photo: undefined, stage: "none", drawn: null, map: null };

/** Put a photo on screen: as soon as the browser can show it, again when its light is there. */
function display(photo, again = false) {
  const stage = photo?.opened ? "light" : photo?.preview ? "photo" : "none";
  if (!again && displayed.photo === photo && displayed.stage === stage) return;
  const sharper = displayed.photo === photo && displayed.stage === "photo";
  displayed = { photo, stage, drawn: null, map: photo?.opened?.map }; // of detail, the screen has none of this photo yet
  if (stage === "none") {
    view.setSize(0, 0);
    canvasById("picture").width += 0; // clears it
    histogram.set(null);
    hdr.set(null);
    return;
  }
  const { opened, preview } = photo;
  const { width, height } = opened ?? preview;
  paint.setColours(opened?.space ?? SRGB, opened?.curve ?? SQRT);
  paint.setPhoto(opened ? opened.photo : preview, width, height);
  if (opened) paint.setLight(opened.light, opened.map, opened.weights);
  view.transparent = opened ? hasAlpha(opened.photo) : false;
  view.setSize(width, height, sharper || again);
  if (opened) opened.counts ??= countLight(opened.light);
  histogram.set(opened ? opened.counts : null);
  hdr.set(opened);
  byId("done").textContent = opened ? done(opened) : "";
}

const gradientOrNew = () => developing.settings.gradient ?? FROM_ABOVE;

/** Some photos are developed with other settings now. */
function settingsChanged(photos) {
  tray.update();
  for (const photo of photos) keeping.later(photo);
  if (photos.includes(album.current)) showSettings(album.current);
}

/** Put the settings of the shown photo on the controls and on the screen. */
function showSettings({ settings, opened }) {
  const { highlights, shadows, gradient } = settings;
  Object.assign(view, { highlights, shadows, gradient });
  if (slider.value !== settings.ev) slider.show(settings.ev);
  showExposure(settings.ev);
  faders.highlights.show(highlights);
  faders.shadows.show(shadows);
  faders.gradient.show(gradient?.ev ?? 0);
  faders.gradient.disabled = !gradient;
  showDetail(album.current);
  inputIn(byId("where"), `[value="${gradient?.where ?? "off"}"]`).checked = true;
  const none = gradient?.where === "highlights" && opened?.highlightsShare === 0;
  byId("gradient-note").textContent = none ? "No highlights of this photo were reconstructed." : WHERE[gradient?.where ?? "off"];
  line.show(gradient);
  buttonById("undo").disabled = !developing.canUndo;
  buttonById("redo").disabled = !developing.canRedo;
  buttonById("paste").disabled = !developing.copied;
}

/** The detail of the shown photo; it is drawn when some of it is first wanted. */
function showDetail(photo) {
  const { opened } = photo;
  const none = Boolean(opened) && !opened.draws;
  faders.detail.show(Math.round(100 * amountOf(photo)));
  faders.detail.disabled = buttonById("another").disabled = none;
  if (!opened) return;
  view.detail = drawing.seenOf(photo);
  if (opened.drawn && displayed.drawn !== opened.drawn) paint.setDrawn(opened.drawn);
  const { map, counts } = mapping.of(opened, view.detail);
  if (displayed.map !== map) {
    paint.setMap(map);
    histogram.set(counts);
  }
  Object.assign(displayed, { drawn: opened.drawn, map });
  view.ask();
}

const WHERE = {
  off: "Makes a part of the picture darker or brighter.",
  line: "Full at the filled grip, gone at the ring: pull them on the picture.",
  highlights: "Acts on reconstructed highlights, wherever they are.",
};

function showExposure(ev) {
  view.ev = ev;
  view.ask();
  histogram.draw(ev);
  hdr.later();
  describe();
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
  if (!current || current === photo) display(current);
  if (current && current === photo) showSettings(current);
  keeping.shown(current);
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
  byId("picture").setAttribute("aria-label", current ? `${current.name} at ${evText(current.settings.ev)} EV` : "No photo yet");
}

function showProgress(photo) {
  const busy = photo && ["waiting", "working"].includes(photo.status);
  byId("progress").hidden = !busy;
  if (!busy) return;
  byId("progress-text").textContent = `${photo.text} …`;
  byId("progress-bar").classList.toggle("sweeping", photo.text === "Reconstructing light" || photo.status === "waiting");
  byId("progress-bar").setAttribute("aria-valuenow", String(Math.round(100 * photo.share)));
  byId("progress-bar").querySelector("i").style.transform = `scaleX(${photo.share})`;
}

view.onchange = () => {
  byId("zoom").textContent = view.fitted ? "Fit" : `${Math.round(100 * view.scale)} %`;
  byId("seam").classList.toggle("level", view.split[1] > 0);
  hdr.place();
  line.place();
};

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

const comparing = comparingOn(view, divider, hdr);
const markNextClipping = marksOn(view);
for (const input of inputsNamed("where")) {
  input.addEventListener("change", () => developing.change({ gradient: input.value === "off" ? null : { ...gradientOrNew(), where: input.value } }));
}
/** @type {HTMLElement[]} */
const tabs = Array.from(byId("tabs").querySelectorAll("button"));
for (const tab of tabs) {
  const choose = () => {
    byId("panel").dataset.tab = tab.dataset.tab;
    for (const other of tabs) other.setAttribute("aria-selected", String(other === tab));
    histogram.draw();
  };
  tab.addEventListener("click", choose);
  if (tab.dataset.tab === byId("panel").dataset.tab) choose();
}
inputIn(document, "#hdr").addEventListener("change", ({ target }) => hdr.show(/** @type {HTMLInputElement} */ (target).checked));
byId("zoom").addEventListener("click", () => (view.fitted ? view.zoomTo(1) : view.fit()));
byId("zoom-in").addEventListener("click", () => view.zoomBy(1.5));
byId("zoom-out").addEventListener("click", () => view.zoomBy(1 / 1.5));
byId("undo").addEventListener("click", () => developing.undo());
byId("redo").addEventListener("click", () => developing.redo());
byId("auto").addEventListener("click", () => actions.auto());
byId("copy").addEventListener("click", () => actions.copy());
byId("paste").addEventListener("click", () => developing.paste());
byId("same").addEventListener("click", () => developing.sameForAll());
byId("another").addEventListener("click", () => actions.another());
byId("reset").addEventListener("click", () => slider.glideTo(0));
byId("save").addEventListener("click", () => saving.show());
byId("close").addEventListener("click", () => album.remove(album.current));
byId("dismiss").addEventListener("click", () => album.remove(album.current));
byId("retry").addEventListener("click", () => album.retry(album.current));
byId("help").addEventListener("click", () => dialogById("help-dialog").showModal());
dialogById("help-dialog").addEventListener("keydown", ({ key }) => key === "?" && dialogById("help-dialog").close());
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("pointerdown", ({ target, clientX, clientY }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    if (target === dialog && (clientX < left || clientX > right || clientY < top || clientY > bottom)) dialog.close();
  });
}
byId("theme").addEventListener("click", otherTheme);

welcomeFiles((files) => album.add(files), say);
const actions = {
  expose: (steps, held) => album.current && slider.step(steps, held),
  undo: () => developing.undo() || say("Nothing to undo."),
  redo: () => developing.redo() || say("Nothing to redo."),
  copy: () => {
    developing.copy();
    buttonById("paste").disabled = false;
    say("Settings copied.");
  },
  paste: () => developing.paste(),
  auto: () => {
    const { opened } = album.current;
    if (opened) developing.change(mapping.of(opened, view.detail).suggested);
    else say("The photo is not ready yet: a moment.");
  },
  another: () => {
    const { opened, settings } = album.current;
    if (!opened?.draws) return say("There is nothing to be drawn in this photo.");
    developing.change({ seed: (settings.seed + 1) % SEEDS, ...(amountOf(album.current) ? {} : { detail: 1 }) });
  },
  gradient: () => inputIn(byId("where"), `[value="${developing.settings.gradient ? "off" : "line"}"]`).click(),
  zero: () => slider.glideTo(0),
  fit: () => view.fit(),
  actual: () => view.zoomTo(1),
  closer: () => view.zoomBy(1.25),
  farther: () => view.zoomBy(0.8),
  divider: () => comparing.toggle("divider"),
  beside: () => comparing.toggle("beside"),
  compare: comparing.hold,
  clipping: markNextClipping,
  reconstructed: toggle("reconstructed"),
  hdr: toggle("hdr"),
  save: toggle("save"),
  open: toggle("open"),
  close: toggle("close"),
  theme: otherTheme,
  help: toggle("help"),
  previous: () => album.step(-1),
  next: () => album.step(1),
};
listenToKeys(actions, (name) => album.current || ["open", "theme", "help", "undo", "redo"].includes(name));

// For tests, and for the curious.
globalThis.reexposure = { album, view, slider, paint, histogram, developing, get busy() { return drawing.busy || mapping.busy; } };
await keeping.restore();
root.dataset.ready = "";
