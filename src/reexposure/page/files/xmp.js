// XMP packets, read as XML in one pass, as reexposure/photo/xmp.py; what is cut out of them leaves every other byte where
// it was. Packets are text of one character a byte; names are "namespace name". What is no packet throws.

import { bytesOf, textOf } from "./bytes.js";

const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
export const ORIENTATION = "http://ns.adobe.com/tiff/1.0/ Orientation";
export const EXTENSION = "http://ns.adobe.com/xmp/note/ HasExtendedXMP";
const [MAX_BYTES, MAX_PARTS, MAX_DEPTH, MAX_ADDED] = [16_000_000, 100_000, 1000, 1_000_000];

const ASIDE = /<(?:!--(?:(?!--)[^])*-->|\?[^]*?\?>|!\[CDATA\[[^]*?\]\]>)/y;
const TAG = /<(\/?)([^\s/>"'=<]+)((?:\s+[^\s=<>/"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /\s+([^\s=<>/"']+)\s*=\s*("[^"]*"|'[^']*')/g;
const LONE_AND = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)/;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** { data, elements }: a packet in UTF-8, and its elements in the order in which they begin. */
export function parse(xmp) {
  const data = inUtf8(xmp);
  if (data.length > MAX_BYTES) throw new Error("XMP too large");
  const [elements, open] = [[], []];
  const scopes = [{ xml: "http://www.w3.org/XML/1998/namespace", "": "" }];
  for (let at = 0; at < data.length; ) {
    const next = data.indexOf("<", at);
    const words = data.slice(at, next < 0 ? data.length : next);
    if (LONE_AND.test(words) || (!open.length && words.trim())) throw new Error("damaged XMP");
    if (open.length) open.at(-1).text += words;
    if (next < 0) break;
    ASIDE.lastIndex = TAG.lastIndex = next;
    const aside = ASIDE.exec(data);
    if (aside) {
      if (aside[0].startsWith("<![") && open.length) open.at(-1).text += aside[0].slice(9, -3);
      at = ASIDE.lastIndex;
      continue;
    }
    const tag = TAG.exec(data);
    if (!tag) throw new Error("damaged XMP");
    at = TAG.lastIndex;
    const [, closes, prefixed, rest, empty] = tag;
    if (closes) {
      const element = open.pop();
      scopes.pop();
      if (element?.prefixed !== prefixed || rest || empty) throw new Error("damaged XMP");
      Object.assign(element, { closing: next, end: at });
      continue;
    }
    if (!open.length && elements.length) throw new Error("damaged XMP");
    const element = begun(prefixed, rest, next, at, scopes);
    element.parent = open.at(-1) ?? null;
    element.parent?.children.push(element);
    elements.push(element);
    if (elements.length > MAX_PARTS || open.length > MAX_DEPTH) throw new Error("XMP too large");
    if (empty) {
      Object.assign(element, { closing: next, end: at });
      scopes.pop();
    } else open.push(element);
  }
  if (open.length || !elements.length) throw new Error("damaged XMP");
  return { data, elements };
}

/** An element whose opening tag lies from `start` to `opened`; the namespaces that it declares are put upon `scopes`. */
function begun(prefixed, rest, start, opened, scopes) {
  const scope = Object.create(scopes.at(-1));
  const [attributes, declared] = [[], {}];
  const from = start + 1 + prefixed.length;
  for (const found of rest.matchAll(ATTRIBUTE)) {
    const [whole, name, quoted] = found;
    const value = quoted.slice(1, -1);
    if (LONE_AND.test(value)) throw new Error("damaged XMP");
    if (name in declared) throw new Error("damaged XMP");
    if (name === "xmlns" || name.startsWith("xmlns:")) {
      scope[name.slice(6)] = value;
      declared[name] = quoted;
    } else attributes.push({ name, value: plain(value), start: from + found.index, end: from + found.index + whole.length });
  }
  scopes.push(scope);
  for (const one of attributes) one.name = one.name.includes(":") ? full(one.name, scope) : ` ${one.name}`;
  if (new Set(attributes.map((one) => one.name)).size < attributes.length) throw new Error("damaged XMP");
  const name = full(prefixed, scope);
  return { name, prefixed, start, opened, attributes, declared, parent: null, closing: 0, end: 0, text: "", children: [] };
}

function full(name, scope) {
  const at = name.indexOf(":");
  const space = scope[at < 0 ? "" : name.slice(0, at)];
  if (space === undefined) throw new Error("damaged XMP");
  return `${space} ${name.slice(at + 1)}`;
}

const plain = (value) =>
  value.replace(/&(#x?)?(\w+);/g, (_, code, word) => (code ? String.fromCodePoint(parseInt(word, code === "#" ? 10 : 16)) : ENTITIES[word]));

const isEmptyTag = (element) => element.closing === element.start;

/** The packet with other text in place of that from ... to, [from, to, text] each; what lies within a cut goes with it. */
function edited(data, edits) {
  let [out, at] = ["", 0];
  for (const [start, end, text] of edits.sort((one, other) => one[0] - other[0] || other[1] - one[1])) {
    if (start < at) continue;
    out += data.slice(at, start) + text;
    at = end;
  }
  return out + data.slice(at);
}

/** A packet without the properties whose name is `gone`. Descriptions that say nothing any more go, too. */
export function without(xmp, gone) {
  const { data, elements } = parse(xmp);
  const cut = new Set(elements.filter(({ name }) => gone(name)));
  const edits = [...cut].map(({ start, end }) => [start, end, ""]);
  for (const element of elements) {
    const stale = element.attributes.filter(({ name }) => gone(name));
    edits.push(...stale.map(({ start, end }) => [start, end, ""]));
    const said = element.attributes.length - stale.length - element.attributes.filter(({ name }) => name === `${RDF} about`).length;
    const silent = said === 0 && !element.text.trim() && element.children.every((child) => cut.has(child));
    const told = element.name === `${RDF} Description` && element.parent?.name === `${RDF} RDF`;
    if (silent && told) edits.push([element.start, element.end, ""]);
  }
  return edited(data, edits);
}

/** A packet that says `value`, plain text, wherever it has the simple property `name`. */
export function withValue(xmp, name, value) {
  const { data, elements } = parse(xmp);
  const edits = elements.filter((one) => one.name === name && !isEmptyTag(one)).map((one) => [one.opened, one.closing, value]);
  for (const told of elements.flatMap(({ attributes }) => attributes.filter((one) => one.name === name))) {
    const quote = data.lastIndexOf(data[told.end - 1], told.end - 2);
    edits.push([quote + 1, told.end - 1, value]);
  }
  return edited(data, edits);
}

/** What a packet says of the property `name`: one text, those of a list, or none. */
export function values(xmp, name) {
  for (const element of parse(xmp).elements) {
    const told = element.attributes.find((one) => one.name === name);
    if (told) return [told.value];
    if (element.name !== name) continue;
    const items = element.children.flatMap(({ children }) => children.filter((item) => item.name === `${RDF} li`));
    return items.length ? items.map(({ text }) => plain(text.trim())) : [plain(element.text.trim())];
  }
  return [];
}

/** How a packet says that the picture lies, 1 to 8, in EXIF's words; null if it does not. */
export function orientation(xmp) {
  try {
    const told = xmp ? Number(values(xmp, ORIENTATION)[0]) : 0;
    return told >= 1 && told <= 8 ? told : null;
  } catch {
    return null;
  }
}

/** A packet with `rdf:Description` elements more; a new one if `xmp` is empty. */
export function withDescriptions(xmp, descriptions) {
  if (!/[^\0 \n]/.test(xmp)) return packet(descriptions);
  const { data, elements } = parse(xmp);
  const rdf = elements.find(({ name }) => name === `${RDF} RDF`);
  if (!rdf) throw new Error("XMP without RDF");
  if (rdf.prefixed !== "rdf:RDF") descriptions = descriptions.replaceAll("<rdf:Description", `<rdf:Description xmlns:rdf="${RDF}"`);
  if (!isEmptyTag(rdf)) return edited(data, [[rdf.closing, rdf.closing, descriptions]]);
  return edited(data, [[rdf.start, rdf.end, `${data.slice(rdf.start, rdf.end - 2)}>${descriptions}</${rdf.prefixed}>`]]);
}

/** A packet and what a JPEG holds of it elsewhere, as one. Throws if either is damaged. */
export function together(xmp, extension) {
  const { data, elements } = parse(extension);
  const rdf = elements.find(({ name }) => name === `${RDF} RDF`);
  if (!rdf) throw new Error("XMP without RDF");
  const around = Object.assign({}, ...elements.filter(({ start }) => start <= rdf.start).map(({ declared }) => declared));
  const parts = rdf.children.map((child) => {
    const name = child.start + 1 + child.prefixed.length;
    const missing = Object.keys(around).filter((prefix) => !(prefix in child.declared)).sort();
    const added = missing.map((prefix) => ` ${prefix}=${around[prefix]}`).join("");
    if (added.length * rdf.children.length > MAX_ADDED) throw new Error("XMP too large");
    return data.slice(child.start, name) + added + data.slice(name, child.end);
  });
  const whole = withDescriptions(xmp, parts.join(""));
  parse(whole);
  return whole;
}

/** An XMP packet around `rdf:Description` elements. */
export const packet = (descriptions) =>
  '<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">' +
  `<rdf:RDF xmlns:rdf="${RDF}">${descriptions}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

/** A packet in UTF-8 without the padding around it; those in UTF-16 are rare, but allowed. */
function inUtf8(xmp) {
  const wide = { "\xff\xfe": "utf-16le", "<\0": "utf-16le", "\xfe\xff": "utf-16be", "\0<": "utf-16be" }[xmp.slice(0, 2)];
  const text = textOf(new TextEncoder().encode(new TextDecoder(wide ?? "utf-8", { ignoreBOM: !wide }).decode(bytesOf(xmp))));
  return text.replace(/^\xef\xbb\xbf/, "").replace(/^[\0 \t\r\n]+|[\0 \t\r\n]+$/g, "");
}
