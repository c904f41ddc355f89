// What developing needs beside light with detail in it, worked out off the page's thread.

import { detailed } from "../light/detail.js";
import { suggested } from "../light/suggesting.js";
import { mapOf, reduced } from "../light/surroundings.js";

let scene; // comes once for each drawing

onmessage = ({ data: { turn, amount, sent } }) => {
  scene = sent ?? scene;
  const small = reduced(detailed(scene, amount), scene.width, scene.height, scene.weights);
  postMessage({ turn, map: mapOf(small), suggested: suggested(small.own) });
};
