from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge as ReferenceRidge

from headstart.errors import NotFittedError, ParameterError
from headstart.heads.path import signed_targets
from headstart.heads.sufficient import SufficientStatistics


def example(seed=0, n=50, width=6, classes=3, offset=0.0):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, width)) + offset
    return rows, rng.integers(0, classes, n), rng.uniform(0.2, 3, n)


def filled(rows, y, weights, classes=3, pieces=1):
    statistics = SufficientStatistics(rows.shape[1], classes)
    for part in np.array_split(np.arange(len(y)), pieces):
        statistics.add(rows[part], y[part], weights[part])
    return statistics


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_solution_from_blocks_equals_scikit_learn(offset):
    rows, y, weights = example(offset=offset)
    coef, intercept = filled(rows, y, weights, pieces=7).solve(0.7)
    reference = ReferenceRidge(0.7).fit(rows - offset, signed_targets(y, 3), sample_weight=weights)
    np.testing.assert_allclose(coef, reference.coef_.T, atol=1e-8)
    expected = reference.predict(rows - offset)
    np.testing.assert_allclose(rows @ coef + intercept, expected, atol=1e-7)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), cut=st.integers(1, 49))
def test_merging_and_taking_back_are_exact(seed, cut):
    rows, y, weights = example(seed, offset=5.0)
    whole = filled(rows, y, weights).solve(1.3)
    merged = filled(rows[:cut], y[:cut], weights[:cut]).merge(filled(rows[cut:], y[cut:], weights[cut:]))
    for ours, expected in zip(merged.solve(1.3), whole, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-9)
    assert merged.n == 50
    merged.remove(rows[:cut], y[:cut], weights[:cut])
    rest = filled(rows[cut:], y[cut:], weights[cut:]).solve(1.3)
    for ours, expected in zip(merged.solve(1.3), rest, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-8)


def test_a_class_added_later_gives_what_training_with_it_from_the_start_gives():
    rows, y, weights = example()
    later = SufficientStatistics(6, 2)
    old = y < 2
    later.add(rows[old], y[old], weights[old])
    later.grow(3).add(rows[~old], y[~old], weights[~old])
    for ours, expected in zip(later.solve(0.1), filled(rows, y, weights).solve(0.1), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-10)


def test_errors_say_what_to_do():
    with pytest.raises(NotFittedError, match="No rows were added yet"):
        SufficientStatistics(3, 2).solve(1.0)
    with pytest.raises(ParameterError, match="can only grow: it is 3, got 2"):
        SufficientStatistics(3, 3).grow(2)
    empty = SufficientStatistics(3, 2).merge(SufficientStatistics(3, 2))
    assert empty.add(np.empty((0, 3)), np.empty(0, dtype=int)).n == 0
