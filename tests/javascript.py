"""The page's plain modules in Node.js, without a browser: one process, asked again and again."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

TYPES = {
    np.dtype(np.uint8): "Uint8Array", np.dtype(np.uint16): "Uint16Array", np.dtype(np.float16): "Uint16Array",
    np.dtype(np.int32): "Int32Array", np.dtype(np.float32): "Float32Array", np.dtype(np.float64): "Float64Array",
}  # fmt: skip
KINDS = {name: kind for kind, name in TYPES.items() if kind != np.float16} | {"Uint8ClampedArray": np.dtype(np.uint8)}


class File(bytes):
    """Bytes that the page gets as a file that was picked."""


class JavaScriptError(Exception):
    """What the page would have said."""


class Modules:
    """The page's modules. They take numbers, text, bytes, numpy arrays (flat there), lists and dictionaries."""

    def __init__(self) -> None:
        node = shutil.which("node")
        if node is None:
            pytest.skip("no Node.js on the PATH")
        command = [node, Path(__file__).with_name("drift.mjs")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(20)

    def call(self, module, name, *arguments, each=False, made=None):
        """What a function comes to, or a constant is. Bytes come back as bytes, arrays flat."""
        ask = {"module": module, "name": name, "args": _packed(arguments), "each": each, "made": _packed(made)}
        self.process.stdin.write(json.dumps(ask) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise JavaScriptError(answer["error"])
        return _unpacked(answer["result"])

    def each(self, module, name, *arguments, made=None):
        """A function of numbers, called for each place of the arrays among its arguments.

        ``made``: the arguments of a function that makes it.
        """
        return self.call(module, name, *arguments, each=True, made=made)


def _packed(value):
    if isinstance(value, bytes):
        return {"array": "Blob" if isinstance(value, File) else "Uint8Array", "bytes": base64.b64encode(value).decode()}
    if isinstance(value, np.ndarray):
        return {"array": TYPES[value.dtype], "bytes": base64.b64encode(value.tobytes()).decode()}
    if isinstance(value, dict):
        return {key: _packed(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_packed(one) for one in value]
    return value


def _unpacked(value):
    if isinstance(value, list):
        return [_unpacked(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "array" not in value:
        return {key: _unpacked(one) for key, one in value.items()}
    data = base64.b64decode(value["bytes"])
    return data if value["array"] == "Uint8Array" else np.frombuffer(data, KINDS[value["array"]])
