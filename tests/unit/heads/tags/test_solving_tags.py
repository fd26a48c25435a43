"""Held-out scores of tags equal refits without the group, one ridge for each tag, unknown cells or not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from headstart.encoders.raw_text import count_grams
from headstart.heads.features import Block
from headstart.heads.path import RidgePath
from headstart.heads.spectrum import from_rows
from headstart.heads.tags.labels import TagLabels
from headstart.heads.tags.solving import choose, fit_parts

LAM = 1.7


def made(seed: int = 0, n: int = 70, width: int = 12, *, unknown: bool = False, grouped: bool = False):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, width)) + 2
    y = (rows[:, :5] + rng.normal(size=(n, 5)) > 2.3).astype(float)
    if unknown:
        y[rng.random(n) < 0.3, 1] = np.nan
        y[rng.random(n) < 0.6, 3] = np.nan
    groups = rng.integers(0, 25, n) if grouped else None
    return rows, y, groups, rng.uniform(0.3, 3, n)


def refits(rows, labels, lam):
    """Fit scikit-learn's ridge for each tag on the examples it is known for, without each group in turn."""
    out = np.full(labels.y.shape, np.nan)
    for tag in range(labels.y.shape[1]):
        known = labels.known[:, tag]
        for group in np.unique(labels.owner[known]):
            held = known & (labels.owner == group)
            rest = known & (labels.owner != group)
            model = Ridge(lam).fit(rows[rest], 2 * labels.y[rest, tag] - 1, labels.weights[rest])
            out[held, tag] = model.predict(rows[held])
    return out


@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("width", [12, 200])
def test_held_out_scores_equal_refits_of_one_ridge_a_tag(width: int, grouped: bool, unknown: bool) -> None:
    rows, y, groups, weights = made(1, width=width, unknown=unknown, grouped=grouped)
    labels = TagLabels.check(y, groups, weights)
    block = Block.prepare("features", rows, 5)
    parts = fit_parts({"features": block}, (("features", 1.0),), labels)
    assert len(parts) == (3 if unknown else 1)
    found = np.full(y.shape, np.nan)
    for fitted in parts:
        # The block is brought to a mean squared length of 1: so is the penalty.
        found[np.ix_(fitted.part.rows, fitted.part.tags)] = fitted.path.held_out(LAM / block.size)
    np.testing.assert_allclose(found, refits(rows, labels, LAM), rtol=0, atol=1e-8)


@pytest.mark.parametrize("width", [12, 200])
def test_weights_equal_those_of_one_ridge_a_tag_with_a_lambda_each(width: int) -> None:
    rows, y, _, weights = made(2, width=width, unknown=True)
    labels = TagLabels.check(y, None, weights)
    block = Block.prepare("features", rows, 5)
    lambdas = np.array([0.3, 1.0, 4.0, 0.3, 2.0])
    for fitted in fit_parts({"features": block}, (("features", 1.0),), labels):
        tags, known = fitted.part.tags, fitted.part.rows
        own = fitted.weigh(np.arange(len(tags)), lambdas[tags] / block.size)["features"]
        for column, tag in enumerate(tags):
            model = Ridge(lambdas[tag]).fit(rows[known], 2 * y[known, tag] - 1, labels.weights[known])
            np.testing.assert_allclose(own[:, column], model.coef_, rtol=0, atol=1e-8)


def test_one_tag_and_its_opposite_are_the_two_classes_of_the_ridge_head() -> None:
    rows, y, groups, _ = made(3, grouped=True)
    labels = TagLabels.check(np.stack([y[:, 0], 1 - y[:, 0]], axis=1), groups)
    block = Block.prepare("features", rows, 2)
    (fitted,) = fit_parts({"features": block}, (("features", 1.0),), labels)
    spectrum = from_rows(rows / np.sqrt(block.size), labels.weights)
    path = RidgePath.build(spectrum, 2 * labels.y - 1, labels.owner)
    np.testing.assert_allclose(fitted.path.held_out(LAM), path.held_out(LAM), rtol=0, atol=1e-10)


def test_counts_of_texts_with_unknown_cells_equal_refits() -> None:
    texts = [f"{a} {b} bread" for a in ("warm", "cold", "stale", "fresh") for b in ("rye", "oat", "corn")] * 3
    counts = count_grams(texts)
    y = np.array([["warm" in text, "rye" in text] for text in texts], dtype=float)
    y[5:9, 1] = np.nan
    labels = TagLabels.check(y, texts)
    block = Block.prepare("text", counts, 2)
    dense = block.rows.toarray().astype(np.float64)
    parts = fit_parts({"text": block}, (("text", 1.0),), labels)
    found = np.full(y.shape, np.nan)
    for fitted in parts:
        found[np.ix_(fitted.part.rows, fitted.part.tags)] = fitted.path.held_out(LAM / block.size)
    np.testing.assert_allclose(found, refits(dense, labels, LAM), rtol=0, atol=1e-6)


def test_each_tag_chooses_its_own_penalty() -> None:
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(300, 60)) * np.where(np.arange(60) < 30, 1.0, 0.1)
    noise = rng.normal(size=(300, 4))
    plain = (rows[:, :4] + noise > 0).astype(float)  # in directions that vary much
    hidden = (10 * rows[:, 30:34] + 0.3 * noise > 0).astype(float)  # in directions that hardly vary
    labels = TagLabels.check(np.concatenate([plain, hidden], axis=1))
    chosen = choose(fit_parts({"rows": Block.prepare("rows", rows, 8)}, (("rows", 1.0),), labels), labels)
    assert chosen.lambdas[:4].min() > 2 * chosen.lambdas[4:].max()


def test_a_tag_that_everything_has_says_its_share_and_nothing_else() -> None:
    rows, y, _, _ = made(5)
    y[:, 2] = 1
    labels = TagLabels.check(y)
    chosen = choose(fit_parts({"rows": Block.prepare("rows", rows, 5)}, (("rows", 1.0),), labels), labels)
    assert chosen.lambdas[2] == np.inf
    assert chosen.scale.slope[2] == 0
    assert 1 / (1 + np.exp(-chosen.scale.offset[2])) == pytest.approx(71 / 72)
