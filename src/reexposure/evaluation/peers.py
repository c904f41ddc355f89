"""Other people's reconstructions, run as commands that read a photo and write light."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reexposure.arrays import Float32
from reexposure.errors import one_line
from reexposure.evaluation.methods import Given
from reexposure.radiance import with_openimageio

BRIGHTEST = 65504.0
"""The largest half float, which stands for infinite light."""


class Failure(Exception):
    """A reconstruction that there is not; its text says why, in a line."""


@dataclass(frozen=True)
class Peer:
    """A command with ``{photo}`` (a JPEG to read) and ``{out}`` (where to write, with or without a suffix).

    It writes linear light of the photo's size, of any scale, as .exr, .hdr, .tif or .npy.
    """

    name: str
    command: str
    timeout_s: float = 300.0

    def reconstruct(self, photo: Given) -> Float32[np.ndarray, "h w 3"]:
        """Linear light of the photo. Raises Failure if the command fails, hangs or writes none."""
        with tempfile.TemporaryDirectory(prefix="reexpose-") as folder:
            out = Path(folder, "result", "light")
            out.parent.mkdir()
            command = self.command.replace("{photo}", shlex.quote(str(photo.path.resolve())))
            self._run(command.replace("{out}", shlex.quote(str(out))), Path(folder, "log"))
            # Whatever suffix it chose itself, or a folder of that name with the file inside.
            written = sorted(path for path in out.parent.rglob("*") if path.is_file() and path.stat().st_size)
            if not written:
                raise Failure(f"wrote no file at {{out}}{_last_line(Path(folder, 'log'))}")
            return _read(written[0])

    def _run(self, command: str, log: Path) -> None:
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, shell=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
            try:
                code = process.wait(self.timeout_s)
            except subprocess.TimeoutExpired:
                raise Failure(f"not done after {self.timeout_s:g} s") from None
            finally:
                _end(process)
        if code:
            raise Failure(f"exit code {code}{_last_line(log)}")


def parse_peer(text: str, timeout_s: float) -> Peer:
    """A peer out of ``NAME=COMMAND``.

    >>> parse_peer("mine=run {photo} {out}.exr", 60).name
    'mine'

    Raises ValueError if a part is missing.
    """
    name, _, command = text.partition("=")
    if not name.strip() or "{photo}" not in command or "{out}" not in command:
        raise ValueError(f"{text}: not a peer; write NAME='COMMAND {{photo}} {{out}}'")
    return Peer(name.strip(), command.strip(), timeout_s)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command and what it started: ending the shell alone would leave its children running."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own
    elif process.poll() is None:
        process.kill()
    process.wait()


def _last_line(log: Path) -> str:
    """The last words of a command, as the end of a sentence."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return f": {lines[-1].strip()[:200]}" if lines else ""


def _read(path: Path) -> Float32[np.ndarray, "h w 3"]:
    """Light out of a file that a peer wrote, finite and >= 0. Raises Failure if it is none."""
    try:
        with path.open("rb") as file:
            numpy_file = file.read(6) == b"\x93NUMPY"
        light = np.load(path, allow_pickle=False) if numpy_file else with_openimageio.read(path)
    except (OSError, ValueError, EOFError) as error:
        reason = one_line(error).replace(str(path), path.name)
        raise Failure(f"wrote a file that cannot be read: {reason}") from error
    if light.ndim != 3 or light.shape[-1] < 3:
        raise Failure(f"wrote an array of shape {light.shape}, not (height, width, 3)")
    light = light[..., :3].astype(np.float32)
    if np.isnan(light).any():
        raise Failure(f"{np.isnan(light).any(-1).sum()} pixels are not a number")
    return light.clip(0, BRIGHTEST)
