"""stdout is for results and stderr for what we say: libraries that print there, in any language, are not heard."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def unprinted() -> Iterator[None]:
    """What Python prints meanwhile, in any thread, goes nowhere: some libraries print whatever they are told."""
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
        yield


def quiet_libraries() -> None:
    """Keep stdout and stderr for ourselves, from now to the end of this process; before any thread is started."""
    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        try:
            shared = stream.fileno() == number
        except (AttributeError, OSError, ValueError):
            continue  # taken from the process already, by a test or an editor
        if shared:
            stream.flush()
            # Names of files are bytes: what is no text is written as it came.
            errors = "surrogateescape" if name == "stdout" else "backslashreplace"
            buffering = 1 if name == "stderr" or stream.line_buffering else -1  # 1: by the line
            setattr(sys, name, os.fdopen(os.dup(number), "w", buffering, stream.encoding, errors))
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, number)
            os.close(nothing)
