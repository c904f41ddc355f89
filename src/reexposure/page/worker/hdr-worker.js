// Makes the HDR preview off the page's thread, where encoding would wait for the page to be idle.

import { ultraHdr } from "../files/ultrahdr.js";
import { detailed } from "../light/detail.js";
import { developed } from "../light/develop.js";
import { NEUTRAL } from "../ui/settings.js";

onmessage = async ({ data: { turn, scene, settings } }) => {
  const [shown, ev] = developed(settings.detail ? { ...scene, light: detailed(scene, settings.detail) } : scene, settings);
  postMessage({ turn, file: await ultraHdr(shown, { ...NEUTRAL, ev }) });
};
