// Photos of the whole sphere, and how their files say so, as reexposure/photo/panorama.py.

import * as xmp from "./xmp.js";

const GPANO = "http://ns.google.com/photos/1.0/panorama/";
const SLACK_PX = 2;

/** Whether a picture has the shape of a panorama of the whole sphere: twice as wide as high. */
export const isSphere = (height, width) => height > 1 && Math.abs(width - 2 * height) <= SLACK_PX;

/** Whether XMP says that the picture is equirectangular and goes all around. */
export function saysSphere(packet) {
  const said = (name) => xmp.values(packet, `${GPANO} ${name}`).join("");
  try {
    if (!packet.includes("panorama") || said("ProjectionType").toLowerCase() !== "equirectangular") return false;
    return said("CroppedAreaImageWidthPixels") === said("FullPanoWidthPixels");
  } catch {
    return false; // damaged
  }
}
