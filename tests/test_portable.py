"""It runs where POSIX's own modules and calls do not exist, as on Windows: here they are taken away first."""

import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT, SUNSET
from PIL import Image

WITHOUT = """
import sys
if any(name == "reexposure" or name.startswith("reexposure.") for name in sys.modules):
    raise SystemExit("too late")
# Python's own library, and others, may use on each system what that has.
import asyncio, concurrent.futures, ctypes.util, multiprocessing.connection, shutil, socket, subprocess, tempfile, uuid
import webbrowser, numpy, onnxruntime, uvicorn
import os
for name in ("fcntl", "resource", "pwd", "grp", "termios", "syslog"):
    sys.modules[name] = None
for name in ("fork", "forkpty", "getuid", "geteuid", "getpgid", "killpg", "setsid", "sysconf", "mkfifo", "chown"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC"):
    delattr(os, name)
import signal
for name in ("SIGKILL", "SIGHUP", "SIGSTOP", "SIGALRM"):
    delattr(signal, name)
"""

COMMANDS = """
from reexposure.cli import main
for command in (
    ["photo.jpg"],
    ["photo.jpg", "--ev", "-2", "-o", "out/", "--mask", "mask.png"],
    ["photo.jpg", "photo.png", "--ev", "-1,1", "-o", "many", "--memory", "1"],
    ["photo.jpg", "photo.png", "--ev", "-1,1", "-o", "many"],
    ["radiance", "photo.jpg", "-o", "light.exr"],
    ["light.exr", "--ev", "-3", "-o", "dark.png"],
    ["page", "-o", "site"],
):
    code = main([*command, "--debug"])
    if code:
        raise SystemExit(f"{command}: {code}")
"""

SERVER = """
from pathlib import Path
import shutil
from reexposure.server import app, serving, worker
from reexposure.server.store import Store
store = Store()
photo = store.add()
shutil.copy("photo.jpg", photo.file)
worker.open_photo({"photo": str(photo.file), "max_side_px": 200}, lambda said: None)
print(sorted(file.name for file in photo.folder.iterdir()))
store.close()
"""

MODULES = """
import importlib, pkgutil, reexposure
for module in pkgutil.walk_packages(reexposure.__path__, "reexposure."):
    if not module.name.startswith(("reexposure.training", "reexposure.evaluation", "reexposure.films")):
        importlib.import_module(module.name)
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a photo of two kinds, in part burnt."""
    with Image.open(SUNSET) as sunset:
        small = sunset.reduce(24)
    small.save(tmp_path / "photo.jpg", quality=95)
    small.save(tmp_path / "photo.png")
    return tmp_path


def ran(script, folder):
    code = WITHOUT + f"sys.path.insert(0, {str(ROOT / 'src')!r})\n" + script
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_photos_are_exposed_one_by_one_and_many(folder):
    ran(COMMANDS, folder)
    assert len(list((folder / "many").iterdir())) == 4
    with Image.open(folder / "out" / "photo_ev-2.jpg") as made, Image.open(folder / "photo.jpg") as photo:
        assert np.asarray(made).mean() < np.asarray(photo).mean()


@pytest.mark.slow
def test_the_server_and_its_worker_do_their_work(folder):
    assert "light" in ran(SERVER, folder)


@pytest.mark.slow
def test_every_module_can_be_imported(folder):
    ran(MODULES, folder)
