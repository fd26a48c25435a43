"""Check what ``pip install .`` brought: run by the plain venv's own Python, on real data.

No torch, about 500 MB as the README says; training, predicting and evaluating work for every kind of data.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from importlib.metadata import distributions
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
CACHE = REPO / ".cache"
LIMIT_MB = 550  # releases of what we build on come and go: 500 MB on the day this was written
UNWANTED = {"torch", "torchvision", "tensorflow", "jax", "transformers", "timm", "pandas"}
TASKS = {
    "image": ["image/stamp_photos"],
    "text": ["text/news_topic.csv", "--input-column", "text", "--label-column", "label"],
    "audio": ["audio/spoken_commands"],
}


def headstart(*arguments: str) -> str:
    program = Path(sys.executable).parent / "headstart"
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"headstart {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    names = {d.metadata["Name"].lower() for d in distributions()}
    if names & UNWANTED:
        sys.exit(f"A plain install brought {sorted(names & UNWANTED)}.")
    site = Path(sysconfig.get_path("purelib"))
    venv_mb = (
        sum(f.stat().st_size for f in Path(sys.prefix).rglob("*") if f.is_file() and not f.is_symlink()) / 1e6
    )
    print(f"plain install: {len(names)} packages, {venv_mb:.0f} MB in the venv ({site})")
    if venv_mb > LIMIT_MB:
        sys.exit(f"A plain install is larger than {LIMIT_MB} MB.")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HEADSTART_CACHE": f"{folder}/cache", "HEADSTART_OFFLINE": "1"}
        Path(folder, "cache").mkdir()
        Path(folder, "cache", "bases").symlink_to(CACHE / "headstart" / "bases")
        for kind, (path, *options) in TASKS.items():
            data, model = CACHE / "data" / path, Path(folder, kind)
            report = json.loads(headstart("train", str(data), "-o", str(model), "--json", *options))
            inputs = (
                ["A new film opens in cinemas this week"]
                if kind == "text"
                else [str(next(data.rglob("*_0000.*")))]
            )
            predicted = json.loads(headstart("predict", str(model), *inputs, "--json"))
            accuracy = report["accuracy"]
            print(
                f"{kind}: {report['used']} examples, base {report['base']},"
                f" accuracy {accuracy['estimate']:.3f}"
                f" [{accuracy['low']:.3f}, {accuracy['high']:.3f}], {report['seconds']['total']:.1f} s;"
                f" {predicted[0]['label']} {predicted[0]['probability']:.2f}"
            )


if __name__ == "__main__":
    main()
