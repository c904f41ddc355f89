"""Words that are no command and no file: what was meant by them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from reexposure.cli.app import app
from reexposure.errors import UsageError


def check_command(arguments: Sequence[str]) -> None:
    """Raise UsageError where the first word is neither a command nor a file, with the command that is like it."""
    word = arguments[0] if arguments else "-"
    commands = list(app)
    if word.startswith("-") or word in commands or os.path.lexists(word):
        return
    import difflib

    alike = difflib.get_close_matches(word.lower(), commands, 1)
    if alike and not os.path.dirname(word):
        raise UsageError(f'{word}: no such command or file; did you mean "reexpose {alike[0]}"?')
