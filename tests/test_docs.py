"""The documentation: its links lead somewhere, and the site is built without a warning and asks nobody for anything."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT

PAGES = sorted(
    path
    for folder in (".", "docs", "examples", "integrations", "recipes", "benchmarks", "src")
    for path in (ROOT / folder).glob("*.md" if folder == "." else "**/*.md")
)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)[^)]*\)")
SITE_PAGES = (
    "", "photos", "develop", "many", "radiance", "page", "evaluation", "training", "python", "how", "security",
    "model-card", "changelog", "reference", "programs", "api", "comfyui",
)  # fmt: skip


def test_links_between_files_lead_to_files():
    assert len(PAGES) > 12
    links = [(page, link) for page in PAGES for link in LINK.findall(page.read_text())]
    assert len(links) > 40
    assert not [f"{page}: {link}" for page, link in links if not (page.parent / unquote(link)).exists()]


class Found(HTMLParser):
    """What a page links to and loads, and the names in it that links can lead to."""

    def __init__(self, html):
        super().__init__()
        self.links, self.loads, self.names = [], [], set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        about = dict(attributes)
        self.names |= {about.get("id"), about.get("name")}
        if tag == "a" and "href" in about:
            self.links.append(about["href"])
        elif tag == "link" and about.get("rel") not in ("canonical", "prev", "next"):
            self.loads.append(about.get("href"))
        elif tag in ("script", "img", "video", "source", "iframe") and about.get("src"):
            self.loads.append(about["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("material", reason="mkdocs-material is not installed")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", folder]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "REEXPOSURE_LIVE": "live"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def resolved(page, link):
    """The file of the site that a link of a page is to."""
    path = (page.parent / unquote(urlsplit(link).path)).resolve() if urlsplit(link).path else page
    return path / "index.html" if path.is_dir() else path


@pytest.mark.heavy
def test_the_site_is_whole_and_asks_nobody(site):
    for name in SITE_PAGES:
        assert (site / name / "index.html").is_file(), name
    pages = {path: Found(path.read_text()) for path in site.rglob("*.html") if path.name != "404.html"}
    wrong = []
    for path, found in pages.items():
        wrong += [
            f"{path}: loads {one}" for one in found.loads if urlsplit(one).scheme or not resolved(path, one).is_file()
        ]
        for link in found.links:
            if urlsplit(link).scheme in ("http", "https", "mailto") or link == "live/":
                continue
            target = resolved(path, link)
            name = urlsplit(link).fragment
            if not target.is_file() or (name and target in pages and unquote(name) not in pages[target].names):
                wrong.append(f"{path}: {link}")
    assert not wrong
    assert "live/" in pages[site / "index.html"].links
    styles = "".join(path.read_text() for path in Path(site).rglob("*.css"))
    assert not re.findall(r"url\(['\"]?(https?:)?//", styles)


@pytest.mark.heavy
def test_every_public_name_is_in_the_reference(site):
    import reexposure as rx

    told = (site / "reference" / "index.html").read_text()
    assert not [name for name in rx.__all__ if name != "__version__" and f"{name}" not in told]
    assert "finite and >= 0" in told.replace("&gt;", ">")  # docstrings, not only names
