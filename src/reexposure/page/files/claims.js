// What a file says of other bytes than those that will be written, as reexposure/photo/claims.py: it leaves with the change.

const GAIN_MAPS = ["http://ns.adobe.com/hdr-gain-map/1.0/", "http://ns.apple.com/HDRGainMap/1.0/"];
const GOOGLE = "http://ns.google.com/photos/";
const MAKERS = ["http://ns.xiaomi.com/photos/", "http://ns.oplus.com/photos/"];
const FILMS = ["MotionPhoto", "MicroVideo", "OLivePhoto"];
const SINGLE = [
  "http://purl.org/dc/terms/ provenance", // where a signature is kept (C2PA)
  "http://ns.adobe.com/xap/1.0/ Thumbnails",
  "http://ns.adobe.com/xmp/note/ HasExtendedXMP",
];

/** Whether an XMP property, "namespace name", speaks of the old bytes: a gain map, a film, a signature, a thumbnail. */
export function isStale(property) {
  const at = property.lastIndexOf(" ");
  const [namespace, name] = [property.slice(0, at), property.slice(at + 1)];
  const parts = namespace.startsWith(GOOGLE) ? namespace.slice(GOOGLE.length).split("/") : [];
  return (
    GAIN_MAPS.includes(namespace) || MAKERS.some((maker) => namespace.startsWith(maker)) || parts.includes("container") ||
    parts[0] === "dd" || FILMS.some((film) => name.includes(film)) || SINGLE.includes(property)
  );
}
