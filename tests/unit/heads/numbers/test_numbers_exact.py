"""Held-out numbers: exact against refits and scikit-learn, grouped, weighted and with unknown cells."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge, RidgeCV

from headstart.heads import ridge as solver
from headstart.heads.numbers.fitting import fit_numbers
from headstart.heads.numbers.penalty import Column, choose_penalties
from headstart.heads.numbers.spellings import spellings
from headstart.heads.path import GRID, RidgePath
from headstart.heads.spectrum import from_rows


def diabetes(n=90, outputs=2):
    rows, y = load_diabetes(return_X_y=True)
    rows = (rows[:n] * 20).astype(np.float32)
    other = np.exp(y[:n] / 100) + rows[:, 0]
    return rows, np.stack([y[:n], other], axis=1)[:, :outputs]


def refit(rows, targets, owner, weights, lam):
    """Solve the normal equations anew without each group."""
    out = np.empty(len(targets))
    for group in np.unique(owner):
        held = owner == group
        w = weights[~held]
        mean, level = w @ rows[~held] / w.sum(), w @ targets[~held] / w.sum()
        moved = rows[~held] - mean
        inner = moved.T @ (w[:, None] * moved) + lam * np.eye(rows.shape[1])
        found = np.linalg.solve(inner, moved.T @ (w * (targets[~held] - level)))
        out[held] = level + (rows[held] - mean) @ found
    return out


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("unknown", [False, True])
def test_held_out_numbers_equal_refits_without_the_group(weighted, grouped, unknown):
    rows, y = diabetes()
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 25, len(y)) if grouped else np.arange(len(y))
    weights = rng.uniform(0.2, 3, len(y)) if weighted else None
    if unknown:
        y[rng.random(len(y)) < 0.3, 1] = np.nan
    fitted = fit_numbers({"a": rows}, y, groups, weights=weights)
    exact = rows.astype(np.float64)
    for k in range(2):
        known = np.isfinite(y[:, k])
        w = (np.ones(len(y)) if weights is None else weights)[known]
        w = w * known.sum() / w.sum()
        owner = np.unique(groups[known], return_inverse=True)[1]
        size = np.square(exact[known] - exact[known].mean(axis=0)).sum(axis=1).mean()
        full = np.square(exact - exact.mean(axis=0)).sum(axis=1).mean()
        lam = fitted.head.meta["outputs"][k]["lambda"] * full  # blocks are brought to size 1
        assert size > 0
        made = next(
            one
            for one in spellings(y[known, k], owner, w, None, 0)
            if one.scale.kind == fitted.head.meta["outputs"][k]["scale"]
        )
        folds = len(made.versions)
        expected = np.empty(known.sum())
        for fold in range(folds):
            mine = made.column.version == fold
            expected[mine] = refit(exact[known], made.column.targets[:, fold], owner, w, lam)[mine]
        np.testing.assert_allclose(fitted.scores[known, k], expected, rtol=0, atol=1e-8)
        np.testing.assert_allclose(fitted.values[known, k], made.numbers(expected), rtol=1e-8, atol=1e-8)
        assert np.isnan(fitted.values[~known, k]).all()


def test_more_columns_than_rows_takes_the_other_factorisation_and_stays_exact():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(60, 300)).astype(np.float32)
    y = rows[:, 0] * 3 - rows[:, 1] + rng.normal(size=60)
    groups = rng.integers(0, 12, 60)
    fitted = fit_numbers({"a": rows}, y, groups)
    exact = rows.astype(np.float64)
    lam = fitted.head.meta["outputs"][0]["lambda"]
    lam *= np.square(exact - exact.mean(axis=0)).sum(axis=1).mean()
    assert fitted.head.meta["outputs"][0]["scale"] == "identity"
    owner = np.unique(groups, return_inverse=True)[1]
    np.testing.assert_allclose(fitted.values[:, 0], refit(exact, y, owner, np.ones(60), lam), atol=1e-8)


def test_the_rank_of_a_held_out_example_comes_from_the_others():
    rng = np.random.default_rng(2)
    y = np.exp(rng.normal(size=80) * 2) - 1
    owner = np.arange(80) // 2
    ranked = next(one for one in spellings(y, owner, np.ones(80), None, 0) if one.scale.kind == "rank")
    changed = y.copy()
    changed[:2] = 1e6
    other = next(one for one in spellings(changed, owner, np.ones(80), None, 0) if one.scale.kind == "rank")
    fold = ranked.column.version[0]
    assert ranked.column.version[1] == fold
    np.testing.assert_array_equal(ranked.versions[fold].numbers, other.versions[fold].numbers)
    assert not np.array_equal(ranked.scale.numbers, other.scale.numbers)


def test_penalty_and_loss_are_those_of_scikit_learn():
    rows, y = diabetes(300)
    rows = rows.astype(np.float64)
    path = RidgePath.build(from_rows(rows, np.ones(len(y))), y, np.arange(len(y)))
    columns = [Column(y[:, [k]], np.zeros(len(y), np.int64)) for k in range(2)]
    found = choose_penalties(path, columns, np.ones(len(y)), extend=False)
    alphas = np.array(GRID) * path.scale
    reference = RidgeCV(alphas, alpha_per_target=True, store_cv_results=True).fit(rows, y)
    np.testing.assert_allclose([one.lam for one in found], reference.alpha_)
    for k, one in enumerate(found):
        errors = reference.cv_results_[:, k].mean(axis=0)
        np.testing.assert_allclose(list(one.losses.values()), errors, rtol=1e-9)
        assert one.loss == pytest.approx(errors.min(), rel=1e-9)


def test_every_number_has_a_penalty_of_its_own_and_the_grid_goes_on_where_its_end_is_best():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(100, 5))
    y = np.stack([rows @ rng.normal(size=5), rng.normal(size=100)], axis=1)
    path = RidgePath.build(from_rows(rows, np.ones(100)), y, np.arange(100))
    columns = [Column(y[:, [k]], np.zeros(100, np.int64)) for k in range(2)]
    clear, noise = choose_penalties(path, columns, np.ones(100))
    assert clear.lam < 1e-4 * path.scale
    assert noise.lam > 10 * path.scale
    together = [one.lam for one in (clear, noise)]
    alone = [
        choose_penalties(path.columns([k]), [column], np.ones(100))[0].lam for k, column in enumerate(columns)
    ]
    np.testing.assert_allclose(together, alone, rtol=1e-9)


def test_the_fit_that_predicts_is_ridge_with_the_penalty_found(monkeypatch):
    rows, y = diabetes(120, 1)
    fitted = fit_numbers({"a": rows}, y, levels=None)
    exact = rows.astype(np.float64)
    lam = fitted.head.meta["outputs"][0]["lambda"]
    lam *= np.square(exact - exact.mean(axis=0)).sum(axis=1).mean()
    link = fitted.head.links[0]
    told = link.scale.apply(y[:, 0])
    expected = link.scale.invert(Ridge(lam).fit(exact, told).predict(exact))
    np.testing.assert_allclose(fitted.predict({"a": rows})[:, 0], expected, rtol=2e-5)
    monkeypatch.setattr(solver, "MOST_GRAM", 0)
    np.testing.assert_allclose(
        fit_numbers({"a": rows}, y).predict({"a": rows}), fitted.predict({"a": rows}), rtol=2e-5
    )
