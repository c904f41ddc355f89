"""What has to be true before a release, as far as a machine can tell; RELEASING.md is the list.

usage: release.py        (builds into out/release; says all that is wrong, not only the first)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
OUT = ROOT / "out" / "release"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MAX_WHEEL_BYTES = 30_000_000
MAX_INSTALLED_BYTES = 240_000_000
LICENCES = {
    "reexposure/fonts/": "OFL.txt",
    "reexposure/page/runtime/": "onnxruntime-web.LICENSE.txt",
    "reexposure/weights/": "LICENSE",
    "reexposure/": "LICENSE",
}
"""Under which of the wheel's licence files what lies where is published."""

DAY = re.compile(r"\d{4}-\d\d-\d\d")

problems: list[str] = []
left: list[str] = []
"""What is done on the day itself."""


def wrong(what: str) -> None:
    problems.append(what)
    print(f"WRONG: {what}")


def run(*command: object, cwd: Path = ROOT) -> bool:
    """Run a command; what it says is shown if it fails."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=alone, capture_output=True, check=False, text=True
    )
    if done.returncode:
        wrong(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def check_version() -> None:
    """The first heading of the changelog is this version, with its day or still without."""
    ours = re.search(r'^__version__ = "(.+)"', (ROOT / "src/reexposure/__init__.py").read_text("utf-8"), re.M)
    told = re.search(r"^## (\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert ours
    if told is None or told[1] != ours[1]:
        wrong(f"CHANGELOG.md begins with {told and told[1]}, the version is {ours[1]}")
    elif told[2] == "unreleased":
        left.append(f"CHANGELOG.md: the day of {told[1]} takes the place of (unreleased)")
    elif not DAY.fullmatch(told[2]):
        wrong(f"CHANGELOG.md: {told[1]} has no day but ({told[2]})")
    print(f"version {ours[1]}")


def build() -> Path | None:
    """The wheel, made once, from the source distribution as pip would."""
    shutil.rmtree(OUT, ignore_errors=True)
    if not run(sys.executable, "-m", "build", "--outdir", OUT):
        return None
    run(sys.executable, "-m", "twine", "check", "--strict", *OUT.iterdir())
    (wheel,) = OUT.glob("*.whl")
    for file in OUT.iterdir():
        print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    if wheel.stat().st_size > MAX_WHEEL_BYTES:
        wrong(f"{wheel.name}: more than {MAX_WHEEL_BYTES / 1e6:g} MB")
    return wheel


def check_licences(wheel: Path) -> None:
    """Each licence file is in the wheel; prints what is under which."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    texts = [name for name in names if ".dist-info/licenses/" in name]
    for place, licence in LICENCES.items():
        inside = [name for name in names if name.startswith(place)]
        longer = [other for other in LICENCES if other.startswith(place) and other != place]
        count = sum(not name.startswith(tuple(longer)) if longer else True for name in inside)
        print(f"{place}: {count} files under {licence}")
        if not inside or not any(name.endswith(f"/{licence}") for name in texts):
            wrong(f"{wheel.name}: {licence} of {place} is missing")


def check_python(version: str, wheel: Path) -> bool:
    """The wheel in an empty environment of one Python; False if there is none of that version."""
    python = _python(version)
    if python is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        scripts = place / "empty" / ("Scripts" if os.name == "nt" else "bin")
        photo = ROOT / "examples" / "sunset.jpg"
        (
            run(python, "-m", "venv", place / "empty")
            and run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, cwd=place)
            and run(scripts / "reexpose", photo, "--ev", "-2", "-o", "dark.jpg", cwd=place)
            and run(scripts / "reexpose", "radiance", photo, "-o", "light.exr", cwd=place)
            and run(scripts / "reexpose", "light.exr", "--ev", "-1", "-o", "dark.tif", cwd=place)
            and run(scripts / "reexpose", "page", "-o", "site", cwd=place)
            and run(scripts / "python", "-c", "import reexposure as rx; rx.reconstruct('dark.jpg')", cwd=place)
            and run(scripts / "python", "-c", "import reexposure.server.app", cwd=place)
            and run(scripts / "python", "-m", "pip", "check", cwd=place)
        )
        (packages,) = {path.resolve() for path in place.glob("empty/[lL]ib*/**/site-packages")}  # lib64 leads to lib
        ours = [path for path in packages.rglob("*") if not path.is_symlink()]
        tools = ("pip", "setuptools", "pkg_resources")
        size = sum(p.stat().st_size for p in ours if p.is_file() and not _belongs_to(p, tools))
        print(f"Python {version}: installed, {size / 1e6:.0f} MB")
        if size > MAX_INSTALLED_BYTES:
            wrong(f"Python {version}: an install takes {size / 1e6:.0f} MB, more than {MAX_INSTALLED_BYTES / 1e6:g}")
    return True


def _python(version: str) -> str | None:
    """An interpreter of this version that starts: on the PATH, or one of those that pyenv keeps."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for found in filter(None, (shutil.which(f"python{version}"), *map(str, kept))):
        if subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return found
    return None


def _belongs_to(path: Path, packages: tuple[str, ...]) -> bool:
    parts = path.parts[path.parts.index("site-packages") + 1 :]
    return parts[0].startswith(packages)


def main() -> int:
    check_version()
    wheel = build()
    if wheel:
        check_licences(wheel)
        missing = [version for version in PYTHONS if not check_python(version, wheel)]
        if missing:
            print(f"not tried, as this machine has none: Python {', '.join(missing)}")
        if len(missing) == len(PYTHONS):
            wrong("no Python to try the wheel with")
    for one in left:
        print(f"LEFT TO DO: {one}")
    print(f"{len(problems)} things are wrong" if problems else f"ready{' but for that' if left else ''}: {OUT}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
