"""The released network, or one's own, run by ONNX Runtime."""

from __future__ import annotations

import contextlib
import functools
import importlib.resources
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from reexposure.arrays import Float32
from reexposure.errors import one_line
from reexposure.light import camera

CHOICE = "REEXPOSURE_NETWORK"
"""The environment variable that names an exported network to use instead of the released one."""

STRIDE_PX = 32
"""Heights and widths that the network takes are multiples of this."""


def predict(
    encoded: Float32[np.ndarray, "h w 3"],
    over: Float32[np.ndarray, "h w 3"],
    under: Float32[np.ndarray, "h w 3"],
) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w 3"]]:
    """The log2 gain (in stops, >= 0) of over-exposed values of a photo, and the correction of under-exposed ones.

    ``over`` and ``under`` are the photo's masks, `camera.over_exposure` and `camera.under_exposure`;
    only the values under them mean anything.
    """
    height, width = encoded.shape[:2]
    linear = camera.RESPONSES["sqrt"].decode(encoded)
    chw = _padded(np.concatenate([linear, over, under], axis=-1)).transpose(2, 0, 1)[None]
    feeds = {"photo": chw[:, :3], "masks": chw[:, 3:]}
    gain, correction = _session().run(["gain", "correction"], feeds)
    return _unpadded(gain, height, width), _unpadded(correction, height, width)


def preload() -> None:
    """Load the network in the background, for instance while a photo is decoded."""

    def load() -> None:
        with contextlib.suppress(ValueError, OSError):  # said when it is used
            _session()

    threading.Thread(target=load).start()


def _padded(picture: Float32[np.ndarray, "h w c"]) -> Float32[np.ndarray, "h2 w2 c"]:
    """The picture continued by reflection to multiples of the stride."""
    missing = [(0, -size % STRIDE_PX) for size in picture.shape[:2]]
    return np.pad(picture, [*missing, (0, 0)], mode="symmetric")


def _unpadded(planes: Float32[np.ndarray, "1 3 h2 w2"], height: int, width: int) -> Float32[np.ndarray, "h w 3"]:
    return planes[0, :, :height, :width].transpose(1, 2, 0)


_loading = threading.Lock()


def _session() -> Any:
    with _loading:  # whoever comes second waits for the first, instead of loading again
        return _load()


@functools.cache
def _load() -> Any:
    chosen = os.environ.get(CHOICE)
    if not chosen:
        return session(importlib.resources.files("reexposure.weights").joinpath("reexposure.onnx").read_bytes())
    data = Path(chosen).read_bytes()
    try:
        loaded = session(data)
    except Exception as error:  # ONNX Runtime's have no common ancestor of their own
        raise ValueError(f"{chosen}: no ONNX network ({one_line(error)})") from error
    if {one.name for one in loaded.get_inputs()} != {"photo", "masks"}:
        raise ValueError(f"{chosen}: not a network of `reexpose export`")
    return loaded


def session(onnx: bytes) -> Any:
    """A network in ONNX Runtime. Nothing else imports it: it is not to report to its maker.

    Some builds do that from the moment they are imported. Photos are private.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
