"""The head with its leave-one-out search, beside scikit-learn's LogisticRegressionCV.

    python benchmarks/head_fit.py [--rows 5000] [--embeddings FILE.npz]

Both get the same 5,000 x 1280 training rows of 20 classes and are judged by log-loss and accuracy on rows
neither has seen. headstart's figure is everything a person waits for: checking the input, factorisation,
leave-one-out for every penalty, temperature, and the arrays to save. LogisticRegressionCV runs with its
defaults (10 penalties, 5 folds, L-BFGS), scored by log-loss, on both cores.

The rows imitate pooled activations of a convolutional network: a few hundred directions of decaying size,
rectified, so that they are positive and skewed; a second set is real: handwritten digits and photographs
through efficientnet_lite0, where the file of embeddings that --embeddings names is there.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from harness import Row, show

from headstart.heads.calibration import log_loss_rows
from headstart.heads.select import fit_head


def synthetic(rows: int, width: int, classes: int, seed: int = 0):
    """Make rectified, correlated rows: about nine in ten can be told apart by a straight cut."""
    rng = np.random.default_rng(seed)
    rank = 300
    sizes = 1 / np.sqrt(1 + np.arange(rank))
    means = rng.normal(size=(classes, rank)) * sizes * 0.27
    y = np.tile(np.arange(classes), -(-rows // classes))[:rows]
    hidden = means[y] + rng.normal(size=(rows, rank)) * sizes
    mixed = hidden @ rng.normal(size=(rank, width)) / 2.5 + rng.normal(size=(rows, width)) * 0.3
    order = rng.permutation(rows)
    return np.maximum(mixed - 0.3, 0.0).astype(np.float32)[order], y[order]


def judge(proba, y):
    """Return log-loss and accuracy."""
    return float(log_loss_rows(proba, y).mean()), float((proba.argmax(axis=1) == y).mean())


def ours(train, y, test):
    start = time.perf_counter()
    fitted = fit_head({"embedding": train}, y)
    fitted.arrays()
    seconds = time.perf_counter() - start
    return seconds, fitted.predict_proba({"embedding": test}), fitted.meta()["head"]


def theirs(train, y, test):
    from sklearn.linear_model import LogisticRegressionCV

    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegressionCV(scoring="neg_log_loss", n_jobs=2).fit(train, y)
    return time.perf_counter() - start, model.predict_proba(test), "LogisticRegressionCV"


def compare(name, rows, y, n_train):
    train, test = rows[:n_train], rows[n_train:]
    result = {"data": name, "train": list(train.shape), "classes": int(y.max()) + 1}
    ours(train[: n_train // 4], y[: n_train // 4], test)  # threads and imports are warm for both
    for key, run in (("headstart", ours), ("sklearn", theirs)):
        seconds, proba, head = run(train, y[:n_train], test)
        loss, accuracy = judge(proba, y[n_train:])
        result[key] = {"seconds": seconds, "log_loss": loss, "accuracy": accuracy, "head": head}
        print(name, key, result[key], file=sys.stderr)
    result["times_faster"] = result["sklearn"]["seconds"] / result["headstart"]["seconds"]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--embeddings", help="an .npz with X (n, d) and y (n,)")
    options = parser.parse_args()
    rows, y = synthetic(options.rows + 5000, 1280, 20)
    results = [compare("synthetic", rows, y, options.rows)]
    if options.embeddings:
        with np.load(options.embeddings, allow_pickle=False) as saved:
            rows, y = saved["X"].astype(np.float32), saved["y"]
        order = np.random.default_rng(0).permutation(len(y))
        results.append(compare(Path(options.embeddings).stem, rows[order], y[order], int(0.7 * len(y))))
    print(json.dumps(results, indent=1))
    show("head_fit", [_row(r) for r in results], ours_is="faster", unit="s", extra={"results": results})


def _row(result) -> Row:
    rows, width = result["train"]
    ours, theirs = (f"(log-loss {_short(result[key]['log_loss'])})" for key in ("headstart", "sklearn"))
    name = f"head with its leave-one-out search, {rows:,} x {width:,}, {result['classes']} classes"
    return Row(
        f"{name}, {result['data']} {ours}",
        result["headstart"]["seconds"],
        f"`LogisticRegressionCV` {theirs}",
        result["sklearn"]["seconds"],
    )


def _short(loss: float) -> str:
    return f"{loss:.3f}".removeprefix("0")


if __name__ == "__main__":
    main()
