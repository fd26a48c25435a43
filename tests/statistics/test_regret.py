"""What is taken loses little against the head that would have been best, on scikit-learn's bundled sets."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.preprocessing import StandardScaler

from headstart.heads.calibration import log_loss_rows
from headstart.heads.select import fit_head

HEADS = ("ridge", "logistic", "lda", "prototypes")
DRAWS = 4


def draw(load, per_class, seed):
    """Take so many examples of each class, and leave at most 400 others to score on."""
    rows, y = load(return_X_y=True)
    rows = (rows if load is load_digits else StandardScaler().fit_transform(rows)).astype(np.float32)
    order = np.random.default_rng(seed).permutation(len(y))
    taken = np.concatenate([order[y[order] == label][:per_class] for label in np.unique(y)])
    rest = np.setdiff1d(order, taken)[:400]
    return rows[taken], y[taken], rows[rest], y[rest]


@pytest.mark.parametrize("per_class", [5, 10, 20])
def test_regret(per_class):
    """Of four sets the mean log-loss is near that of the best head of each draw, and below ridge's."""
    losses = {head: [] for head in ("auto", *HEADS)}
    right = {head: [] for head in ("auto", *HEADS)}
    for load in (load_breast_cancer, load_digits, load_iris, load_wine):
        for seed in range(DRAWS):
            rows, y, fresh, fresh_y = draw(load, per_class, seed)
            for head in losses:
                proba = fit_head({"embedding": rows}, y, head=head).predict_proba({"embedding": fresh})
                losses[head].append(log_loss_rows(proba, fresh_y).mean())
                right[head].append((proba.argmax(axis=1) == fresh_y).mean())
    loss = {head: float(np.mean(found)) for head, found in losses.items()}
    accuracy = {head: float(np.mean(found)) for head, found in right.items()}
    best = np.min([losses[head] for head in HEADS], axis=0).mean()
    print(
        per_class, {head: (round(loss[head], 3), round(accuracy[head], 3)) for head in loss}, round(best, 3)
    )
    assert loss["auto"] <= best + {5: 0.06, 10: 0.03, 20: 0.02}[per_class]
    assert loss["auto"] <= loss["ridge"]
    assert accuracy["auto"] >= accuracy["ridge"] - 0.002
