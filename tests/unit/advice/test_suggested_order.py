"""Which examples are suggested, on points whose answer is known."""

from __future__ import annotations

import numpy as np

from headstart.advice.suggesting import draw, typical, uncertain, uncertainty, unit_rows

RNG = np.random.default_rng(0)
CENTRES = np.eye(5) * 10
POINTS = np.concatenate([centre + RNG.normal(size=(30, 5)) for centre in CENTRES])
OF = np.repeat(np.arange(5), 30)
ALONE = np.arange(len(POINTS))


def test_typical_ones_come_from_every_cluster():
    chosen = typical(unit_rows(POINTS), ALONE, np.ones(150, dtype=np.bool_), 5, seed=1)
    assert sorted(OF[chosen].tolist()) == [0, 1, 2, 3, 4]


def test_typical_ones_come_from_clusters_without_a_label_first():
    is_open = np.ones(150, dtype=np.bool_)
    is_open[[0, 30, 60]] = False
    chosen = typical(unit_rows(POINTS), ALONE, is_open, 2, seed=1)
    assert sorted(OF[chosen].tolist()) == [3, 4]


def test_uncertainty_is_one_minus_the_margin():
    assert np.allclose(uncertainty(np.array([[0.7, 0.2, 0.1], [0.5, 0.5, 0.0]])), [0.5, 1.0])


def test_uncertain_ones_are_uncertain_and_differ():
    doubt = np.where(OF < 2, 0.9, 0.1) + RNG.uniform(0, 0.01, 150)
    chosen = uncertain(unit_rows(POINTS), doubt, ALONE, np.ones(150, dtype=np.bool_), 6, seed=1)
    assert set(OF[chosen].tolist()) == {0, 1}
    assert len(set(chosen.tolist())) == len(chosen) == 6


def test_a_group_is_suggested_once():
    groups = np.repeat(np.arange(15), 10)
    is_open = np.ones(150, dtype=np.bool_)
    is_open[0] = False
    doubt = RNG.uniform(size=150)
    for chosen in (
        typical(unit_rows(POINTS), groups, is_open, 20, seed=1),
        uncertain(unit_rows(POINTS), doubt, groups, is_open, 20, seed=1),
    ):
        assert len(set(groups[chosen].tolist())) == len(chosen)
        assert 0 not in groups[chosen]
    drawn = draw(groups, is_open, 50, np.random.default_rng(1))
    assert sorted(groups[drawn].tolist()) == list(range(15))


def test_random_ones_are_as_likely_in_every_part_of_the_pile():
    is_open = np.ones(150, dtype=np.bool_)
    drawn = np.concatenate([draw(ALONE, is_open, 10, np.random.default_rng(seed)) for seed in range(500)])
    share = np.bincount(drawn, minlength=150) / 500
    assert abs(share.mean() - 10 / 150) < 1e-12
    assert np.abs(share - 10 / 150).max() < 5 * np.sqrt(10 / 150 / 500)
