// Exposure, highlights and shadows that suit a picture, as reexposure/radiance/suggesting.py, which says how they are chosen.

import NUMBERS from "./numbers.json" with { type: "json" };

const { highlights_from: HIGHLIGHTS_FROM, shadows_to: SHADOWS_TO, reach_ev: REACH_EV } = NUMBERS.develop;
const { away_ev: AWAY_EV, below_white_ev: BELOW_WHITE_EV, begin_ev: BEGIN_EV, full_ev: FULL_EV, most: MOST } = NUMBERS.suggest;
const MID_GREY_EV = Math.log2(NUMBERS.film.mid_grey);

/** { ev, highlights, shadows } for the log2 luminance of the reduced picture, see surroundings.js. */
export function suggested(own) {
  const levels = Float32Array.from(own).sort();
  const [darkest, median, brightest] = [0.1, 0.5, 0.99].map((share) => levels[Math.floor(share * (levels.length - 1))]);
  const away = MID_GREY_EV - median;
  const meant = Math.max(0, 1 - Math.abs(away) / AWAY_EV);
  const ev = Math.round((away > 0 ? 0.5 : 0.25) * away * meant * 20) / 20 || 0;
  const [x, most] = [brightest + ev - Math.log2(HIGHLIGHTS_FROM), BELOW_WHITE_EV - Math.log2(HIGHLIGHTS_FROM)];
  const down = REACH_EV / most - REACH_EV / Math.max(x, most);
  const deep = (Math.log2(SHADOWS_TO) - darkest - ev - BEGIN_EV) / FULL_EV;
  const up = Math.min(Math.max(deep, 0), MOST / 100) * (away > 0 ? meant : 1);
  return { ev, highlights: -Math.round(100 * Math.min(Math.max(down, 0), 1)) || 0, shadows: Math.round(100 * up) || 0 };
}
