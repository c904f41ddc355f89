"""Every reader of ours under damaged input: it answers, or raises what it says it raises; nothing else.

    python tests/fuzz.py [--runs N | --seconds S] [--seed K] [READER ...]
    python tests/fuzz.py --atheris READER [libFuzzer's own arguments]     # led by coverage; pip install atheris

What was found is written to the working folder and shown by its reader's name and seed, which make it again.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

INTERESTING = (0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutated(data: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """``data`` with a few of the damages that files have: bytes changed, cut, doubled, put elsewhere."""
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 3, 8))):
        at = dice.randrange(len(out) + 1)
        length = min(dice.choice((1, 2, 4, 12, 64)), len(out))
        match dice.randrange(8):
            case 0 | 1 if out:
                out[at % len(out)] = dice.randrange(256)
            case 2 | 3:
                size = dice.choice((1, 2, 4, 8))
                number = dice.choice(INTERESTING) % (1 << 8 * size)
                out[at : at + size] = number.to_bytes(size, dice.choice(("big", "little")))
            case 4:
                del out[at : at + length]
            case 5:
                out[at:at] = out[at : at + length] * dice.choice((1, 2, 20))
            case 6:
                other = dice.choice(others)
                start = dice.randrange(len(other) + 1)
                out[at : at + length] = other[start : start + dice.choice((4, 16, 64))]
            case 7 if dice.random() < 0.3:
                del out[at:]
    return bytes(out)


def cases(name: str, seed: int):
    """Damaged inputs without end, the same for the same seed, each with its number."""
    from readers_of_ours import seeds

    originals = seeds(name)
    for number in itertools.count():
        dice = random.Random(f"{name} {seed} {number}")
        yield number, mutated(dice.choice(originals), originals, dice)


def run(name: str, seed: int, runs: int | None, seconds: float | None) -> tuple[int, list[str]]:
    """How many inputs a reader got, and what went wrong."""
    from readers_of_ours import READERS

    read, wrong, end, number = READERS[name], [], time.monotonic() + (seconds or 1e9), 0
    for number, data in cases(name, seed):
        if number == runs or time.monotonic() > end or len(wrong) == 5:
            break
        try:
            read(data)
        except Exception as error:
            told = "".join(traceback.format_exception(error, limit=-3))
            Path(f"fuzz_{name}_{seed}_{number}").write_bytes(data)
            wrong.append(f"{name} --seed {seed}, input {number}: {told}")
    return number, wrong


def led_by_coverage(name: str, arguments: list[str]) -> None:
    """Atheris, from our seeds, until it finds something or is stopped."""
    import tempfile

    import atheris

    with atheris.instrument_imports(include=["reexposure"]):
        from readers_of_ours import READERS, seeds
    folder = tempfile.mkdtemp()
    for number, data in enumerate(seeds(name)):
        Path(folder, str(number)).write_bytes(data)
    atheris.Setup([sys.argv[0], *arguments, folder], READERS[name])
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", action="store_true")
    told, more = parser.parse_known_args()
    if told.atheris:
        led_by_coverage(told.readers[0], more)
        return 0
    from readers_of_ours import READERS

    found = []
    for seed in itertools.count(told.seed) if told.seconds is None and told.runs is None else [told.seed]:
        for name in told.readers or READERS:
            limit = told.runs or (None if told.seconds else 5000)
            count, wrong = run(name, seed, limit, told.seconds)
            print(f"{name}: seed {seed}, {count} inputs, {len(wrong)} wrong", flush=True)
            print("".join(wrong), end="", file=sys.stderr)
            found += wrong
        if found:
            break
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
