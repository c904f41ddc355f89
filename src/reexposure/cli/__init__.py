"""The command line: `reexpose PHOTO --ev -2`, and everything around it; one file a command."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

from reexposure.cli import compare, evaluate, export, expose, page, prepare, radiance, serve, sweep, train
from reexposure.cli.app import app
from reexposure.cli.commands import check_command
from reexposure.cli.quiet import quiet_libraries
from reexposure.errors import UsageError, one_line
from reexposure.memory import keep_little

__all__ = [
    "compare", "evaluate", "export", "expose", "main", "page", "prepare", "radiance", "serve", "sweep", "train",
]  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code: 1 for bad input, 2 for bad use.

    Errors are one line on stderr; `--debug` shows the traceback instead. SIGTERM ends it with 143,
    and files half written are removed, as after Ctrl-C.
    """
    keep_little()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's matrices here are small; threads for them only spin
    signal.signal(signal.SIGTERM, _terminated)
    debug = "--debug" in arguments
    arguments = [a for a in arguments if a != "--debug"]
    if not debug and arguments[:1] != ["train"]:  # which starts processes whose last words matter
        quiet_libraries()
    code, message = _run(arguments, debug)
    try:
        sys.stdout.flush()
    except OSError as error:
        with contextlib.suppress(OSError):  # what is left would fail once more at the end of the process
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code, message = code or 1, message or f"standard output: {(error.strerror or str(error)).lower()}"
    if message:
        print(f"reexpose: {message}", file=sys.stderr)
    return code


def _run(arguments: list[str], debug: bool) -> tuple[int, str]:
    """The exit code, and the line that says why where that is not 0."""
    try:
        check_command(arguments)
        return int(app(arguments or ["--help"]) or 0), ""
    except UsageError as error:
        return 2, one_line(error)
    except KeyboardInterrupt:
        return 130, ""
    except Exception as error:
        if debug:
            raise
        return 1, one_line(error)


def _terminated(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
