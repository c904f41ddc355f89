// Makes the HDR preview off the page's thread, where encoding would wait for the page to be idle.

import { ultraHdr } from "../files/ultrahdr.js";

onmessage = async ({ data: { turn, scene, ev } }) => {
  postMessage({ turn, file: await ultraHdr(scene, ev) });
};
