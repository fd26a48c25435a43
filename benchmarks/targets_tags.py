"""Tags beside scikit-learn's one-vs-rest logistic regression, on the same embeddings and held-out examples.

    python benchmarks/targets_tags.py FOLDER [packages|stamps]

Both sets come with Debian: descriptions of packages with the tags that debtags gave them (from the index that
apt has), and the stamps of tuxpaint-stamps-default with the names of the folders that they lie in (downloaded
with apt and unpacked in FOLDER). Two thirds are learned from, the rest is asked; packages of one source, and
stamps of one name, are never split. Seconds are those of one processor.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.model_selection import GroupShuffleSplit
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import headstart as hs
from headstart.evaluation.tag_comparison import compare_tags
from headstart.evaluation.tags import evaluate_tags
from headstart.heads.tags.fitting import fit_tags

PACKAGES = 3000
STAMPS = "tuxpaint-stamps-default"


@dataclass
class Tagged:
    """Embedded examples with ``(n, T)`` tags and ``(n,)`` groups."""

    rows: np.ndarray
    y: np.ndarray
    groups: np.ndarray
    names: list[str]


def packages(_: Path) -> Tagged:
    """Return descriptions of packages; tags of 30 packages or more."""
    found = sorted(_described())
    random.Random(0).shuffle(found)
    found = found[:PACKAGES]
    texts = [f"{name}: {text}" for name, _, text, _ in found]
    return _tagged(
        hs.Encoder("minilm_l6").transform(texts), [one[3] for one in found], [one[1] for one in found], 30
    )


def _described() -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield name, source, short description and tags of packages with 4 tags or more."""
    index = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, check=True).stdout
    for entry in index.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Source|Tag|Description): (.*(?:\n .*)*)", entry, re.MULTILINE))
        tags = sorted(set(re.findall(r"[\w:+.-]+::[\w:+.-]+", fields.get("Tag", ""))))
        if len(tags) >= 4 and fields.get("Description"):
            source = fields.get("Source", fields["Package"]).split()[0]
            yield fields["Package"], source, fields["Description"], tags


def stamps(folder: Path) -> Tagged:
    """Return pictures of stamps; folders with 10 of them or more."""
    root = folder / STAMPS / "usr/share/tuxpaint/stamps"
    if not root.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", STAMPS], cwd=folder, check=True)
        package = next(folder.glob(f"{STAMPS}_*.deb"))
        subprocess.run(["dpkg", "-x", package, folder / STAMPS], check=True)
    files = sorted(root.rglob("*.png"))
    names = [re.sub(r"[-_]?\d+$", "", file.stem) for file in files]
    tags = [list(file.relative_to(root).parts[:-1]) for file in files]
    return _tagged(hs.Encoder("efficientnet_lite0").transform([str(file) for file in files]), tags, names, 10)


def _tagged(rows: np.ndarray, tags: list[list[str]], groups: list[str], least: int) -> Tagged:
    counts = Counter(tag for some in tags for tag in set(some))
    names = sorted(tag for tag, count in counts.items() if count >= least)
    y = np.array([[tag in some for tag in names] for some in tags], dtype=float)
    return Tagged(rows, y, np.unique(groups, return_inverse=True)[1], names)


def rival(make: Callable[[], LogisticRegression]) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Return what fits one logistic regression a tag, and says a tag from a probability of one half on."""

    def run(rows, y, groups, new):
        model = OneVsRestClassifier(make_pipeline(StandardScaler(), make()))
        model.fit(rows, y)
        proba = model.predict_proba(new)
        return proba, proba >= 0.5

    return run


def ours(rows, y, groups, new):
    """Fit everything that `fit_tags` fits: penalties, scales, thresholds, what is told of them."""
    head = fit_tags({"embedding": rows}, y, groups).head
    proba = head.probabilities({"embedding": new})
    return proba, head.tags(proba)


WAYS = {
    "headstart": ours,
    "LogisticRegression": rival(lambda: LogisticRegression(max_iter=1000)),
    "LogisticRegressionCV": rival(
        lambda: LogisticRegressionCV(
            cv=5, max_iter=1000, scoring="neg_log_loss", use_legacy_attributes=False, l1_ratios=(0,)
        )
    ),
}


def main(folder: Path, which: str) -> None:
    data = {"packages": packages, "stamps": stamps}[which](folder)
    train, test = next(
        GroupShuffleSplit(1, test_size=1 / 3, random_state=0).split(data.rows, groups=data.groups)
    )
    print(f"{which}: {len(train)} to learn from, {len(test)} asked, {len(data.names)} tags")
    print("| | log-loss | mean average precision | ranking | F1, all | F1, mean | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    said = {}
    for name, way in WAYS.items():
        started = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            proba, said[name] = way(data.rows[train], data.y[train], data.groups[train], data.rows[test])
        seconds = time.process_time() - started
        found = evaluate_tags(proba, said[name], data.y[test], data.groups[test], data.names, fresh=True)
        averaged = [
            score.average_precision.estimate
            for score in found.per_tag.values()
            if score.average_precision.estimate
        ]
        print(
            f"| {name} | {found.log_loss:.4f} | {np.mean(averaged):.3f} | {found.ranking.estimate:.3f}"
            f" | {found.micro_f1.estimate:.3f} | {found.macro_f1.estimate:.3f} | {seconds:.1f} |",
            flush=True,
        )
    base = found.guessing
    print(f"| the commonest tags | {base.log_loss:.4f} | | {base.ranking:.3f} | {base.micro_f1:.3f} | | |")
    for name in list(WAYS)[1:]:
        gap = compare_tags(said["headstart"], said[name], data.y[test], data.groups[test])
        print(f"F1 of all tags, headstart less {name}: {gap.estimate:.3f} ({gap.low:.3f} to {gap.high:.3f})")


if __name__ == "__main__":
    for name in sys.argv[2:] or ["packages", "stamps"]:
        main(Path(sys.argv[1]), name)
