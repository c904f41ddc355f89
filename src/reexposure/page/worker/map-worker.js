// What developing and the histogram need of light with detail in it, worked out off the page's thread.

import { countLight } from "../draw/histogram.js";
import { detailed } from "../light/detail.js";
import { suggested } from "../light/suggesting.js";
import { mapOf, reduced } from "../light/surroundings.js";

let scene; // comes once for each drawing

onmessage = ({ data: { turn, amount, sent } }) => {
  scene = sent ?? scene;
  const light = detailed(scene, amount);
  const small = reduced(light, scene.width, scene.height, scene.weights);
  postMessage({ turn, made: { map: mapOf(small), suggested: suggested(small.own), counts: countLight(light) } });
};
