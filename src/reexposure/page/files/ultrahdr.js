// Ultra HDR, a JPEG that any program shows with a gain map behind it for displays that reach further, as
// reexposure/radiance/ultrahdr.py.

import { HALF_VALUES, UNDER_BYTE, developTable, toHalf } from "../light/camera.js";
import { decoder } from "../light/curves.js";
import { developed, isPlain } from "../light/develop.js";
import NUMBERS from "../light/numbers.json" with { type: "json" };
import { lying } from "../light/orientation.js";
import { redecoded } from "../light/redecoding.js";
import { aboutOf } from "./about.js";
import { joined, textOf } from "./bytes.js";
import { fromApple, fromIso, fromXmp, toIso, toXmp } from "./gainmap.js";
import { profileOf, spaceOf } from "./icc.js";
import { APP0, APP1, APP2, EXIF, GAIN_MAP_ISO, XMP, furtherPictures, isJpeg, join, multiPicture, payloadOf, profileIn, segmentsOf, split, starts } from "./jpeg.js";
import { encodeJpeg } from "./jpeg-encoder.js";
import { isStale, metadataIn, packetIn, withProfile, xmpSegments } from "./jpeg-metadata.js";
import { tablesOf } from "./jpeg-tables.js";
import { NOTHING, described, recording, toldOfDetail, upright } from "./metadata.js";
import * as xmp from "./xmp.js";
import * as claims from "./claims.js";
import { exposed, jpegOf } from "./picture.js";
import { SRGB, same } from "../light/colours.js";

const { gamma: GAMMA, offset: OFFSET, shown_ev: SHOWN_EV, quality: QUALITY } = NUMBERS.ultra_hdr;

/**
 * An Ultra HDR JPEG of a scene as settings develop it: what a plain JPEG clips is in its gain map. Where nothing is
 * changed it is the photo's own file (`original`), to the byte if that is a JPEG, in front, and light by the curve of its
 * space behind it.
 */
export async function ultraHdr(scene, settings, original) {
  const { ev } = settings;
  const { width, height } = scene;
  const bytes = original ? new Uint8Array(await original.arrayBuffer()) : new Uint8Array();
  const about = original ? await aboutOf(bytes) : undescribed(scene.space);
  about.metadata = upright(about.metadata, height, width);
  const own = original && ev === 0 && isPlain(settings);
  const shown = own ? redecoded(scene) : scene;
  const pixels = own ? scene.photo : exposed(...developed(scene, settings));
  // All of the light at this exposure is told, whatever the picture in front shows of it.
  const [light, stops] = developed(shown, { ...settings, highlights: 0, shadows: 0 });
  const { rgba, gainMap } = codesOf(light, stops, pixels, Boolean(original) && !own);
  const whole = own && about.format === "jpeg" && about.tables && !about.grey && !about.converted;
  if (!own && original) about.metadata = recording(about.metadata, settings, scene.told);
  const base = whole ? named(split(bytes), about) : jpegOf(pixels, width, height, about);
  const map = lying(rgba, width, height, whole ? about.orientation : 1);
  const { segments, scan } = split(encodeJpeg(map.rgba, map.width, map.height, { tables: tablesOf(QUALITY) }));
  const told = [
    { marker: APP0, payload: joined("JFIF\0", [1, 1, 0, 0, 1, 0, 1, 0, 0]) },
    ...xmpSegments(xmp.packet(toXmp(gainMap))),
    { marker: APP2, payload: joined(GAIN_MAP_ISO, toIso(gainMap)) },
  ];
  const second = join({ segments: [...told, ...segments], scan });
  return new Blob([multiPicture(announcing(base, second.length, own && scene.told), [second])], { type: "image/jpeg" });
}

/** The photo's own file, with what names its colours; it keeps the curves that only the page's pixels were taken from. */
const named = (picture, about) => (about.recoded ? picture : withProfile(picture, about.metadata.profile));

/**
 * What is said of a picture that is no file's: its colours.
 * @returns {import("./about.js").About}
 */
function undescribed(space) {
  const profile = same(space, SRGB) ? NOTHING.profile : profileOf(space);
  return { format: "", grey: false, orientation: 1, own: [], metadata: { ...NOTHING, profile } };
}

