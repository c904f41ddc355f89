"""Change the exposure of a photo after it was taken.

>>> import reexposure as rx
>>> rx.reconstruct("photo.jpg").expose(ev=-2).save("darker.jpg")  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from reexposure.errors import ArrayError, MissingPackageError, NetworkError, PhotoError, ReexposureError

if TYPE_CHECKING:
    from reexposure.many.reconstruct_many import reconstruct_many as reconstruct_many
    from reexposure.photo.photo import Photo as Photo
    from reexposure.radiance.opening import open as open
    from reexposure.radiance.radiance import RadianceMap as RadianceMap
    from reexposure.reconstruction.reconstruction import reconstruct as reconstruct

__version__ = "1.0.0"
__all__ = [
    "ArrayError",
    "MissingPackageError",
    "NetworkError",
    "Photo",
    "PhotoError",
    "RadianceMap",
    "ReexposureError",
    "__version__",
    "open",
    "reconstruct",
    "reconstruct_many",
]

_HOMES = {
    "Photo": "photo.photo",
    "RadianceMap": "radiance.radiance",
    "open": "radiance.opening",
    "reconstruct": "reconstruction.reconstruction",
    "reconstruct_many": "many.reconstruct_many",
}


def __getattr__(name: str) -> Any:
    # Imported on first use, so that `reexpose --version` and `--help` need no numpy.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
