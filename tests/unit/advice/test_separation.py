"""TransRate, GBC, PARC and distances against known values (METHODS 1.4 and 2)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import datasets

from headstart.advice.distances import frechet_distance, kl_divergence, proxy_a_distance
from headstart.advice.separation import gaussian_overlap, gbc, parc, transrate

TRANSRATE = {"iris": 0.589405, "wine": 2.655669, "digits": 50.279312, "breast_cancer": 2.686977}


@pytest.mark.parametrize("name", TRANSRATE)
def test_transrate_known_values(name):
    features, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    assert transrate(features, y) == pytest.approx(TRANSRATE[name], abs=2e-6)


def test_parc_known_value():
    """METHODS has 61.2170: there, rounding in numpy.corrcoef gives equal label distances unequal ranks.

    With ties that tie (58.6798) the measure no longer depends on the order of summation.
    """
    features, y = datasets.load_iris(return_X_y=True)
    assert parc(features, y, dimensions=None) == pytest.approx(58.6798, abs=5e-5)
    assert parc(features, y) == parc(features, y, dimensions=None)


def test_parc_is_the_rank_correlation_of_scipy():
    rng = np.random.default_rng(0)
    y = np.arange(30) % 3
    features = rng.normal(size=(30, 80)) + np.eye(3)[y] @ rng.normal(size=(3, 80))
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    left, singular, _ = np.linalg.svd(scaled, full_matrices=False)
    upper = np.triu_indices(30, 1)
    seen = (1 - np.corrcoef(left[:, :8] * singular[:8]))[upper]
    wanted = (y[:, None] != y)[upper]
    assert parc(features, y, dimensions=8) == pytest.approx(100 * stats.spearmanr(seen, wanted)[0])


def test_gbc_known_value():
    expected = -2 * np.exp(-0.5)
    assert gaussian_overlap(np.array([[0.0], [2.0]]), np.ones((2, 1))) == pytest.approx(expected)
    rows = np.array([[-1.0], [1.0], [1.0], [3.0]])  # unit variance about 0 and about 2
    assert gbc(rows, [0, 0, 1, 1]) == pytest.approx(-1.213061, abs=5e-7)
    assert gbc(np.array([[0.0], [0.0], [9.0], [9.0]]), [0, 0, 1, 1]) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("measure", [transrate, gbc, parc])
def test_names_of_classes_and_order_of_examples_change_nothing(measure):
    features, y = datasets.load_wine(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    names = np.array(["zebra", "ant", "moth"])[y]
    assert measure(features[order], names[order]) == pytest.approx(measure(features, y), rel=1e-9)


def test_gaussian_distances_known_values():
    assert frechet_distance(0, 1, 1, 4) == pytest.approx(2.0)
    assert kl_divergence(1, 4, 0, 1) == pytest.approx(1.306853, abs=5e-7)
    assert kl_divergence(0, 1, 1, 4) == pytest.approx(0.443147, abs=5e-7)
    assert kl_divergence([1, 0], [4, 1], [0, 0], [1, 1]) == kl_divergence(1, 4, 0, 1)


def test_halves_of_one_set_are_near_and_other_sets_far():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 20))
    distance, error = proxy_a_distance(rows[:200], rows[200:])
    assert distance < 0.25
    assert error == pytest.approx(0.5, abs=0.07)
    assert proxy_a_distance(rows[:200], rows[200:] + 3)[0] == 2.0