/** Codes of the gain of light over a picture's own, as RGBA bytes, and what they mean: one range for all channels. */
function codesOf({ light, curve }, ev, pixels, isDeveloped) {
  const decode = decoder(curve);
  const stops = (linear) => Math.log2(linear + OFFSET);
  const lit = HALF_VALUES.map((linear) => stops(Math.max(0, linear * 2 ** ev)));
  // Rounded as light is: where it is the picture's own, its gain is exactly none.
  const shown = Float32Array.from({ length: 256 }, (_, byte) => stops(HALF_VALUES[toHalf(decode(byte / 255))]));
  const colour = (at) => (at & 3) !== 3;
  // Where the picture is the light, rounded, there is nothing to gain: its noise would only make the file large. Nor in
  // shadows, of which the map could tell the brighter ones only.
  const rounded = developTable(ev, curve);
  const clips = HALF_VALUES.map((linear) => Number(linear * 2 ** ev > 1));
  const gainAt = (at) => {
    const [half, byte] = [light[at], pixels[at]];
    if ((rounded[half] === byte || (!isDeveloped && byte < UNDER_BYTE)) && !clips[half]) return 0;
    return isDeveloped ? lit[half] - shown[byte] : Math.max(0, lit[half] - shown[byte]);
  };
  let [least, most] = [0, 0];
  for (let at = 0; at < light.length; at++) {
    if (!colour(at)) continue;
    const gain = gainAt(at);
    most = Math.max(most, gain);
    least = Math.min(least, gain);
  }
  const high = Math.max(Math.ceil(most * 100) / 100, 0.1);
  const low = Math.floor(least * 100) / 100;
  const rgba = new Uint8ClampedArray(light.length).fill(255);
  for (let at = 0; at < light.length; at++) {
    if (colour(at)) rgba[at] = 255 * ((gainAt(at) - low) / (high - low)) ** GAMMA;
  }
  const three = (value) => [value, value, value];
  const offsets = { baseOffset: three(OFFSET), alternateOffset: three(OFFSET) };
  return { rgba, gainMap: { lowEv: three(low), highEv: three(high), gamma: three(GAMMA), ...offsets, headroomEv: Math.min(high, SHOWN_EV) } };
}

/** A JPEG, taken apart, with segments that say that a gain map of `size` bytes follows, in place of older ones, and what detail is in it. */
function announcing(base, size, drawn) {
  const google = "http://ns.google.com/photos/1.0/container/";
  const item = (semantic, length) =>
    `<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="${semantic}" Item:Mime="image/jpeg"${length}/></rdf:li>`;
  const note =
    '<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"' +
    ` xmlns:Container="${google}" xmlns:Item="${google}item/" hdrgm:Version="1.0"><Container:Directory><rdf:Seq>` +
    `${item("Primary", "")}${item("GainMap", ` Item:Length="${size}"`)}</rdf:Seq></Container:Directory></rdf:Description>` +
    (drawn ? described(toldOfDetail(drawn)) : "");
  const version = { marker: APP2, payload: joined(GAIN_MAP_ISO, new Uint8Array(4)) };
  const others = base.segments.filter((one) => !isStale(one));
  // EXIF stays first, as its standard asks; JFIF may stand before it.
  const head = others.filter((one) => one.marker === APP0 || starts(one, APP1, EXIF)).length;
  const told = [...xmpSegments(announced(packetIn(base.segments), note)), version];
  return { segments: [...others.slice(0, head), ...told, ...others.slice(head)], scan: base.scan };
}

function announced(packet, note) {
  try {
    return xmp.withDescriptions(packet && xmp.without(packet, claims.isStale), note);
  } catch {
    return xmp.packet(note); // what was said cannot be read
  }
}

/** The gain map in a JPEG's bytes: what is said of it, and the JPEG of its codes; null if none can be used. */
export function findGainMap(bytes) {
  if (!isJpeg(bytes)) return null;
  try {
    for (const picture of furtherPictures(bytes)) {
      const segments = segmentsOf(picture);
      const [iso, told] = [payloadOf({ segments }, APP2, GAIN_MAP_ISO), textOf(payloadOf({ segments }, APP1, XMP))];
      /** @type {import("./gainmap.js").GainMap | null} */
      const about =
        iso.length > 4 ? fromIso(iso)
        : told.includes("GainMapMax") ? fromXmp(told)
        : told.toLowerCase().includes("hdrgainmap") ? fromApple(metadataIn(segmentsOf(bytes)).exif, told)
        : null;
      if (!about) continue;
      // Its own EXIF would have a browser turn it; it lies like the photo.
      const whole = split(picture);
      const profile = profileIn(segments);
      if (about.inBaseColours === false && !about.backward && profile.length) about.space = spaceOf(profile);
      return { about, codes: join({ ...whole, segments: whole.segments.filter((one) => !starts(one, APP1, EXIF)), rest: [] }) };
    }
  } catch { /* a damaged gain map is no reason to refuse the photo */ }
  return null;
}
