"""Gaussians of places: distances, and those of pictures that were left out."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.defects import places
from headstart.defects.places import Sums, left_out, picture_score, projection


def _pictures(n: int, places: int = 7, d: int = 6, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(places, d, d)) / 2 + np.eye(d)
    return (rng.normal(size=(n, places, 1, d)) @ mix).squeeze(2).astype(np.float32) + 40


def test_the_projection_is_orthonormal_and_always_the_same() -> None:
    one, two = projection(176), projection(176)

    np.testing.assert_allclose(one.T @ one, np.eye(64), atol=1e-5)
    np.testing.assert_array_equal(one, two)
    assert projection(10).shape == (10, 10)


def test_distances_are_those_of_mahalanobis_with_a_little_of_the_mean_covariance() -> None:
    z = _pictures(80)
    fitted, new = Sums(z).fit(), _pictures(5, seed=1)

    own = np.array([np.cov(z[:, p].T, bias=True) for p in range(z.shape[1])])
    shared = own.mean(0)
    expected = np.empty((5, z.shape[1]))
    for p in range(z.shape[1]):
        c = 0.95 * own[p] + 0.05 * shared + 0.01 * np.trace(shared) / 6 * np.eye(6)
        off = new[:, p] - z[:, p].mean(0)
        expected[:, p] = np.sqrt((off @ np.linalg.inv(c) * off).sum(1))
    np.testing.assert_allclose(fitted.distances(new), expected, rtol=5e-3)


def test_sums_without_a_picture_are_those_of_the_others() -> None:
    z = _pictures(12)

    less, others = Sums(z).without(z[3:5]), Sums(np.delete(z, [3, 4], axis=0))

    assert less.count == others.count == 10
    np.testing.assert_allclose(less.mean(), others.mean(), rtol=1e-9)
    np.testing.assert_allclose(less.covariance()[1], others.covariance()[1], rtol=1e-6, atol=1e-9)


def test_left_out_distances_are_those_of_refits() -> None:
    z = _pictures(20)

    found = left_out(z, np.arange(20), Sums(z))

    for i in (0, 11):
        rest = Sums(np.delete(z, i, axis=0)).fit()
        np.testing.assert_allclose(found[i], rest.distances(z[i : i + 1])[0], rtol=5e-3)


def test_the_closed_form_is_within_two_and_a_half_per_cent_of_refits_at_sixty() -> None:
    z = _pictures(60)
    closed = left_out(z, np.arange(60), Sums(z))
    refitted = left_out(z, np.arange(60), Sums(z), refit_below=61)

    assert np.abs(closed / refitted - 1).max() < 0.024
    inside = Sums(z).fit().distances(z)
    assert (closed > inside).all(), "a picture is closer to Gaussians that have seen it"


def test_groups_leave_together() -> None:
    z = _pictures(60)
    groups = np.arange(60) // 3

    found = left_out(z, groups, Sums(z))

    rest = Sums(np.delete(z, [6, 7, 8], axis=0)).fit()
    np.testing.assert_allclose(found[6:9], rest.distances(z[6:9]), rtol=5e-3)


def test_the_score_of_a_picture_is_the_mean_of_its_three_oddest_places_or_of_one_in_a_hundred() -> None:
    few, many = np.array([[1, 9, 4, 2, 5.0]], np.float32), np.zeros((1, 400), np.float32)
    many[0, :5] = [8, 6, 4, 2, 1]

    assert picture_score(few)[0] == pytest.approx(6)
    assert picture_score(many)[0] == pytest.approx(5)


def test_pictures_without_any_variance_give_finite_numbers() -> None:
    z = np.ones((10, 4, 3), np.float32)

    fitted = Sums(z).fit()

    assert np.isfinite(fitted.whiten).all()
    assert fitted.distances(z).max() == 0
    assert places.WIDE == 64
