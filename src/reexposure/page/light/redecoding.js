// The same light by another curve, without asking the network again, as reexposure/radiance/redecoding.py.

import { HALF_VALUES, OVER_FROM, UNDER_FROM, overExposure, toHalf } from "./camera.js";
import { decoder, encoder, sameCurve } from "./curves.js";

/**
 * A scene { photo, light, curve, space } as if its photo had been decoded by its space's curve: what radiance files
 * hold, since other programs show linear light by it.
 */
export function redecoded(scene) {
  const { photo, light, curve, space } = scene;
  if (sameCurve(curve, space.curve)) return scene;
  const [decodeOld, encodeOld, decode] = [decoder(curve), encoder(curve), decoder(space.curve)];
  const levels = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
  const own = Array.from(levels, decode);
  const known = Uint16Array.from(own, toHalf);
  // Highlights kept this share of the photo's own value.
  const kept = Array.from(levels, (level, byte) => (own[byte] / decodeOld(level)) ** (1 - overExposure(level)));
  const changed = light.map((half, at) => {
    const byte = photo[at];
    if ((at & 3) === 3) return half;
    if (levels[byte] > OVER_FROM) return toHalf(HALF_VALUES[half] * kept[byte]);
    if (levels[byte] >= UNDER_FROM) return known[byte];
    return toHalf(decode(encodeOld(Math.min(1, HALF_VALUES[half]))));
  });
  return { ...scene, light: changed, curve: space.curve };
}
