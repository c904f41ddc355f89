"""Change the exposure of a photo after it was taken.

>>> import reexposure as rx
>>> rx.reconstruct("photo.jpg").expose(ev=-2).save("darker.jpg")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"
__all__ = ["Photo", "PhotoError", "RadianceMap", "__version__", "load", "reconstruct"]

_HOMES = {
    "Photo": "photo.photo",
    "PhotoError": "photo.photo",
    "load": "photo.photo",
    "RadianceMap": "radiance.radiance",
    "reconstruct": "reconstruction.reconstruction",
}


def __getattr__(name: str) -> Any:
    # Imported on first use, so that `reexpose --version` and `--help` need no numpy.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
