// The work done in this browser: no server sees the photo. See backend-server.js for the other one.

export const privacy = "Photos never leave this device: all the work is done in this browser.";

/** Nothing is kept: what is open is gone with the page. */
export const keeps = false;

const worker = new Worker(new URL("../worker/worker.js", import.meta.url), { type: "module" });
const calls = new Map();
let count = 0;

worker.onmessage = ({ data: { call, tell, result, error, again } }) => {
  const waiting = calls.get(call);
  if (tell) return waiting.tell?.(...tell);
  calls.delete(call);
  if (error) waiting.reject(Object.assign(new Error(error), { again }));
  else waiting.resolve(result);
};
worker.onerror = (event) => {
  for (const { reject } of calls.values()) reject(new Error(event.message || "this browser cannot run the network"));
  calls.clear();
};

function ask(name, args, tell, signal) {
  return new Promise((resolve, reject) => {
    const call = ++count;
    calls.set(call, { resolve, reject, tell });
    signal?.addEventListener("abort", () => worker.postMessage({ call, stop: true }));
    worker.postMessage({ call, name, args });
  });
}

/** Formats that can be saved, and their suffixes. Films take an encoder that browsers have on secure pages only. */
export const formats = async () => ({
  jpeg: ".jpg",
  png: ".png",
  ultrahdr: ".jpg",
  exr: ".exr",
  mask: ".png",
  ...("VideoEncoder" in globalThis ? { film: ".webm" } : {}),
});

export const open = ({ file }, maxSidePx, tell) => ask("open", [file, maxSidePx], tell);

export const draw = ({ opened }, seed) => {
  const { space, grey, gain } = opened;
  const { photo, width, height } = opened.whole ?? opened;
  return ask("draw", [{ photo, width, height, space, grey, gain }, seed]);
};

export function save({ opened, file }, wish, tell, signal) {
  const { whole, photo, light, width, height, ...about } = opened;
  return ask("save", [{ ...about, ...(whole ?? { photo, light, width, height }) }, file, wish], tell, signal);
}

export function close() {}
