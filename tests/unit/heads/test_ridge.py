"""The three ways of factorising agree, and memory and groups behave when rows come in passes."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import NotEnoughDataError, NotFittedError, ParameterError
from headstart.heads import ridge as module
from headstart.heads import spectrum
from headstart.heads.examples import Examples
from headstart.heads.features import Block
from headstart.heads.ridge import Ridge, fit_ridge


def clouds(n=120, width=10, classes=4, seed=0, spread=1.0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    rows = rng.normal(size=(n, width)) + spread * rng.normal(size=(classes, width))[y] + 2
    return rows.astype(np.float32), y


def fit(rows, y, groups=None, class_weight=None):
    examples = Examples.check(y, groups, class_weight=class_weight)
    return fit_ridge({"a": Block.prepare("a", rows, examples.n_classes)}, (("a", 1.0),), examples)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_passes_over_blocks_equal_the_fit_in_memory(monkeypatch, tmp_path, grouped, class_weight):
    rows, y = clouds(300)
    groups = np.random.default_rng(1).integers(0, 40, 300) if grouped else None
    y = np.where(np.arange(300) < 200, 0, y)
    expected = fit(rows, y, groups, class_weight)
    monkeypatch.setattr(module, "MOST_ROWS", 299)
    monkeypatch.setattr(module, "_BLOCK", 64)
    mapped = np.memmap(tmp_path / "rows", np.float32, "w+", shape=rows.shape)
    mapped[:] = rows
    passes = fit(mapped, y, groups, class_weight)
    assert passes.path is None
    # The search draws rows, so hold lambda still to compare.
    assert passes.lam == pytest.approx(expected.lam)
    np.testing.assert_allclose(passes.scores, expected.scores, atol=1e-5)
    np.testing.assert_allclose(passes.solve()["a"], expected.solve()["a"], atol=1e-9)


def test_gram_and_scatter_agree(monkeypatch):
    rows, y = clouds(60, width=59)
    scatter = fit(rows, y)
    monkeypatch.setattr(module, "MOST_GRAM", 10_000)
    wide = np.hstack([rows, np.zeros((60, 5), np.float32)])
    gram = fit(wide, y)
    np.testing.assert_allclose(gram.scores, scatter.scores, atol=1e-9)
    np.testing.assert_allclose(gram.solve()["a"][:59], scatter.solve()["a"], atol=1e-9)


@pytest.mark.parametrize("grouped", [False, True])
def test_float32_coordinates_agree(monkeypatch, grouped):
    rows, y = clouds(200, width=30)
    groups = np.arange(200) // 9 if grouped else None
    double = fit(rows, y, groups)
    monkeypatch.setattr(spectrum, "MOST_DOUBLE", 0)
    single = fit(rows, y, groups)
    assert single.path.spectrum.coordinates.dtype == np.float32
    assert single.lam == pytest.approx(double.lam)
    np.testing.assert_allclose(single.scores, double.scores, atol=1e-5)
    np.testing.assert_allclose(single.solve()["a"], double.solve()["a"], atol=1e-6)


def test_whole_groups_never_splits_one():
    owner = np.random.default_rng(0).integers(0, 900, 40_000)
    pieces = module._whole_groups(owner)
    assert np.array_equal(np.sort(np.concatenate(pieces)), np.arange(40_000))
    homes = [set(owner[piece]) for piece in pieces]
    assert sum(map(len, homes)) == len(set(owner))
    assert max(map(len, pieces)) < 2 * module._BLOCK
    assert len(module._whole_groups(np.arange(40_000))) == 5
    assert len(module._whole_groups(np.zeros(20_000, dtype=int))) == 1


def test_drawing_takes_whole_groups():
    examples = Examples.check(np.arange(100) % 2, np.arange(100) // 7)
    rows = examples.draw(30)
    assert 30 <= len(rows) < 38
    assert set(examples.owner[rows]).isdisjoint(examples.owner[np.setdiff1d(np.arange(100), rows)])


def test_many_scores_are_searched_on_some_rows_and_given_for_all(monkeypatch):
    monkeypatch.setattr(module, "SEARCH_NUMBERS", 100)
    rows, y = clouds(2600, classes=5, width=4)
    fitted = fit(rows, y)
    assert fitted.scores.shape == (2600, 5)
    np.testing.assert_array_equal(fitted.scores, fitted.path.held_out(fitted.lam))


def test_a_thousand_classes():
    rows, y = clouds(3000, width=40, classes=1000, spread=4)
    head = Ridge().fit(rows, y)
    assert (head.loo_scores_.argmax(axis=1) == y).mean() > 0.9
    np.testing.assert_allclose(head.predict_proba(rows[:3]).sum(axis=1), 1)


def test_estimator_shape_and_errors():
    rows, y = clouds()
    head = Ridge()
    with pytest.raises(NotFittedError, match="not fitted"):
        head.decision_function(rows)
    assert head.fit(rows, y) is head
    assert head.coef_.shape == (10, 4)
    centred = head.decision_function(rows).mean(axis=0)
    np.testing.assert_allclose(centred, -0.5, atol=1e-6)  # one in four is +1, three are -1
    with pytest.raises(ParameterError, match=r"y must hold classes 0..1, got 0..3"):
        head.fit(rows, y, n_classes=2)
    with pytest.raises(ParameterError, match="whole numbers"):
        head.fit(rows, y / 2)
    with pytest.raises(NotEnoughDataError, match="at least 2 classes, found 1"):
        head.fit(rows, np.zeros(len(y), dtype=int))
    broken = rows.copy()
    broken[17, 3] = np.nan
    with pytest.raises(ParameterError, match="row 17 holds NaN"):
        head.fit(broken, y)
