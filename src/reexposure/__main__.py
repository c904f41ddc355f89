"""Entry point of `reexpose` and of `python -m reexposure`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; `--version` answers before anything slow is imported."""
    if sys.argv[1:] == ["--version"]:
        from reexposure import __version__

        print(__version__)
        return 0
    try:
        from reexposure.cli import main as run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    if not sys.flags.safe_path:  # `python -m` looks for modules in the current folder first, whatever lies there
        del sys.path[0]
    sys.exit(main())
