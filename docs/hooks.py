"""What the documentation site takes from elsewhere in the repository, and where links to that lead."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
ELSEWHERE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.md": "index.md",
    "integrations/comfyui/README.md": "comfyui.md",
    "src/reexposure/weights/README.md": "model-card.md",
}
"""Pages by where they stand in the repository."""
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s#]*)(#[^)\s]*)?\)")
PICTURE = re.compile(r"(!\[[^\]]*\])\((?!https?:)([^)\s]+)\)")
FILM = re.compile(r"^\[([^\]]*)\]\(([\w.-]+\.mp4)\)$", re.MULTILINE)
"""A link that stands alone: to be seen where the page is."""
LIVE = "<!-- live -->"


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that stand elsewhere."""
    for source, page in ELSEWHERE.items():
        if page != "index.md":
            files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Lead links to the page that a file became; what is no page of the site is named without a link."""
    source = next((path for path, name in ELSEWHERE.items() if name == page.file.src_uri != "index.md"), None)
    folder = posixpath.dirname(source or f"docs/{page.file.src_uri}")
    live = os.environ.get("REEXPOSURE_LIVE")
    markdown = markdown.replace(LIVE, f'<a href="{live}/">Try it in this browser</a>: no installation.' if live else "")

    def played(match: re.Match[str]) -> str:
        where = "../" * page.url.count("/") + match[2]
        film = f'<video src="{where}" autoplay loop muted playsinline controls style="max-width: 100%"></video>'
        return f"{film}\n\n{match[1]}"

    def led(match: re.Match[str]) -> str:
        text, target, anchor = match[1], match[2], match[3] or ""
        path = posixpath.normpath(posixpath.join(folder, target))
        if not (ROOT / path).exists():
            return match[0]  # which the check of links tells
        found = ELSEWHERE.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else None)
        return text if found is None or files.get_file_from_path(found) is None else f"[{text}]({found}{anchor})"

    def shown(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, match[2]))
        return f"{match[1]}({path.removeprefix('docs/')})"

    return PICTURE.sub(shown, LINK.sub(led, FILM.sub(played, markdown)))
