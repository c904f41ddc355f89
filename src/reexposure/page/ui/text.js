// Numbers as photographers write them.

export const rounded = (ev) => Math.round(ev * 100) / 100 || 0; // never -0

/** A share; never 0 % of what there is. As reexposure/radiance/radiance.py says it. */
export const percent = (share) => (share > 0 && share < 0.005 ? "under 1 %" : `${Math.round(100 * share)} %`);

/** An exposure in stops: -1.5, 0, +2. */
export function evText(ev) {
  return `${ev > 0 ? "+" : ev < 0 ? "−" : ""}${Math.abs(rounded(ev))}`;
}
