"""The OpenAPI document of `reexpose serve --api`. Source: OpenAPI Specification 3.1."""

from __future__ import annotations

from typing import Any

from reexposure import __version__
from reexposure.ev import MAX_EV
from reexposure.server.exports import FORMATS, FULL_FILM_PX
from reexposure.server.uploads import MAX_UPLOAD_BYTES

SETTINGS = {
    "ev": ("exposure in stops; positive is brighter", -MAX_EV, MAX_EV),
    "highlights": ("-100 brings back what is beyond white", -100, 100),
    "shadows": ("100 opens shadows", -100, 100),
    "detail": ("how much texture is drawn where none is left, 0 is faithful; by default what the network says", 0, 1),
    "seed": ("another one draws another texture", 0, 2**32 - 1),
}
"""What a picture is developed with: in words, from, to."""
NUMBERS = {
    "quality": ("of a JPEG; by default the photo's own tables", 1, 100),
    "long_px": ("the longer side of a picture; by default all of it", 16, 65535),
    "bits": ("of a PNG or TIFF: 8 or 16", 8, 16),
    "seconds": ("of a film", 1, 60),
    "film_px": ("the longer side of a film", 16, FULL_FILM_PX),
}
"""What else a file may be asked for."""
ERRORS = {
    "401": "the token is missing or wrong",
    "403": "not by the server's own name, or from another site",
    "408": "the upload stopped",
    "413": f"more than {MAX_UPLOAD_BYTES // 1_000_000} MB",
    "422": "no photo, or a setting that cannot be",
    "503": "busy: try again after the seconds of Retry-After",
}


def document(url: str) -> dict[str, Any]:
    """What there is below ``url``, in OpenAPI's words."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "reexposure",
            "version": __version__,
            "description": "One photo in, one answer out; nothing is kept. The token is the first part of every path.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": url}],
        "paths": {
            "/api/develop": {
                "post": {
                    "operationId": "develop",
                    "summary": "The photo at another exposure, developed, or its light",
                    "parameters": [_format(), *(_number(name, *about) for name, about in _numbers().items())],
                    "requestBody": PHOTO,
                    "responses": {"200": {"description": "the file", "content": _contents()}, **_errors()},
                }
            },
            "/api/describe": {
                "post": {
                    "operationId": "describe",
                    "summary": "What the photo is, and how much of it is lost",
                    "requestBody": PHOTO,
                    "responses": {"200": {"description": "the photo", "content": _json(DESCRIPTION)}, **_errors()},
                }
            },
        },
    }


PHOTO = {
    "required": True,
    "description": "the bytes of a photo or a radiance map, of any format that reexpose reads",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
DESCRIPTION = {
    "type": "object",
    "required": ["width_px", "height_px", "highlights_share", "shadows_share", "brightest_ev", "origin"],
    "properties": {
        "width_px": {"type": "integer"},
        "height_px": {"type": "integer"},
        "highlights_share": {"type": "number", "description": "pixels whose highlights were reconstructed, 0 to 1"},
        "shadows_share": {"type": "number", "description": "pixels whose shadows were cleaned, 0 to 1"},
        "brightest_ev": {"type": ["number", "null"], "description": "the brightest light, in stops over white"},
        "origin": {"enum": ["network", "gain map", "file"], "description": "where light beyond white came from"},
    },
}
"""What `worker.describe` answers."""


def _numbers() -> dict[str, tuple[str, float, float]]:
    return SETTINGS | NUMBERS


def _format() -> dict[str, Any]:
    schema = {"type": "string", "enum": list(FORMATS), "default": "jpeg"}
    return {"name": "format", "in": "query", "description": "what is written", "schema": schema}


def _number(name: str, words: str, low: float, high: float) -> dict[str, Any]:
    schema = {"type": "number", "minimum": low, "maximum": high}
    return {"name": name, "in": "query", "description": words, "schema": schema}


def _contents() -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {format.media_type: binary for format in FORMATS.values()}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _errors() -> dict[str, Any]:
    said = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    return {code: {"description": words, "content": _json(said)} for code, words in ERRORS.items()}
