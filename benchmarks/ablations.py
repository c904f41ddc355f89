"""The source's ablations, and runs without a discriminator: each trained, exported and measured.

python benchmarks/ablations.py SHARDS VGG19_FILE HDR_FOLDER OUT_FOLDER [NAME...]

HDR_FOLDER holds the scenes to measure on, SHARDS others to train on. A run that was stopped goes on where it was.
Each takes 10 to 12 minutes on one CPU core (OMP_NUM_THREADS=1). Texture is that of benchmarks/texture.py.
"""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from reexposure.evaluation import metrics
from reexposure.evaluation.summary import WORSE_DB
from reexposure.reconstruction import network

RECIPE = Path(__file__).parent.parent / "recipes" / "ablations.toml"
METRICS = ("mse_lost", "error_stops", "psnr_all", "pu21_psnr")
CHANGES = {
    "as_described": [],
    "linear": ["losses.discriminator_sees=linear"],
    "after_relu": ["losses.vgg19_before_relu=false"],
    "conv2_2": ["losses.vgg19_layer=conv2_2"],
    "no_skips": ["generator.skips=false"],
    "no_discriminator": ["losses.adversarial=0"],
    "strong_discriminator": ["losses.adversarial=0.5"],
    "as_described_again": ["optimisation.seed=1"],
    "no_discriminator_again": ["optimisation.seed=1", "losses.adversarial=0"],
}


def run(*command: str | Path, **environment: str) -> str:
    """What ``python command...`` prints."""
    line = [sys.executable, *map(str, command)]
    return subprocess.run(line, env=os.environ | environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def numbers(cases: Path) -> list[str]:
    """Of a report's cases.csv: what the reconstruction gains on highlights over the plain brightness change."""
    with cases.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "highlights"]
    ours, plain = (
        {name: np.array([float(row[name]) for row in rows if row["method"] == method]) for name in METRICS}
        for method in ("faithful", "brightness change")
    )
    pooled = [metrics.psnr(float(side["mse_lost"].mean())) for side in (ours, plain)]
    return [
        f"{pooled[0] - pooled[1]:+.2f} dB",
        f"x {ours['error_stops'].mean() / plain['error_stops'].mean():.3f}",
        f"{(ours['psnr_all'] - plain['psnr_all']).mean():+.2f} dB",
        f"{(ours['pu21_psnr'] - plain['pu21_psnr']).mean():+.2f} dB",
        f"{(ours['psnr_all'] < plain['psnr_all'] - WORSE_DB).mean():.3f}",
    ]


def main() -> None:
    shards, vgg19, scenes, out = (Path(argument) for argument in sys.argv[1:5])
    for name in sys.argv[5:] or CHANGES:
        folder = out / name
        changes = [part for change in CHANGES[name] for part in ("--set", change)]
        options = ["--shards", shards, "--vgg19", vgg19, "--resume", *changes]
        run("-m", "reexposure", "train", RECIPE, "-o", folder, *options)
        exported = folder / "network"
        run("-m", "reexposure", "export", folder / "last.ckpt", "-o", exported, "--overwrite")
        chosen = {network.CHOICE: str(exported)}
        run("-m", "reexposure", "evaluate", scenes, "-o", folder / "report", "--quick", "--overwrite", **chosen)
        texture = run(Path(__file__).with_name("texture.py"), folder / "report" / "cases", **chosen)
        shares = ", ".join(line.split()[2] for line in texture.splitlines())
        print("| " + " | ".join([name, *numbers(folder / "report" / "cases.csv"), shares]) + " |", flush=True)


if __name__ == "__main__":
    main()
