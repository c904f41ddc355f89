// Metadata in and out of the segments of a JPEG, as reexposure/photo/jpeg_metadata.py.

import { big16, big32, bytesOf, holds, joined, number, textOf } from "./bytes.js";
import { dpiIn } from "./exif.js";
import {
  APP0, APP1, APP11, APP13, APP2, COM, EXIF, GAIN_MAP_ISO, ICC, MAX_PAYLOAD, MPF, PHOTOSHOP, XMP, XMP_EXTENSION,
  chunked, parts, profileIn, starts,
} from "./jpeg.js";
import * as xmp from "./xmp.js";

const JFIF = "JFIF\0";

/** The metadata in the segments of a JPEG. */
export function metadataIn(segments) {
  const jfif = segments.find((one) => starts(one, APP0, JFIF))?.payload;
  const per = { 1: 1, 2: 2.54 }[jfif?.[7]]; // dots an inch or a centimetre; else only how wide a pixel is
  const exif = exifIn(segments);
  const dpi = per ? [8, 10].map((at) => per * number(jfif, at, 2)) : dpiIn(exif);
  return {
    exif,
    xmp: packetIn(segments),
    resources: joined(...behind(segments, APP13, PHOTOSHOP)),
    profile: profileIn(segments),
    dpi: dpi && Math.min(...dpi) > 0 ? dpi : null,
  };
}

/** What follows `name` in each segment of `marker` that begins with it. */
const behind = (segments, marker, name) =>
  segments.filter((one) => starts(one, marker, name)).map(({ payload }) => payload.subarray(name.length));

/** EXIF of all its segments. One that begins anew belongs to another writer. */
function exifIn(segments) {
  const found = behind(segments, APP1, EXIF);
  const anew = found.findIndex((part, n) => n && (holds(part, "II*\0") || holds(part, "MM\0*")));
  return joined(...found.slice(0, anew < 0 ? found.length : anew));
}

/** The XMP packet with its extension (XMP part 3, 1.1.3.1), where that is there and whole. */
export function packetIn(segments) {
  const first = textOf(behind(segments, APP1, XMP)[0] ?? new Uint8Array());
  const found = new Map();
  for (const head of behind(segments, APP1, XMP_EXTENSION)) {
    const name = textOf(head.subarray(0, 32));
    const piece = { size: number(head, 32, 4), at: number(head, 36, 4), bytes: head.subarray(40) };
    found.set(name, [...(found.get(name) ?? []), piece]);
  }
  for (const [name, pieces] of found) {
    const whole = joined(...pieces.toSorted((one, other) => one.at - other.at).map(({ bytes }) => bytes));
    try {
      if (xmp.values(first, xmp.EXTENSION).includes(name) && whole.length === pieces[0].size) return xmp.together(first, textOf(whole));
    } catch { /* one of them is damaged */ }
  }
  return first;
}

/** Whether a segment speaks of the old bytes, or is written anew: XMP, gain maps, and signatures (C2PA). */
export const isStale = (segment) =>
  segment.marker === APP11 || [[APP1, XMP], [APP1, XMP_EXTENSION], [APP2, GAIN_MAP_ISO]].some((one) => starts(segment, ...one));

/**
 * Segments that only a JPEG can keep: comments, and what makers and editors add. Left out is what belongs to the
 * old pixels: how they were coded, further pictures and their index, and signatures (JUMBF), which any change breaks.
 */
export function kept(segments) {
  const told = [
    [APP1, EXIF], [APP1, XMP], [APP1, XMP_EXTENSION], [APP2, ICC], [APP2, MPF], [APP2, GAIN_MAP_ISO], [APP13, PHOTOSHOP],
  ];
  const makers = (marker) => marker > APP0 && marker < APP0 + 16 && marker !== APP11 && marker !== 0xee;
  return segments.filter((one) =>
    (makers(one.marker) || one.marker === COM || starts(one, APP0, JFIF)) && !told.some(([marker, name]) => starts(one, marker, name)));
}

/** A JPEG of pixels alone, taken apart, with its metadata, in the order in which readers expect it. */
export function described(picture, about, own) {
  const coding = picture.segments.filter(({ marker }) => !(marker >= APP0 && marker < APP0 + 14) && marker !== COM);
  const density = about.dpi ? about.dpi.map(Math.round) : [1, 1];
  const usual = joined(JFIF, [1, 1, about.dpi ? 1 : 0], big16(...density), [0, 0]);
  // The photo's own, but for the thumbnail that may end it.
  const jfif = own.find(({ marker }) => marker === APP0)?.payload.subarray(0, 12);
  const segments = [
    { marker: APP0, payload: jfif ? joined(jfif, [0, 0]) : usual },
    // EXIF has no way to go on in a further segment; readers that know long EXIF put the segments together.
    ...parts(about.exif, MAX_PAYLOAD - EXIF.length).map((part) => ({ marker: APP1, payload: joined(EXIF, part) })),
    ...xmpSegments(about.xmp),
    ...own.filter(({ marker }) => marker !== APP0),
    ...parts(about.resources, MAX_PAYLOAD - PHOTOSHOP.length).map((part) => ({ marker: APP13, payload: joined(PHOTOSHOP, part) })),
    ...chunked(APP2, ICC, about.profile),
    ...coding,
  ];
  return { segments, scan: picture.scan };
}

/** A JPEG, taken apart, whose colours this profile names; the same if it brings it. */
export function withProfile(picture, profile) {
  const own = profileIn(picture.segments);
  if (own.length === profile.length && own.every((byte, at) => byte === profile[at])) return picture;
  const others = picture.segments.filter((one) => !starts(one, APP2, ICC));
  const first = others.findIndex(({ marker }) => marker < APP0 || marker >= APP0 + 16);
  const place = first < 0 ? others.length : first;
  return { ...picture, segments: [...others.slice(0, place), ...chunked(APP2, ICC, profile), ...others.slice(place)] };
}

/** An XMP packet in one segment, or split into a short one and an extension (XMP part 3, 1.1.3.1). */
export function xmpSegments(packet) {
  if (!packet) return [];
  if (XMP.length + packet.length <= MAX_PAYLOAD) return [{ marker: APP1, payload: bytesOf(XMP + packet) }];
  const unwrapped = packet.startsWith("<?xpacket") ? packet.slice(packet.indexOf("?>") + 2) : packet;
  const end = unwrapped.lastIndexOf("<?xpacket");
  const body = bytesOf((end > 0 ? unwrapped.slice(0, end) : unwrapped).trim());
  const name = nameOf(body);
  const short = xmp.packet(
    `<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="${name}"/>`,
  );
  const size = MAX_PAYLOAD - XMP_EXTENSION.length - 40;
  const extension = parts(body, size).map((part, n) => ({
    marker: APP1,
    payload: joined(XMP_EXTENSION, name, big32(body.length, n * size), part),
  }));
  return [{ marker: APP1, payload: bytesOf(XMP + short) }, ...extension];
}

/** 32 hexadecimal digits that name an extension: its parts are found by them. Browsers cannot do the usual MD5. */
function nameOf(body) {
  const lanes = [0, 1, 2, 3].map((lane) => body.reduce((hash, byte) => Math.imul(hash ^ byte, 16777619), 2166136261 + lane));
  return lanes.map((lane) => (lane >>> 0).toString(16).toUpperCase().padStart(8, "0")).join("");
}
