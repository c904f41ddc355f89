"""What a file says of other bytes than those that will be written: it leaves with the change."""

from __future__ import annotations

GAIN_MAPS = ("http://ns.adobe.com/hdr-gain-map/1.0/", "http://ns.apple.com/HDRGainMap/1.0/")
GOOGLE = "http://ns.google.com/photos/"
MAKERS = ("http://ns.xiaomi.com/photos/", "http://ns.oplus.com/photos/")
FILMS = ("MotionPhoto", "MicroVideo", "OLivePhoto")
SINGLE = {
    ("http://purl.org/dc/terms/", "provenance"),  # where a signature is kept (C2PA)
    ("http://ns.adobe.com/xap/1.0/", "Thumbnails"),
    ("http://ns.adobe.com/xmp/note/", "HasExtendedXMP"),
}


def is_stale(namespace: str, name: str) -> bool:
    """Whether an XMP property speaks of the old bytes: a gain map, a film or pictures behind the photo,
    a signature, a thumbnail.

    Sources: Android's "Motion Photo format 1.0" (and MicroVideo before it), Google's container and
    dynamic depth; C2PA 2.1, "Embedding manifests"; Adobe, "Gain Map Specification 1.0".
    """
    parts = namespace.removeprefix(GOOGLE).split("/") if namespace.startswith(GOOGLE) else []
    return (
        namespace in GAIN_MAPS
        or namespace.startswith(MAKERS)
        or "container" in parts
        or "dd" in parts[:1]
        or any(film in name for film in FILMS)
        or (namespace, name) in SINGLE
    )
