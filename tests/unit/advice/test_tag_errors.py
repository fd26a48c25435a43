"""Planted errors among tags are found, both kinds, and unknown cells are left alone."""

from __future__ import annotations

import numpy as np

from headstart.advice.tag_errors import check_tags
from headstart.heads.tags.fitting import fit_tags


def spoiled(share: float = 0.05):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 20))
    right = (rows[:, :3] + 0.2 * rng.normal(size=(400, 3)) > [0, 0.5, 1.0]).astype(float)
    flipped = rng.random(right.shape) < share
    return rows, right, np.where(flipped, 1 - right, right), flipped


def test_planted_errors_are_found_of_both_kinds() -> None:
    rows, right, y, flipped = spoiled()
    found = check_tags(fit_tags({"rows": rows}, y).loo_proba_, y)
    hits = flipped[found.rows, found.tags]
    assert hits.mean() > 0.6
    assert hits.sum() > 0.7 * flipped.sum()
    assert hits[:20].all()
    assert (found.missing == (y[found.rows, found.tags] == 0)).all()
    assert 0 < found.missing[hits].sum() < hits.sum()
    assert (right[found.rows, found.tags] == 1)[hits].tolist() == found.missing[hits].tolist()


def test_unknown_cells_and_tags_that_all_have_are_not_doubted() -> None:
    _, _, y, _ = spoiled()
    y[:, 1] = np.where(np.arange(400) < 100, np.nan, y[:, 1])
    y[:, 2] = 1
    proba = np.random.default_rng(1).random((400, 3))
    found = check_tags(proba, y)
    assert len(found) > 0
    assert 2 not in found.tags
    assert found.rows[found.tags == 1].min() >= 100


def test_nothing_to_doubt_is_an_empty_list() -> None:
    assert len(check_tags(np.full((5, 1), 0.9), np.ones((5, 1)))) == 0
