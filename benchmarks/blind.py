"""Two networks, and nobody knows which is which: pairs of pictures to look at, and a count of what was preferred.

python benchmarks/blind.py OUT PHOTO... --networks NAME=FOLDER NAME=FOLDER --seed SEED
python benchmarks/blind.py OUT

The first writes OUT/01.png and so on, a pair of each photo, A above B, as `before_after.py` shows them (NAME= alone:
the released network). A coin of SEED throws which photo comes when, and which network is A. Behind each number in
OUT/answers.csv write A, B, or = where neither is better; the second command then counts. Only OUT/key.csv says what
is what.
"""

import argparse
import csv
import random
import sys
from collections import Counter
from collections.abc import Sequence
from math import comb
from pathlib import Path

from before_after import CLOSE_PX, PAPER, by_networks, sheet
from PIL import Image, ImageDraw, ImageFont

from reexposure import fonts

LETTERS, NEITHER = ("A", "B"), "="
LETTER_PX = 40


def lettered(pair: Image.Image) -> Image.Image:
    """The pair with its letters on the left."""
    page = Image.new("RGB", (pair.width + LETTER_PX, pair.height), PAPER)
    page.paste(pair, (LETTER_PX, 0))
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(fonts.SEMIBOLD), LETTER_PX // 2)
    for row, letter in enumerate(LETTERS):
        draw.text((LETTER_PX / 2, (row + 0.5) * CLOSE_PX), letter, "white", font, anchor="mm")
    return page


def deal(out: Path, photos: Sequence[Path], networks: Sequence[str], seed: int) -> None:
    """Write the pairs, the key, and the file for answers."""
    coin = random.Random(seed)
    dealt, key = list(photos), []
    coin.shuffle(dealt)
    for number, (path, _, made) in enumerate(by_networks(dealt, networks), 1):
        names = list(made)
        coin.shuffle(names)
        key.append([f"{number:02}", path.stem, *names])
        lettered(sheet([made[name] for name in names])).save(out / f"{number:02}.png")
    write(out / "key.csv", ["pair", "photo", *LETTERS], key)
    write(out / "answers.csv", ["pair", "answer"], [[row[0], ""] for row in key])


def write(path: Path, head: list[str], rows: list[list[str]]) -> None:
    """Write a table."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def read(path: Path) -> list[dict[str, str]]:
    """Read one."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def count(key: list[dict[str, str]], answers: list[dict[str, str]]) -> str:
    """What was preferred how often, and how likely it is to be so far from even by chance (sign test, both sides).

    Raises ValueError where an answer is missing, or is none.
    """
    said = {row["pair"]: (row["answer"] or "").strip().upper() for row in answers}
    if open_ := [row["pair"] for row in key if said.get(row["pair"]) not in (*LETTERS, NEITHER)]:
        raise ValueError(f"no answer (A, B or =) for {', '.join(open_)}")
    names = sorted(key[0][letter] for letter in LETTERS)
    found = Counter(row.get(said[row["pair"]], NEITHER) for row in key)
    less, more = sorted(found[name] for name in names)
    chance = min(1.0, 2 * sum(comb(less + more, k) for k in range(less + 1)) / 2 ** (less + more))
    told = ", ".join(f"{name} {found[name]}" for name in names)
    return f"{told}, neither {found[NEITHER]}, of {len(key)} pairs; as uneven by chance: {chance:.2g}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--networks", nargs=2, metavar="NAME=FOLDER")
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    answers = arguments.out / "answers.csv"
    if not arguments.photos:
        try:
            print(count(read(arguments.out / "key.csv"), read(answers)))
        except (OSError, ValueError) as error:
            sys.exit(f"{answers}: {error}" if isinstance(error, ValueError) else str(error))
        return
    if not arguments.networks or arguments.seed is None:
        parser.error("to make pairs, --networks and --seed are needed")
    if answers.exists():
        parser.error(f"{answers} exists: somebody may have answered; take another folder")
    arguments.out.mkdir(parents=True, exist_ok=True)
    deal(arguments.out, arguments.photos, arguments.networks, arguments.seed)


if __name__ == "__main__":
    main()
