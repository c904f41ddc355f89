"""What a network does for each kind of photo, by scripts of the field's own making.

python benchmarks/kinds.py NETWORK.onnx SCORE.py KIND=CASES... [--limit N] [--realism REALISM.py VGG19]

SCORE.py CASES TOOL [LIMIT] scores a tool, given as a shell template with {photo} and {out}, on a folder of cases:
photos and their true light. It prints one line of JSON, of which a row of numbers is made for each kind; NETWORK
`release` is the one that ships. REALISM.py CASES VGG19 TOOL [LIMIT] prints another.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

TOOL = "{python} -m reexposure radiance {{photo}} -o {{out}}.exr --response sqrt --detail 0"


def printed(script: Path, *arguments: str) -> dict:
    """The JSON in the last line that a script prints."""
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def row(kind: str, found: dict) -> str:
    """The network beside the plain brightness change, as a row of a table."""
    ours, plain = found["tool"], found["naive"]
    gains = [f"{ours[name] - plain[name]:+.2f}" for name in ("pooled_clip", "psnr_clip", "psnr_all", "pu21")]
    stops = f"{ours['log2_rmse_clip']:.3f}, x {ours['log2_rmse_clip'] / plain['log2_rmse_clip']:.3f}"
    return f"| {kind} | {found['cases']} | {stops} | {' | '.join(gains)} | {found['worse']:.3f} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    parser.add_argument("score", type=Path)
    parser.add_argument("kinds", nargs="+", metavar="KIND=CASES")
    parser.add_argument("--limit", type=int, help="cases of each kind, evenly spaced; default: all")
    parser.add_argument("--realism", nargs=2, metavar=("REALISM.py", "VGG19"))
    arguments = parser.parse_args()
    tool = TOOL.format(python=sys.executable)
    if arguments.network != "release":
        tool = f"REEXPOSURE_NETWORK={Path(arguments.network).resolve()} {tool}"
    limit = [str(arguments.limit)] if arguments.limit else []
    print(
        "| kind | cases | stops | pooled | clipped | whole | PU21 | worse |\n|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    for kind, cases in (one.split("=", 1) for one in arguments.kinds):
        print(row(kind, printed(arguments.score, cases, tool, *limit)), flush=True)
        if arguments.realism:
            script, vgg19 = arguments.realism
            seen = printed(Path(script), cases, vgg19, tool, *limit)["tool"]
            print(f"|   | realism | {json.dumps(seen)} |", flush=True)


if __name__ == "__main__":
    main()
