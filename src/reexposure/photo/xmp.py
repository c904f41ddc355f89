"""XMP packets, read as XML in one pass; what is cut out of them leaves every other byte where it was.

Source: ISO 16684-1 (XMP, part 1). A packet that is no well-formed XML, or that declares entities
of its own, is nothing that could be copied: ValueError.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EXTENSION = ("http://ns.adobe.com/xmp/note/", "HasExtendedXMP")
ORIENTATION = ("http://ns.adobe.com/tiff/1.0/", "Orientation")
MAX_BYTES, MAX_PARTS, MAX_DEPTH, MAX_ADDED = 16_000_000, 100_000, 1000, 1_000_000
"""A part is an element, an attribute, or a piece of text between two of them."""
ATTRIBUTE = re.compile(rb"\s++([^\s=<>/]++)\s*+=\s*+(\"[^\"]*+\"|'[^']*+')")
TAG_NAME = re.compile(rb"<[^\s/>]++")
END_OF_TAG = re.compile(rb"\s*+/?>")

Name = tuple[str, str]
"""A namespace and a name in it."""


@dataclass(slots=True)
class Attribute:
    """An attribute, and where it lies in the packet, the space before it included."""

    name: Name
    value: str
    start: int
    end: int


@dataclass(slots=True)
class Element:
    """An element: its opening tag ends at ``opened``, its closing one starts at ``closing``, all of it at ``end``."""

    name: Name
    prefixed: bytes
    start: int
    opened: int
    attributes: list[Attribute]
    parent: Element | None
    closing: int = 0
    end: int = 0
    texts: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What stands in it, but for what stands in its children."""
        return "".join(self.texts).strip()

    @property
    def is_empty_tag(self) -> bool:
        """Whether it is one tag, ``<a/>``."""
        return self.closing == self.start


@dataclass(frozen=True)
class Packet:
    """A packet in UTF-8 and its elements in the order in which they begin."""

    data: bytes
    elements: list[Element]

    @property
    def rdf(self) -> Element:
        """The element that holds all descriptions. Raises ValueError without it."""
        found = next((e for e in self.elements if e.name == (RDF, "RDF")), None)
        if found is None:
            raise ValueError("XMP without RDF")
        return found

    def edited(self, edits: list[tuple[int, int, bytes]]) -> bytes:
        """The packet with other bytes in place of those from ... to; what lies within a cut goes with it."""
        parts, at = [], 0
        for start, end, new in sorted(edits):
            if start >= at:
                parts += [self.data[at:start], new]
                at = end
        return b"".join([*parts, self.data[at:]])


@functools.lru_cache(maxsize=1)  # it is read, cleaned and written one after another
def parse(xmp: bytes) -> Packet:
    """Read a packet. Raises ValueError where it is none, or too large for one (MAX_BYTES, MAX_PARTS, MAX_DEPTH)."""
    if len(xmp) > MAX_BYTES:
        raise ValueError("XMP too large")
    data = _in_utf_8(xmp)
    reader = _Reader(data)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(f"damaged XMP ({error})") from error
    return Packet(data, reader.elements)


class _Reader:
    """Elements as expat comes by them."""

    def __init__(self, data: bytes) -> None:
        self.data, self.elements, self.parts = data, list[Element](), 0
        self.open: list[Element] = []
        self.parser = expat.ParserCreate("UTF-8", " ")
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.stop
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.refuse

    def start(self, name: str, attributes: list[str]) -> None:
        at = self.parser.CurrentByteIndex
        head = TAG_NAME.match(self.data, at)
        if head is None:
            raise ValueError("damaged XMP")
        close, places = END_OF_TAG.match(self.data, head.end()), list[tuple[int, int]]()
        if close is None:  # there are attributes
            end = head.end()
            for found in _attributes(self.data, end):
                end = found.end()
                if not _is_prefix(found[1]):
                    places.append(found.span())
            close = END_OF_TAG.match(self.data, end)
        self.count(1 + len(places))
        if close is None or 2 * len(places) != len(attributes):
            raise ValueError("damaged XMP")
        told = [
            Attribute(_name(key), value, *place)
            for key, value, place in zip(attributes[::2], attributes[1::2], places, strict=True)
        ]
        parent = self.open[-1] if self.open else None
        element = Element(_name(name), head[0][1:], at, close.end(), told, parent)
        if parent:
            parent.children.append(element)
        self.elements.append(element)
        self.open.append(element)

    def stop(self, name: str) -> None:
        element = self.open.pop()
        if self.data[element.opened - 2 : element.opened] == b"/>":
            element.closing, element.end = element.start, element.opened
        else:
            element.closing = self.parser.CurrentByteIndex
            element.end = self.data.index(b">", element.closing) + 1

    def characters(self, text: str) -> None:
        self.count(1)
        if self.open:
            self.open[-1].texts.append(text)

    def count(self, parts: int) -> None:
        self.parts += parts
        if self.parts > MAX_PARTS or len(self.open) > MAX_DEPTH:
            raise ValueError("XMP too large")

    def refuse(self, *_: object) -> None:
        raise ValueError("XMP with a document type")


