"""Leaving out pairs of groups in closed form equals refitting, with groups and weights."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.heads import pairs
from headstart.heads.pairs import Dependence, PairFits, pair_dependence
from headstart.heads.path import RidgePath, signed_targets
from headstart.heads.spectrum import center_gram, from_gram, from_rows


def ridge_path(rows, y, owner, weights=None, n_classes=3):
    weights = np.ones(len(y)) if weights is None else weights
    spectrum = (
        from_rows(rows, weights)
        if rows.shape[1] < len(rows)
        else from_gram(center_gram(rows @ rows.T, weights), weights)
    )
    return RidgePath.build(spectrum, signed_targets(y, n_classes), owner)


def refit(rows, y, weights, kept, lam, asked, n_classes=3):
    targets = signed_targets(y, n_classes)[kept]
    w = weights[kept]
    mean, level = w @ rows[kept] / w.sum(), w @ targets / w.sum()
    centred = rows[kept] - mean
    inner = (centred * w[:, None]).T @ centred + lam * np.eye(rows.shape[1])
    coef = np.linalg.solve(inner, (centred * w[:, None]).T @ (targets - level))
    return (((rows[asked] - mean) @ coef + level).argmax(axis=1) == y[asked]).sum()


def draw(n, d, seed=0, n_classes=3):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n)
    return rng.normal(size=(n, d)) + 0.5 * rng.normal(size=(n_classes, d))[y], y


@pytest.mark.parametrize("small", [0, 32])
@pytest.mark.parametrize("width", [4, 50])
@pytest.mark.parametrize("weighted", [False, True])
def test_pairs_left_out_equal_refits(monkeypatch, small, width, weighted):
    monkeypatch.setattr(pairs, "_SMALL", small)
    sizes = np.array([1, 1, 1, 1, 2, 2, 3, 5, 7])
    n, lam = sizes.sum(), 0.7
    rows, y = draw(n, width)
    group = np.repeat(np.arange(len(sizes)), sizes)
    weights = np.random.default_rng(1).uniform(0.5, 2, n) if weighted else np.ones(n)
    fits = PairFits.build(ridge_path(rows, y, group, weights), lam, y, sizes)
    for a in range(len(sizes)):
        assert fits.alone[a] == refit(rows, y, weights, group != a, lam, group == a)
        if a == len(sizes) - 1:
            break
        mine, theirs = fits.without(a)
        for number, b in enumerate(range(a + 1, len(sizes))):
            kept = (group != a) & (group != b)
            assert mine[number] == refit(rows, y, weights, kept, lam, group == a)
            assert theirs[number] == refit(rows, y, weights, kept, lam, group == b)
    changes = fits.changes()
    assert changes[2, 7] == fits.alone[2] - fits.without(2)[0][4]
    assert changes[7, 2] == fits.alone[7] - fits.without(2)[1][4]


def test_factor_does_not_depend_on_the_order_of_examples():
    rows, y = draw(80, 30, seed=3)
    owner = np.random.default_rng(0).integers(0, 30, 80)
    owner = np.unique(owner, return_inverse=True)[1]
    order = np.random.default_rng(1).permutation(80)
    first = pair_dependence(ridge_path(rows, y, owner), 5.0, y, owner)
    again = pair_dependence(ridge_path(rows[order], y[order], owner[order]), 5.0, y[order], owner[order])
    assert first.inflation == pytest.approx(again.inflation)
    assert first.pessimism == pytest.approx(again.pessimism)
    assert first.inflation > 1.0


def test_some_pairs_stand_for_all(monkeypatch):
    rows, y = draw(240, 20, seed=4)
    owner = np.arange(240)
    path = ridge_path(rows, y, owner)
    everything = pair_dependence(path, 20.0, y, owner)
    monkeypatch.setattr(pairs, "MOST_ROWS", 120)
    drawn = [pair_dependence(path, 20.0, y, owner, seed=seed) for seed in range(40)]
    assert np.mean([some.inflation for some in drawn]) == pytest.approx(everything.inflation, abs=0.1)
    assert np.mean([some.pessimism for some in drawn]) == pytest.approx(everything.pessimism, abs=0.01)


def test_far_apart_classes_need_no_correction():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    rows = 10 * np.eye(3)[y] + 0.1 * rng.normal(size=(60, 3))
    assert pair_dependence(ridge_path(rows, y, np.arange(60)), 1.0, y, np.arange(60)) == Dependence(1.0, 0.0)


def test_pessimism_of_single_examples_is_the_effect_of_one_more_of_the_class():
    rows, y = draw(40, 30, seed=5)
    owner = np.arange(40)
    path = ridge_path(rows, y, owner)
    order = np.arange(40)
    changes = PairFits.build(path, 5.0, y, np.ones(40, dtype=int)).changes()
    expected = 0.0
    for a in order:
        others = [b for b in order if y[b] == y[a] and b != a]
        expected += np.mean([changes[a, b] for b in others]) * (len(others) - 1) / len(others) / 40
    assert pair_dependence(path, 5.0, y, owner).pessimism == pytest.approx(max(expected, 0.0))
    assert expected > 0
