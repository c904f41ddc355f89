// The work done by the server this page came from. A backend has: `privacy`, `keeps`, `formats`, `open`, `draw`,
// `save` and `close`, and one that keeps photos `kept`, `remember` and `forget`; backend-browser.js is the other one.

const STAGES = {
  received: ["Reading the photo", 0.1],
  decoded: ["Reconstructing light", 0.3],
  reconstructed: ["Preparing the view", 0.65],
  ready: ["Loading the light", 0.75],
};

export const privacy = "Photos stay on this computer.";

/** What is open outlives this page, and the server. */
export const keeps = true;

/** Formats that can be saved, and their suffixes; of one that needs a package, what to install. */
export const formats = async () => (await ask("api/formats")).json();

/**
 * Open a photo of the album: its pixels and its light, as textures no larger than `maxSidePx`.
 * `tell(text, share)` hears how far it is. Throws an Error that says in a line what is wrong.
 */
export async function open(photo, maxSidePx, tell) {
  tell(saves ? "Waiting for a file to be saved" : "Reading the photo", 0.05);
  const { id, ...state } = await place(photo, maxSidePx, (said) => tell(...(STAGES[said.stage] ?? ["Working", 0.1])));
  const [rows, columns] = state.map;
  const bytes = state.height_px * state.width_px * 12 + rows * columns * 16;
  let loaded = 0;
  const more = (count) => tell("Loading the light", 0.75 + (0.25 * (loaded += count)) / bytes);
  const pixels = await download(`api/photos/${id}/input`, more);
  const light = await download(`api/photos/${id}/light`, more);
  const values = await download(`api/photos/${id}/map`, more);
  return {
    width: state.width_px,
    height: state.height_px,
    longPx: state.step * Math.max(state.width_px, state.height_px),
    photo: new Uint8Array(pixels),
    light: new Uint16Array(light),
    map: { rows, columns, values: new Float32Array(values) },
    weights: state.weights,
    suggested: state.suggested,
    space: state.space,
    curve: state.curve,
    highlightsShare: state.highlights_share,
    shadowsShare: state.shadows_share,
    draws: state.drawn !== null,
    drawnSize: state.drawn,
    detail: state.detail,
  };
}

/** What `seed` draws over the light of an open photo: { seed, rows, columns, stops }, see light/detail.js. */
export async function draw(photo, seed) {
  const [rows, columns] = photo.opened.drawnSize;
  const answer = await placed(photo, () => ask(`api/photos/${photo.id}/drawn`, { method: "POST", body: JSON.stringify({ seed }) }));
  return { seed, rows, columns, stops: new Uint16Array(await answer.arrayBuffer()) };
}

let saves = 0; // going on

/** A photo as the file that `wish` asks for, see reexposure/server/exports.py; `tell(share)` hears of it, `signal` stops it. */
export async function save(photo, wish, tell, signal) {
  saves++;
  const hears = new EventSource(`api/photos/${photo.id}/events`);
  hears.onmessage = ({ data }) => {
    const said = JSON.parse(data);
    if (said.stage === "saving") tell(said.share);
  };
  try {
    const body = JSON.stringify(wish);
    const answer = await placed(photo, () => ask(`api/photos/${photo.id}/save`, { method: "POST", body, signal }));
    return await answer.blob();
  } finally {
    saves--;
    hears.close();
  }
}

/** The photos that are kept from before, or were given to `reexpose serve`: { id, name, settings, given, file } each. */
export async function kept() {
  const found = await (await ask("api/photos")).json();
  return Promise.all(found.map(async (one) => ({ ...one, file: new File([await (await ask(`api/photos/${one.id}/file`)).blob()], one.name) })));
}

/** Keep the settings of a photo, also when this page is on its way out. */
export function remember({ id, settings }) {
  if (id) fetch(`api/photos/${id}`, { method: "PUT", body: JSON.stringify(settings), keepalive: true }).catch(() => {});
}

/** Forget a photo. */
export function close({ id }) {
  if (id) fetch(`api/photos/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
}

/** Forget everything that is kept. */
export const forget = () => ask("api/photos", { method: "DELETE" });

/** The answer to what is asked of a photo: the server keeps a bounded number, and lost them all if it was started again. */
const placed = (photo, asked) => asked().catch(async (error) => {
  if (error.status !== 404) throw error;
  await place(photo, photo.opened?.width ?? 256, () => {});
  return asked();
});

/** Have a photo open on the server, which may have it already, and wait until its light is there. */
async function place(photo, maxSidePx, hear) {
  const query = new URLSearchParams({ max_side_px: maxSidePx, name: photo.name.slice(0, 255) });
  const again = () => ask(`api/photos/${photo.id}/open?${query}`, { method: "POST" });
  const known = photo.id && (await again().catch((error) => {
    if (error.status !== 404) throw error; // it made room for others
  }));
  if (!known) {
    photo.id = (await (await ask(`api/photos?${query}`, { method: "POST", body: photo.file })).json()).id;
    remember(photo);
  }
  return { ...(await events(photo.id, hear)), id: photo.id };
}

async function ask(url, options) {
  for (;;) {
    const answer = await fetch(url, options).catch((error) => {
      if (error.name === "AbortError") throw error;
      throw new Error("the server does not answer; is it still running?");
    });
    if (answer.ok) return answer;
    if (answer.status !== 503) {
      const { error, again } = await answer.json().catch(() => ({}));
      throw Object.assign(new Error(error ?? `the server answered ${answer.status}`), { status: answer.status, again });
    }
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get("Retry-After") ?? 1)));
  }
}

/** What happens on the server, until the photo is ready. */
function events(id, hear) {
  return new Promise((resolve, reject) => {
    const source = new EventSource(`api/photos/${id}/events`);
    const end = (finish, value) => {
      source.close();
      finish(value);
    };
    source.onmessage = ({ data }) => {
      const state = JSON.parse(data);
      hear(state);
      if (state.stage === "ready") end(resolve, state);
      if (state.stage === "failed") end(reject, Object.assign(new Error(state.error), { again: state.again }));
    };
    source.onerror = () => end(reject, new Error("the server does not answer; is it still running?"));
  });
}

async function download(url, more) {
  const answer = await ask(url);
  const bytes = new Uint8Array(Number(answer.headers.get("Content-Length")));
  let at = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.buffer;
    bytes.set(value, at);
    at += value.length;
    more(value.length);
  }
}