def without(xmp: bytes, gone: Callable[[str, str], bool]) -> bytes:
    """A packet without the properties whose namespace and name are ``gone``.

    Descriptions that say nothing any more go, too. Raises ValueError for a damaged packet.
    """
    packet = parse(xmp)
    cut = {id(e) for e in packet.elements if gone(*e.name)}
    edits = [(e.start, e.end, b"") for e in packet.elements if id(e) in cut]
    for element in packet.elements:
        stale = [a for a in element.attributes if gone(*a.name)]
        edits += [(a.start, a.end, b"") for a in stale]
        silent = len(stale) + sum(a.name == (RDF, "about") for a in element.attributes) == len(element.attributes)
        silent = silent and not element.text and all(id(child) in cut for child in element.children)
        if silent and element.name == (RDF, "Description") and _in_rdf(element):
            edits.append((element.start, element.end, b""))
    # Of two cuts that begin together, the longer one first.
    return packet.edited(sorted(edits, key=lambda edit: (edit[0], -edit[1]))) if edits else packet.data


def with_value(xmp: bytes, name: Name, value: str) -> bytes:
    """A packet that says ``value``, plain text, wherever it has the simple property ``name``."""
    packet, new = parse(xmp), value.encode()
    edits = [(e.opened, e.closing, new) for e in packet.elements if e.name == name and not e.is_empty_tag]
    for element in packet.elements:
        for told in (a for a in element.attributes if a.name == name):
            end = told.end - 1
            edits.append((packet.data.rindex(packet.data[end : end + 1], told.start, end) + 1, end, new))
    return packet.edited(edits)


def values(xmp: bytes, name: Name) -> list[str]:
    """What a packet says of the property ``name``: one text, those of a list, or none."""
    packet = parse(xmp)
    for element in packet.elements:
        told = next((a.value for a in element.attributes if a.name == name), None)
        if told is not None:
            return [told]
        if element.name == name:
            inside = [item for group in element.children for item in group.children if item.name == (RDF, "li")]
            return [item.text for item in inside] or [element.text]
    return []


def orientation(xmp: bytes) -> int | None:
    """How a packet says that the picture lies, 1 to 8, in EXIF's words; None if it does not."""
    with contextlib.suppress(ValueError):
        told = int("".join(values(xmp, ORIENTATION) if xmp else []) or 0)
        return told if told in range(1, 9) else None
    return None


def with_descriptions(xmp: bytes, descriptions: bytes) -> bytes:
    """A packet with ``rdf:Description`` elements more; a new one if ``xmp`` is empty. Raises ValueError."""
    if not xmp.strip(b"\0 \n"):
        return packet(descriptions)
    found = parse(xmp)
    rdf = found.rdf
    if rdf.prefixed != b"rdf:RDF":
        descriptions = descriptions.replace(b"<rdf:Description", b'<rdf:Description xmlns:rdf="%s"' % RDF.encode())
    if rdf.is_empty_tag:
        head = found.data[rdf.start : rdf.end - 2]
        return found.edited([(rdf.start, rdf.end, head + b">" + descriptions + b"</" + rdf.prefixed + b">")])
    return found.edited([(rdf.closing, rdf.closing, descriptions)])


def joined(xmp: bytes, extension: bytes) -> bytes:
    """A packet and what a JPEG holds of it elsewhere, as one. Raises ValueError if either is damaged."""
    more = parse(extension)
    rdf, spaces = more.rdf, dict[bytes, bytes]()
    for element in (e for e in more.elements if e.start <= rdf.start):  # those that are around the descriptions
        spaces |= _namespaces(more.data, element)
    parts = []
    for child in rdf.children:
        name_end = child.start + 1 + len(child.prefixed)
        missing = spaces.keys() - _namespaces(more.data, child).keys()
        added = b"".join(b" %s=%s" % (prefix, spaces[prefix]) for prefix in sorted(missing))
        if len(added) * len(rdf.children) > MAX_ADDED:
            raise ValueError("XMP too large")
        parts.append(more.data[child.start : name_end] + added + more.data[name_end : child.end])
    whole = with_descriptions(xmp, b"".join(parts))
    parse(whole)
    return whole


def packet(descriptions: bytes) -> bytes:
    """An XMP packet around ``rdf:Description`` elements."""
    return (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' + descriptions + b"</rdf:RDF></x:xmpmeta>"
        b'<?xpacket end="w"?>'
    )


def _attributes(data: bytes, at: int) -> Iterator[re.Match[bytes]]:
    """The attributes of a tag, whose name ends at ``at``."""
    while found := ATTRIBUTE.match(data, at):
        yield found
        at = found.end()


def _is_prefix(name: bytes) -> bool:
    return name == b"xmlns" or name.startswith(b"xmlns:")


def _namespaces(data: bytes, element: Element) -> dict[bytes, bytes]:
    """The prefixes that an element declares, as written, with their namespaces in quotes."""
    told = _attributes(data, element.start + 1 + len(element.prefixed))
    return {found[1]: found[2] for found in told if _is_prefix(found[1])}


def _name(told: str) -> Name:
    space, _, name = told.rpartition(" ")
    return space, name


def _in_rdf(element: Element) -> bool:
    return element.parent is not None and element.parent.name == (RDF, "RDF")


def _in_utf_8(xmp: bytes) -> bytes:
    """A packet in UTF-8 without the padding around it; those in UTF-16 and UTF-32 are rare, but allowed."""
    for mark, encoding in (
        (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
        (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
    ):  # fmt: skip
        if xmp.startswith(mark):
            xmp = xmp.decode(encoding, "replace").encode()
            break
    else:
        xmp = xmp.decode("utf-8", "replace").encode()
    return xmp.removeprefix(b"\xef\xbb\xbf").strip(b"\0 \t\r\n")
