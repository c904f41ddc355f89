// What a file says its colours mean, in whichever way it says so, as reexposure/photo/colours.py: code points (PNG's
// cICP, nclx of AVIF and HEIC) go before an ICC profile, then PNG's sRGB, gAMA and cHRM, then EXIF's Adobe RGB.

import { ADOBE_RGB, KNOWN, SRGB, isSrgb, named, ofCodes, same } from "../light/colours.js";
import { isBoxes, primaryProperties } from "./boxes.js";
import { holds, number } from "./bytes.js";
import { profileOf, understood } from "./icc.js";
import { Directories } from "./ifd.js";
import { NOTHING } from "./metadata.js";

const [EXIF_IFD, COLOUR_SPACE, INTEROP_IFD, INTEROP_INDEX] = [0x8769, 0xa001, 0xa005, 0x0001];
const [UNCALIBRATED, R03] = [0xffff, "R03"];

/** What an ICC profile in a PNG is called that stands for PQ (W3C Note, "Using the ITU BT.2100 PQ EOTF with PNG"). */
const PQ_PROFILE = "ITUR_2100_PQ_FULL\0";

/** The colour space that a file names, but for its ICC profile; null where it names none. */
export function toldBy(bytes, chunks, metadata, grey) {
  const { length } = metadata.profile;
  const found = chunks.length ? inPng(chunks, length > 0) : inBoxes(bytes, length > 0);
  return found ?? (!length && !grey && isAdobeRgb(metadata.exif) ? ADOBE_RGB : null);
}

/** The profile of a photo whose file says `told`: its own if that says the same, one made of it, or none for sRGB. */
export function profileFor(told, { profile, exif }, grey) {
  const own = profile.length ? understood(profile) : null;
  if (profile.length && (!told || (own && same(told, own)))) return profile;
  return naming(told ?? SRGB, exif, grey);
}

/** A profile that names a space; none for sRGB, unless the photo's own EXIF says otherwise. */
export const naming = (space, exif, grey) =>
  isSrgb(space) && (grey || !isAdobeRgb(exif)) ? NOTHING.profile : profileOf(space, grey);

/** Whether EXIF names Adobe RGB as cameras do (DCF 2.0, "optional colour space": no code of its own, and R03). */
function isAdobeRgb(exif) {
  try {
    const data = new Directories(exif);
    const at = data.value(data.first, EXIF_IFD);
    if (at === null || data.value(at, COLOUR_SPACE) !== UNCALIBRATED) return false;
    const place = data.value(at, INTEROP_IFD);
    const index = place && data.find(place, INTEROP_INDEX);
    return Boolean(index) && holds(data.data, R03, index.at);
  } catch {
    return false;
  }
}

/** The code points of an AVIF or HEIC file. Beside a profile, those of sRGB are what writers fill in. */
function inBoxes(bytes, hasProfile) {
  if (!isBoxes(bytes)) return null;
  const codes = primaryProperties(bytes).find(({ kind, content }) => kind === "colr" && holds(content, "nclx"))?.content;
  const told = codes?.length >= 8 ? ofCodes(number(codes, 4, 2), number(codes, 6, 2)) : null;
  return told?.name === "sRGB" && !told.curve.light && hasProfile ? null : told;
}

function inPng(chunks, hasProfile) {
  const of = (wanted) => chunks.find(({ kind }) => kind === wanted)?.content ?? NOTHING.profile;
  const codes = of("cICP");
  let told = codes.length >= 4 ? ofCodes(codes[0], codes[1]) : null;
  if (!told && chunks.some(({ kind, content }) => kind === "iCCP" && holds(content, PQ_PROFILE))) told = ofCodes(9, 16);
  if (told || hasProfile) return told;
  return chunks.some(({ kind }) => kind === "sRGB") ? SRGB : ofGamma(of("gAMA"), of("cHRM"));
}

/** What gAMA and cHRM say (PNG, third edition, 11.3.2). The gamma that programs write for sRGB is sRGB's curve. */
function ofGamma(gamma, chromaticities) {
  const numbers = Array.from({ length: 8 }, (_, n) => number(chromaticities, 4 * n, 4) / 100_000);
  const [white, ...rest] = [0, 2, 4, 6].map((at) => numbers.slice(at, at + 2));
  const primaries = chromaticities.length >= 32 ? [...rest, white] : KNOWN.sRGB;
  const value = gamma.length >= 4 ? number(gamma, 0, 4) / 100_000 : 0;
  const means = value > 0.1 && value < 10;
  if (chromaticities.length < 32 && !means) return null;
  const space = named(primaries);
  if (!means || (space.name === "sRGB" && Math.abs(value - 1 / 2.2) < 0.005)) return space;
  return named(primaries, { kind: "power", gamma: Math.round(1e4 / value) / 1e4 });
}
