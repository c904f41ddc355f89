"""A server in a process of its own, and a browser to look at it, for tests."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SOFTWARE = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
TRUE_COLOUR = "--force-color-profile=srgb"


PATIENCE_S = 300  # for what a busy machine does late; what works never waits that long
PATIENCE_MS = 1000 * PATIENCE_S


def wait_until(true, what):
    """Wait until ``true()`` is; fail with ``what`` that never was."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


@contextmanager
def running(*command, says, **environment):
    """A process, once it has said a line that matches ``says``; yields the process and the match's first group."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, *command], **pipes, env=os.environ | environment)
    try:
        line = process.stdout.readline()
        yield process, re.search(says, line).group(1)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


@contextmanager
def served(*photos, folder=None, cache=None):
    """`reexpose serve`, with a ``folder`` for temporary files and a ``cache`` of its own; yields process and address.

    The address is without the slash at its end.
    """
    for place in filter(None, (folder, cache)):
        Path(place).mkdir(exist_ok=True)
    if folder is None or cache is None:
        with (
            tempfile.TemporaryDirectory() as made,
            served(*photos, folder=folder or made, cache=cache or made) as started,
        ):
            yield started
        return
    command = ("-m", "reexposure", "serve", *photos, "--port", "0", "--no-browser")
    with running(*command, says=r"(http://[\d.:]+/[\w-]+)/ ", TMPDIR=str(folder), XDG_CACHE_HOME=str(cache)) as started:
        yield started


@contextmanager
def browser():
    """Debian's or anybody's Chromium with software rendering; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on the PATH, and CHROMIUM is not set")
    with playwright.sync_playwright() as run:
        chromium = run.chromium.launch(executable_path=found, args=[*SOFTWARE, TRUE_COLOUR], timeout=PATIENCE_MS)
        yield chromium
        chromium.close()


def until(page, expression):
    """Wait until JavaScript's ``expression`` is true. Playwright's own way needs what the page's policy forbids."""
    end = time.monotonic() + PATIENCE_S
    while not page.evaluate(f"() => Boolean({expression})"):
        assert time.monotonic() < end, f"never: {expression}"
        page.wait_for_timeout(20)


def opened(page, address):
    """The page at ``address``; ``page.errors`` are its scripts' errors and what it asked of anybody else."""
    page.errors = []
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    own = (address.split("?")[0], "blob:", "data:")
    page.on("request", lambda request: request.url.startswith(own) or page.errors.append(request.url))
    page.goto(address if "?" in address else f"{address}/")
    until(page, "'ready' in document.documentElement.dataset")
    return page


def saved(page, format, folder):
    """The file, in ``folder``, that the page writes when asked for ``format``."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("s")
    page.check(f"#formats [value={format}]", force=True)
    with page.expect_download() as download:
        page.click("#save-one")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
