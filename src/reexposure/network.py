"""The released network, run by ONNX Runtime."""

from __future__ import annotations

import functools
import importlib.resources
import os
import threading
from typing import Any

import numpy as np

from reexposure import camera
from reexposure.arrays import Float32

STRIDE_PX = 32
"""Heights and widths that the network takes are multiples of this."""


def predict_gain(
    encoded: Float32[np.ndarray, "h w 3"],
    over: Float32[np.ndarray, "h w 3"],
    under: Float32[np.ndarray, "h w 3"],
) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w 3"]]:
    """The log2 gain, in stops, of over-exposed (>= 0) and under-exposed pixels of a photo in [0, 1].

    ``over`` and ``under`` are the photo's masks, `camera.over_exposure` and `camera.under_exposure`;
    only the values under them mean anything.
    """
    height, width = encoded.shape[:2]
    linear = camera.RESPONSES["sqrt"].decode(encoded)
    chw = _padded(np.concatenate([linear, over, under], axis=-1)).transpose(2, 0, 1)[None]
    feeds = {"photo": chw[:, :3], "masks": chw[:, 3:]}
    gain = _session().run(["gain"], feeds)[0][0, :, :height, :width].transpose(1, 2, 0)
    return gain[..., :3], gain[..., 3:]


def preload() -> None:
    """Load the network in the background, for instance while a photo is decoded."""
    threading.Thread(target=_session).start()


def _padded(picture: Float32[np.ndarray, "h w c"]) -> Float32[np.ndarray, "h2 w2 c"]:
    """The picture continued by reflection to multiples of the stride."""
    missing = [(0, -size % STRIDE_PX) for size in picture.shape[:2]]
    return np.pad(picture, [*missing, (0, 0)], mode="symmetric")


_loading = threading.Lock()


def _session() -> Any:
    with _loading:  # whoever comes second waits for the first, instead of loading again
        return _load()


@functools.cache
def _load() -> Any:
    return session(importlib.resources.files("reexposure.weights").joinpath("reexposure.onnx").read_bytes())


def session(onnx: bytes) -> Any:
    """A network in ONNX Runtime. Nothing else imports it: it is not to report to its maker.

    Some builds do that from the moment they are imported. Photos are private.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
