"""Intervals of numbers hold what they promise on unseen examples, and measures hold the truth: real data."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from headstart.evaluation import numbers
from headstart.evaluation.numbers import evaluate_numbers
from headstart.heads.numbers.fitting import fit_numbers
from headstart.preparing import prepare

MEASURES = ("mae", "rmse", "r2", "spearman")


def diabetes():
    rows, y = load_diabetes(return_X_y=True)
    return (rows * 20).astype(np.float32), y


def ink(data_root, bases_cache):
    """Handwritten digits through a base model, with how bright each is."""
    from PIL import Image

    import headstart
    from headstart.bases.runnable import runnable
    from headstart.execution import silent

    files = sorted((data_root / "image/handwritten_digits").glob("*/*"))
    bright = [float(np.asarray(Image.open(file).convert("L"), np.float64).mean()) for file in files]
    dataset = headstart.load([str(file) for file in files], bright, target="number")
    bases = runnable(dataset.modality, "efficientnet_lite0", silent).bases
    made = prepare(dataset, bases, use_cache=False, progress=silent)
    return made.outputs["efficientnet_lite0"]["embedding"], made.values[:, 0]


def held(rows, y, n, draws):
    """Return shares of draws in which each measure held the truth, and mean shares inside intervals."""
    inside = {0.8: [], 0.9: [], 0.95: []}
    truths = dict.fromkeys(MEASURES, 0)
    for seed in range(draws):
        order = np.random.default_rng(seed).permutation(len(y))
        train, rest = order[:n], order[n:]
        fitted = fit_numbers({"a": rows[train]}, y[train], seed=seed)
        told = evaluate_numbers(fitted.values[:, 0], y[train], inflation=float(fitted.inflation[0]))
        said = fitted.head.values({"a": rows[rest]})[:, 0]
        truth = evaluate_numbers(said, y[rest])
        for name in MEASURES:
            one, other = getattr(told, name), getattr(truth, name)
            # The rest is a sample too: its own error is added.
            below = np.hypot(one.estimate - one.low, other.high - other.estimate)
            above = np.hypot(one.high - one.estimate, other.estimate - other.low)
            truths[name] += one.estimate - below <= other.estimate <= one.estimate + above
        for confidence, shares in inside.items():
            low, high = fitted.head.intervals({"a": rows[rest]}, confidence)[:, 0].T
            shares.append(float(((low <= y[rest]) & (y[rest] <= high)).mean()))
    return {name: count / draws for name, count in truths.items()}, {
        confidence: float(np.mean(shares)) for confidence, shares in inside.items()
    }


def test_a_few_draws_of_real_data(monkeypatch):
    monkeypatch.setattr(numbers, "REPEATS", 200)
    truths, inside = held(*diabetes(), 100, 12)
    assert all(share >= 0.8 for share in truths.values()), truths
    for confidence, share in inside.items():
        assert share == pytest.approx(confidence, abs=0.04)


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 200])
def test_200_draws_of_patients(n):
    truths, inside = held(*diabetes(), n, 200)
    print(n, truths, inside)
    assert all(0.9 <= share <= 0.99 for share in truths.values()), truths
    assert all(share >= confidence - 0.005 for confidence, share in inside.items()), inside


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.bases
def test_200_draws_of_digits_through_a_base(data_root, bases_cache):
    truths, inside = held(*ink(data_root, bases_cache), 100, 200)
    print(truths, inside)
    assert all(0.9 <= share <= 0.99 for share in truths.values()), truths
    assert all(share >= confidence - 0.005 for confidence, share in inside.items()), inside
