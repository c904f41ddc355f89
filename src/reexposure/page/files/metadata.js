// What a photo's file says about it, as reexposure/photo/metadata.py: { exif, xmp, resources, profile, dpi }. `exif`
// is a TIFF structure, `xmp` a packet, one character a byte, `resources` Photoshop's image resources, IPTC among
// them, `profile` an ICC profile. Each is empty where the file has none; `dpi` is then null.

import { holds, joined, big16, big32, number } from "./bytes.js";
import { isStale } from "./claims.js";
import * as exif from "./exif.js";
import * as xmp from "./xmp.js";

export const SOFTWARE = "reexposure 1.0.0";
export const IPTC_RESOURCE = 0x0404;

const STALE_RESOURCES = [0x0409, 0x040c, 0x0422, 0x0423, 0x0424]; // thumbnails, and further copies of EXIF and XMP
const NAMESPACE = "urn:reexposure:xmp:1.0:";
const [MAX_DPI, MAX_PROFILE] = [65535, 16_000_000];

/** @typedef {{ exif: Uint8Array, xmp: string, resources: Uint8Array, profile: Uint8Array, dpi: number[] | null }} Metadata */

/** @type {Metadata} */
export const NOTHING = { exif: new Uint8Array(), xmp: "", resources: new Uint8Array(), profile: new Uint8Array(), dpi: null };

/**
 * The same for a picture that was turned upright and will be changed. What speaks of the old bytes leaves (thumbnails,
 * films, signatures), and so does what nobody can read.
 */
export function upright(metadata, height, width) {
  return {
    exif: exif.upright(metadata.exif, height, width),
    xmp: freshXmp(metadata.xmp),
    resources: withoutResources(metadata.resources, STALE_RESOURCES),
    profile: isProfile(metadata.profile) ? metadata.profile : NOTHING.profile,
    dpi: metadata.dpi?.every((dots) => dots >= 1 && dots <= MAX_DPI) ? metadata.dpi : null,
  };
}

/** Whether this is an ICC profile at all, and one that fits into every format's segments. */
function isProfile(data) {
  const size = number(data, 0, 4);
  return holds(data, "acsp", 36) && size >= 132 && size <= data.length && data.length <= MAX_PROFILE;
}

/** An XMP packet that says only what is true of the upright picture; nothing of one that cannot be read. */
function freshXmp(packet) {
  try {
    return packet && xmp.withValue(xmp.without(packet, isStale), xmp.ORIENTATION, "1");
  } catch {
    return "";
  }
}

const short = (value) => String(Number(value.toPrecision(6)));
const signed = (value) => `${value < 0 ? "" : "+"}${short(value)}`;

/** What XMP says of settings, names and values; what was left alone is not told. */
function told({ ev, highlights, shadows, gradient }, drawn) {
  const notes = { ExposureChange: signed(ev) };
  if (highlights) notes.Highlights = signed(highlights);
  if (shadows) notes.Shadows = signed(shadows);
  if (gradient?.ev) {
    const ends = [gradient.from, gradient.to].map((at) => at.map(short).join());
    notes.Gradient = `${signed(gradient.ev)} EV ${gradient.where} ${ends.join(" ")}`;
  }
  return { ...notes, ...toldOfDetail(drawn) };
}

/** What files say of detail, names and values: { detail, seed }, or null where no highlights were reconstructed. */
export const toldOfDetail = (drawn) => (drawn ? { Detail: short(drawn.detail), Seed: String(drawn.seed) } : {});

/** An `rdf:Description` of what was done, names and values. */
export function described(what) {
  const notes = Object.entries(what).map(([name, value]) => ` reexposure:${name}="${value}"`);
  return `<rdf:Description rdf:about="" xmlns:reexposure="${NAMESPACE}" reexposure:Software="${SOFTWARE}"${notes.join("")}/>`;
}

/** With a note in XMP of how the picture was developed, and of the detail in it, in place of an earlier one. */
export function recording(metadata, settings, drawn = null) {
  const note = described(told(settings, drawn));
  try {
    const others = metadata.xmp && xmp.without(metadata.xmp, (name) => name.startsWith(`${NAMESPACE} `));
    return { ...metadata, xmp: xmp.withDescriptions(others, note) };
  } catch {
    return { ...metadata, xmp: xmp.packet(note) };
  }
}

/** Photoshop's image resources, [number, bytes] each: where JPEG keeps IPTC. */
export const imageResources = (block) => [...new Map([...resourcesIn(block)].map(({ id, data }) => [id, data]))];

/** Image resources but for some; the others as they were, with the names that paths have. */
const withoutResources = (block, ids) =>
  joined(...[...resourcesIn(block)].filter(({ id }) => !ids.includes(id)).map(({ whole }) => whole));

/** Number, content and all of each resource. */
function* resourcesIn(block) {
  for (let at = 0; holds(block, "8BIM", at) && at + 12 <= block.length; ) {
    const [start, id, name] = [at, number(block, at + 4, 2), block[at + 6]];
    at += 6 + Math.floor((name + 2) / 2) * 2;
    const size = number(block, at, 4);
    const data = block.subarray(at + 4, at + 4 + size);
    at += 4 + Math.floor((size + 1) / 2) * 2;
    yield { id, data, whole: at <= block.length ? block.subarray(start, at) : resourceBlock([[id, data]]) }; // one that is cut
  }
}

/** The inverse of `imageResources`. */
export const resourceBlock = (resources) =>
  joined(...resources.map(([id, data]) => joined("8BIM", big16(id, 0), big32(data.length), data, new Uint8Array(data.length % 2))));
