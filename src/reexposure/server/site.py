"""The page as a static site: the same files, and a network that runs in the visitor's browser."""

from __future__ import annotations

import importlib.resources
import lzma
from pathlib import Path

from reexposure.files import written_aside
from reexposure.reconstruction import network
from reexposure.server.assets import static_files

RUNTIME = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
LICENCE = "onnxruntime-web.LICENSE.txt"

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
)


def write_site(folder: Path, runtime: Path | None = None, overwrite: bool = True) -> int:
    """Write the site to ``folder``, made if missing, and return its size in bytes.

    ``runtime`` is the ``dist`` folder of another onnxruntime-web than the one that comes with
    this package. Raises OSError naming the file that cannot be read or written, FileExistsError before
    any is written where one exists that is not to be overwritten.
    """
    files = static_files()
    files["index.html"] = _for_browsers(files["index.html"])
    for graph in network.GRAPHS:
        file = importlib.resources.files("reexposure.weights").joinpath(f"{graph}.onnx")
        if file.is_file():  # not every network draws detail
            files[f"runtime/{graph}.onnx"] = file.read_bytes()
    files[f"runtime/{LICENCE}"] = _packaged(LICENCE)
    for name in RUNTIME:
        files[f"runtime/{name}"] = _packaged(name) if runtime is None else _from_folder(runtime / name)
    if not overwrite and (existing := next((folder / name for name in files if (folder / name).exists()), None)):
        raise FileExistsError(f"{existing}: exists; --overwrite replaces it")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        with written_aside(folder / name, overwrite) as aside:
            aside.write_bytes(content)
    return sum(map(len, files.values()))


def _for_browsers(index: bytes) -> bytes:
    """The page that asks no server, and that says itself what it may load: a plain web server does not."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'.encode()
    page = index.replace(b'data-backend="server"', b'data-backend="browser"')
    return page.replace(b'<meta charset="utf-8">', b'<meta charset="utf-8">\n' + policy)


def _packaged(name: str) -> bytes:
    """A file of the runtime in this package; the large one is compressed there to a sixth."""
    folder = importlib.resources.files("reexposure.page").joinpath("runtime")
    packed = folder.joinpath(f"{name}.xz")
    return lzma.decompress(packed.read_bytes()) if packed.is_file() else folder.joinpath(name).read_bytes()


def _from_folder(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OSError(
            f"{path}: {(error.strerror or str(error)).lower()}; name the dist folder of onnxruntime-web"
        ) from error
