"""The long description of the package: README, with links and pictures that lead somewhere from anywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(!?)(\[[^\]]*\])\((?!https?:|mailto:|#)([^)\s]+)\)")


def absolute(text: str, address: str, version: str) -> str:
    """Markdown whose relative links lead to ``address``, a repository on the web, at the tag of ``version``.

    Without an address it stays as it is.

    >>> absolute("![a](docs/a.jpg) [b](docs/b.md#c) [d](#e)", "https://example.org/x", "1.0")
    '![a](https://example.org/x/raw/v1.0/docs/a.jpg) [b](https://example.org/x/blob/v1.0/docs/b.md#c) [d](#e)'
    """
    if not address:
        return text

    def led(match: re.Match[str]) -> str:
        picture, words, target = match.groups()
        return f"{picture}{words}({address.rstrip('/')}/{'raw' if picture else 'blob'}/v{version}/{target})"

    return LINK.sub(led, text)


class Readme(MetadataHookInterface):
    """Gives hatchling the README of `absolute`; the address is in pyproject.toml."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the readme."""
        root = Path(self.root)
        version = re.search(r'^__version__ = "(.+)"', (root / "src/reexposure/__init__.py").read_text("utf-8"), re.M)
        text = absolute((root / "README.md").read_text("utf-8"), self.config["address"], version[1] if version else "")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
