"""The command line: `reexpose PHOTO --ev -2`, and everything around it; one file a command."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from cyclopts import CycloptsError

from reexposure.cli import compare, evaluate, export, expose, page, prepare, radiance, serve, sweep, train
from reexposure.cli.app import app
from reexposure.errors import UsageError, one_line

__all__ = ["compare", "evaluate", "export", "expose", "main", "page", "prepare", "radiance", "serve", "sweep", "train"]


def main(arguments: list[str]) -> int:
    """Run the command line and return its exit code: 1 for bad input, 2 for bad use.

    Errors are one line on stderr; `--debug` shows the traceback instead. SIGTERM ends it with 143,
    and files half written are removed, as after Ctrl-C.
    """
    signal.signal(signal.SIGTERM, _terminated)
    debug = "--debug" in arguments
    try:
        return int(app([a for a in arguments if a != "--debug"] or ["--help"]) or 0)
    except (UsageError, CycloptsError) as error:
        code, message = 2, one_line(error)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if debug:
            raise
        code, message = 1, one_line(error)
    print(f"reexpose: {message}", file=sys.stderr)
    return code


def _terminated(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
