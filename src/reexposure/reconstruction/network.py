"""The released network, or one's own, run by ONNX Runtime.

A network is a folder of graphs that `reexpose export` writes: `light.onnx` for highlights, `shadows.onnx`, and
`detail.onnx`, which not every network has.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reexposure import memory
from reexposure.arrays import Float32
from reexposure.errors import NetworkError, one_line
from reexposure.light import bands
from reexposure.light.numbers import NUMBERS

CHOICE = "REEXPOSURE_NETWORK"
"""The environment variable that names an exported network to use instead of the released one."""

DEVICE = "REEXPOSURE_DEVICE"
"""The environment variable that says ``cuda`` where networks are to run on a GPU, if that can be."""

RELEASED = Path(__file__).parents[1] / "weights"

GRAPHS = {"light": ("photo", "matrix"), "shadows": ("photo",), "detail": ("photo", "gain", "noise")}
"""The files of a network, without their suffix, and what each takes."""


@dataclass(frozen=True)
class Network:
    """The graphs in a folder, each loaded when it is first used; safe to use from several threads.

    Each raises OSError if its file cannot be read, NetworkError naming it if it is no graph of a network.
    """

    folder: str
    """Where they are; of the released network, empty."""
    threads: int
    """How many work on one picture; what comes out does not depend on it."""

    def gain(
        self, photo: Float32[np.ndarray, "h w 3"], matrix: Float32[np.ndarray, "3 3"]
    ) -> Float32[np.ndarray, "h w 3"]:
        """The log2 gain of over-exposed values, in stops, >= 0, ready to be enlarged.

        ``photo`` is encoded sRGB in [0, 1]; ``matrix`` takes linear light from sRGB to the colour space of whose
        channels the gain is to speak. Far from over-exposed values it means nothing.
        """
        loaded = _graph(self.folder, "light", self.threads)
        return loaded.run(["gain"], {"photo": photo, "matrix": matrix}, _giving_back())[0]

    def cleaned(self, photo: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
        """Encoded values in [0, 1] with less noise where they are under-exposed; all others as they are."""
        # Of a large photo many parts are cleaned at a time.
        return _graph(self.folder, "shadows", 1).run(["cleaned"], {"photo": photo})[0]

    @property
    def has_detail(self) -> bool:
        """Whether there is one that draws detail."""
        return _inside(self.folder).joinpath("detail.onnx").is_file()

    @property
    def detail(self) -> float:
        """How much of it is drawn where nobody says how much."""
        return float(NUMBERS["detail"]) if self.has_detail else 0.0

    def drawn(
        self,
        photo: Float32[np.ndarray, "h w 3"],
        gain: Float32[np.ndarray, "h w 3"],
        noise: Float32[np.ndarray, "h w"],
    ) -> Float32[np.ndarray, "h w 3"]:
        """Stops to be added to ``gain`` for the eye, where all channels of ``photo`` (encoded sRGB) clipped.

        They have no mean over squares of 32 pixels. ``noise``, of mean 0 and deviation 1, decides between drawings.
        """
        given = {"photo": photo, "gain": gain, "noise": noise}
        return _graph(self.folder, "detail", self.threads).run(["drawn"], given)[0]


def open(folder: str | Path | None = None) -> Network:
    """The network in ``folder``, or else in the one that CHOICE names, or else the released one.

    As many threads work on a picture as `bands.thread_count` says now.
    """
    return Network(str(folder or os.environ.get(CHOICE) or ""), bands.thread_count())


def preload() -> None:
    """Load the network in the background, for instance while a photo is decoded."""
    chosen = open()

    def load() -> None:
        with contextlib.suppress(ValueError, OSError):  # said when it is used
            _graph(chosen.folder, "light", chosen.threads)

    threading.Thread(target=load).start()


_loading = threading.Lock()


def _graph(folder: str, name: str, threads: int) -> Any:
    with _loading:  # whoever comes second waits for the first, instead of loading again
        return _load(folder, name, threads)


@functools.lru_cache(maxsize=8)
def _load(folder: str, name: str, threads: int) -> Any:
    file = _inside(folder).joinpath(f"{name}.onnx")
    with file.open("rb"):  # ONNX Runtime's own errors do not tell what is missing from what is none
        pass
    try:
        loaded = session(file, threads)  # a file takes less memory than its bytes would
    except Exception as error:  # ONNX Runtime's have no common ancestor of their own
        raise NetworkError(f"{file}: no ONNX network ({one_line(error)})") from error
    if tuple(one.name for one in loaded.get_inputs()) != GRAPHS[name]:
        raise NetworkError(f"{file}: not a graph of `reexpose export`")
    memory.give_back()
    return loaded


def _inside(folder: str) -> Path:
    return Path(folder) if folder else RELEASED


def session(onnx: bytes | Path, threads: int = 1) -> Any:
    """A graph in ONNX Runtime, of a file or of its bytes. Nothing else imports it: it is not to report to its maker.

    Some builds do that from the moment they are imported. Photos are private.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait for work by asking for it again and again cost a third more, and are no sooner done.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = ["CPUExecutionProvider"]
    if os.environ.get(DEVICE) == "cuda" and runs_on_gpu():
        providers.insert(0, "CUDAExecutionProvider")
    return onnxruntime.InferenceSession(onnx, options, providers=providers)


def runs_on_gpu() -> bool:
    """Whether the ONNX Runtime that is installed can use a GPU of Nvidia: the package ``onnxruntime-gpu`` can."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return "CUDAExecutionProvider" in onnxruntime.get_available_providers()


def _giving_back() -> Any:
    """Options of a run after which its memory, 80 MB for a look at a photo, is for others."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options
