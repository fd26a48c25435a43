"""What every head must do, whichever it is."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from headstart.heads.linear import LinearHead
from headstart.heads.select import fit_head
from headstart.heads.table import head_names


@pytest.fixture(scope="module", params=head_names())
def fitted(request):
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(84) % 4)
    rows = (rng.normal(size=(84, 20)) + 1.5 * rng.normal(size=(4, 20))[y] + 3).astype(np.float32)
    groups = rng.integers(0, 30, 84)
    return fit_head({"embedding": rows}, y, groups, head=request.param), rows, y, groups, request.param


def test_probabilities_are_probabilities(fitted):
    head, rows, *_ = fitted
    proba = head.predict_proba({"embedding": rows})
    assert proba.dtype == np.float32
    assert proba.shape == (84, 4)
    assert (proba >= 0).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)


def test_it_learns(fitted):
    head, rows, y, *_ = fitted
    assert (head.predict_proba({"embedding": rows}).argmax(axis=1) == y).mean() > 0.8


def test_held_out_probabilities_for_every_example(fitted):
    head, _, y, *_ = fitted
    assert head.loo_proba_.shape == (84, 4)
    np.testing.assert_allclose(head.loo_proba_.sum(axis=1), 1, atol=1e-5)
    assert (head.loo_proba_.argmax(axis=1) == y).mean() > 0.6
    np.testing.assert_array_equal(head.rows, np.arange(84))
    assert all(proba.shape == (84, 4) for proba in head.oof.values())


def test_fitting_twice_gives_the_same_bits(fitted):
    head, rows, y, groups, name = fitted
    again = fit_head({"embedding": rows}, y, groups, head=name)
    for key, array in head.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[key])


def test_classes_keep_their_order_when_they_are_renamed(fitted):
    head, rows, y, groups, name = fitted
    order = np.array([2, 0, 3, 1])
    moved = fit_head({"embedding": rows}, order[y], groups, head=name)
    proba = head.predict_proba({"embedding": rows})
    np.testing.assert_allclose(moved.predict_proba({"embedding": rows})[:, order], proba, atol=0.02)


def test_saved_arrays_predict_the_same_bits_one_by_one(fitted):
    head, rows, *_ = fitted
    loaded = LinearHead.from_arrays(head.arrays(), head.meta())
    whole = head.predict_proba({"embedding": rows})
    for row in (0, 41, 83):
        assert np.array_equal(loaded.predict_proba({"embedding": rows[row : row + 1]})[0], whole[row])


def test_exactly_one_candidate_is_chosen(fitted):
    head, *_, name = fitted
    assert [trial.chosen for trial in head.candidates].count(True) == 1
    assert name == "auto" or head.meta()["head"] == name


def test_predicting_imports_neither_scipy_nor_scikit_learn():
    code = (
        "import sys, headstart.heads.linear; "
        "print([m for m in ('scipy', 'sklearn', 'torch', 'onnx') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
