// The work done by the server this page came from. A backend has: `privacy`, `formats`, `open`,
// `save` and `close`; backend-browser.js is the other one.

const STAGES = {
  received: ["Reading the photo", 0.1],
  decoded: ["Reconstructing light", 0.3],
  reconstructed: ["Preparing the view", 0.65],
  ready: ["Loading the light", 0.75],
};

export const privacy = "Photos stay on this computer.";

/** Formats that can be saved, and their suffixes; of one that needs a package, what to install. */
export const formats = async () => (await ask("api/formats")).json();

/**
 * Open a photo file: its pixels and its light, as textures no larger than `maxSidePx`.
 * `tell(text, share)` hears how far it is. Throws an Error that says in a line what is wrong.
 */
export async function open(file, maxSidePx, tell) {
  tell(saves ? "Waiting for a file to be saved" : "Reading the photo", 0.05);
  const { id, ...state } = await send(file, maxSidePx, (said) => tell(...(STAGES[said.stage] ?? ["Working", 0.1])));
  const bytes = state.height_px * state.width_px * 12;
  let loaded = 0;
  const more = (count) => tell("Loading the light", 0.75 + (0.25 * (loaded += count)) / bytes);
  const photo = await download(`api/photos/${id}/input`, more);
  const light = await download(`api/photos/${id}/light`, more);
  return {
    id,
    file,
    width: state.width_px,
    height: state.height_px,
    photo: new Uint8Array(photo),
    light: new Uint16Array(light),
    space: state.space,
    curve: state.curve,
    highlightsShare: state.highlights_share,
    shadowsShare: state.shadows_share,
  };
}

let saves = 0; // going on

/** The photo `opened` as a file of `format` at `ev` stops; `tell(share)` hears of it, `signal` stops it. */
export async function save(opened, format, ev, tell, signal) {
  saves++;
  const hears = new EventSource(`api/photos/${opened.id}/events`);
  hears.onmessage = ({ data }) => {
    const said = JSON.parse(data);
    if (said.stage === "saving") tell(said.share);
  };
  try {
    const query = new URLSearchParams({ format, ev });
    const asked = () => ask(`api/photos/${opened.id}/save?${query}`, { method: "POST", signal });
    const answer = await asked().catch(async (error) => {
      if (error.status !== 404 || signal.aborted) throw error;
      // The server keeps a bounded number of photos, and lost them all if it was started again.
      opened.id = (await send(opened.file, opened.width, () => {})).id;
      return asked();
    });
    return await answer.blob();
  } finally {
    saves--;
    hears.close();
  }
}

/** The photos that `reexpose serve` was given, as files to open. */
export async function given() {
  const names = await (await ask("api/given")).json();
  return Promise.all(names.map(async (name, n) => new File([await (await ask(`api/given/${n}`)).blob()], name)));
}

/** The server may forget the photo, also when this page is on its way out. */
export function close(opened) {
  fetch(`api/photos/${opened.id}`, { method: "DELETE", keepalive: true }).catch(() => {});
}

/** Give the server a photo, and wait until its light is there. */
async function send(file, maxSidePx, hear) {
  const { id } = await (await ask(`api/photos?max_side_px=${maxSidePx}`, { method: "POST", body: file })).json();
  return { ...(await events(id, hear)), id };
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
