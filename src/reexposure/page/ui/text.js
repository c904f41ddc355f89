// Numbers as photographers write them.

export const rounded = (ev) => Math.round(ev * 100) / 100 || 0; // never -0

/** An exposure in stops: -1.5, 0, +2. */
export function evText(ev) {
  return `${ev > 0 ? "+" : ev < 0 ? "−" : ""}${Math.abs(rounded(ev))}`;
}
