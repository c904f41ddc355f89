"""Photographs to train on and photographs to choose by, which share no source.

python benchmarks/set_aside.py PHOTOS BURNT OUT --sources SOURCES.csv... --lamps recipes/lamps.txt

Makes OUT/photos, OUT/burnt and OUT/lamps, links to what may be trained on, and OUT/chosen, links to some 60 of PHOTOS
whose sources (column `source` of the lists, a repository each) are in none of them. Sources are taken in the order of a
hash of their name until there are enough; a source with more than a twentieth of all photographs is never taken.
"""

import argparse
import csv
import zlib
from collections import Counter
from pathlib import Path

ENOUGH = 60


def aside(sources: dict[str, str], enough: int = ENOUGH) -> set[str]:
    """The sources to set aside, out of the source of each photograph by its name."""
    sizes, chosen = Counter(sources.values()), set[str]()
    for source in sorted(sizes, key=lambda name: zlib.crc32(name.encode())):
        if sum(sizes[one] for one in chosen) >= enough:
            break
        if sizes[source] <= len(sources) / 20:
            chosen.add(source)
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs=3, type=Path)
    parser.add_argument("--sources", nargs="+", type=Path, required=True)
    parser.add_argument("--lamps", type=Path, required=True, help="names of those in BURNT whose burnt part shines")
    arguments = parser.parse_args()
    photos, burnt, out = arguments.folders
    listed = [row for file in arguments.sources for row in csv.DictReader(file.open(newline=""))]
    source = {row["name"]: row["source"] for row in listed}
    of_photos = {path.name: source[path.name] for path in photos.iterdir() if path.name in source}
    kept, lamps = aside(of_photos), set(arguments.lamps.read_text().splitlines())
    for folder, name in ((photos, "photos"), (burnt, "burnt")):
        for path in sorted(folder.iterdir()):
            if path.name not in source:
                continue
            held = source[path.name] in kept
            if held and name == "burnt":
                continue
            where = "chosen" if held else "lamps" if path.stem in lamps else name
            link = out / where / path.name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(path.resolve())
    for name in ("photos", "burnt", "lamps", "chosen"):
        print(f"{name}: {len(list((out / name).iterdir()))}")
    print("set aside:", ", ".join(sorted(kept)))


if __name__ == "__main__":
    main()
