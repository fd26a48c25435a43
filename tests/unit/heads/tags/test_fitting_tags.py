"""A head of tags from arrays: what it predicts, what is told of it, and that it reads back."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.encoders.raw_text import count_grams
from headstart.errors import CorruptBundleError, ParameterError
from headstart.heads.protocol import Exportable
from headstart.heads.tags.calibrating import sigmoid
from headstart.heads.tags.fitting import fit_tags
from headstart.heads.tags.head import TagsHead, read_head


def made(n: int = 200, seed: int = 0):
    """Rows in which three tags of four can be seen, the last one hardly."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 20)).astype(np.float32)
    y = (rows[:, :4] + [0.3, 0.3, 0.3, 3] * rng.normal(size=(n, 4)) > [0, 0.7, 1.2, 0.5]).astype(float)
    return rows, y


@pytest.fixture(scope="module")
def fitted():
    rows, y = made()
    return fit_tags({"embedding": rows}, y)


def test_the_head_predicts_what_the_ridge_fit_says(fitted) -> None:
    """Held out, and on everything: the saved arrays compute the same as the exact fit."""
    rows, y = made()
    head = fitted.head
    for tag in range(4):
        inner = rows.astype(np.float64) - rows.astype(np.float64).mean(axis=0)
        size = np.square(inner).sum(axis=1).mean()
        target = 2 * y[:, tag] - 1
        solved = np.linalg.solve(
            inner.T @ inner + fitted.lambdas[tag] * size * np.eye(20), inner.T @ (target - target.mean())
        )
        scores = inner @ solved + target.mean()
        logits = head.logits({"embedding": rows})[:, tag]
        slope = np.polyfit(scores, logits, 1)[0]
        assert slope > 0
        np.testing.assert_allclose(logits, np.polyval(np.polyfit(scores, logits, 1), scores), atol=1e-3)


def test_what_is_told_held_out_is_what_new_examples_get(fitted) -> None:
    rows, y = made(4000, seed=1)
    _, seen = made()
    proba = fitted.head.probabilities({"embedding": rows})
    losses = lambda p, y: -(y * np.log(p) + (1 - y) * np.log1p(-p)).mean(axis=0)  # noqa: E731
    np.testing.assert_allclose(losses(fitted.loo_proba_, seen), losses(proba, y), atol=0.08)
    assert losses(proba, y)[:3].max() < 0.35


def test_probabilities_of_tags_stand_alone(fitted) -> None:
    rows, _ = made()
    proba = fitted.head.probabilities({"embedding": rows})
    assert proba.dtype == np.float32
    assert proba.sum(axis=1).max() > 1.5
    np.testing.assert_array_equal(fitted.head.predict_proba({"embedding": rows}), proba)
    np.testing.assert_array_equal(
        np.concatenate([fitted.head.probabilities({"embedding": rows[i : i + 1]}) for i in range(9)]),
        proba[:9],
    )
    assert fitted.head.tags(proba).tolist() == (proba >= fitted.head.thresholds).tolist()


def test_it_reads_back_from_its_arrays(fitted) -> None:
    rows, _ = made()
    meta = fitted.head.meta
    head = read_head(fitted.head.arrays(), meta, names="abcd")
    assert isinstance(head, TagsHead)
    assert isinstance(head, Exportable)
    proba = head.probabilities({"embedding": rows})
    np.testing.assert_array_equal(proba, fitted.head.probabilities({"embedding": rows}))
    np.testing.assert_array_equal(
        head.tags_without_missing(proba, 0.2), fitted.head.tags_without_missing(proba, 0.2)
    )
    assert head.widths == {"embedding": 20}
    assert head.n_classes == 4
    assert list(head.blocks) == ["embedding"]


@pytest.mark.parametrize("name", ["thresholds", "control_levels", "control_groups"])
def test_incomplete_arrays_are_refused(fitted, name: str) -> None:
    arrays = fitted.head.arrays()
    del arrays[name]
    with pytest.raises(CorruptBundleError, match=f"'{name}' is missing"):
        TagsHead.from_arrays(arrays, {})


def test_arrays_that_do_not_fit_are_refused(fitted) -> None:
    arrays = {**fitted.head.arrays(), "thresholds": np.zeros(3, np.float32)}
    with pytest.raises(CorruptBundleError, match="do not fit each other"):
        TagsHead.from_arrays(arrays, {})


def test_a_head_of_another_number_of_tags_is_refused(fitted) -> None:
    with pytest.raises(ValueError, match="it scores 4 tags, there are 3"):
        read_head(fitted.head.arrays(), {}, names="abc")


def test_a_mixture_is_chosen_by_all_tags_together() -> None:
    rng = np.random.default_rng(3)
    words = np.array(["bread", "salt", "sweet", "round", "cheap", "brown"])
    y = (rng.random((150, 6)) < 0.35).astype(float)
    texts = [" ".join(words[row == 1]) or "nothing" for row in y]
    noise = rng.normal(size=(150, 30)).astype(np.float32)
    fitted = fit_tags({"noise": noise, "text": count_grams(texts)}, y, texts)
    assert dict(fitted.mixture).get("text", 0) > 0.7
    assert len(fitted.candidates) > 2
    best = min(fitted.candidates, key=lambda trial: trial.compared)
    assert best.mixture == fitted.mixture
    assert fitted.how == "exact leave-one-group-out"
    assert ((fitted.loo_said_ == y).mean()) > 0.8


def test_unknown_cells_are_neither_yes_nor_no() -> None:
    """A tag that is known for half of the examples is learned as if the other half were not there."""
    rows, y = made()
    y[:100, 1] = np.nan
    whole = fit_tags({"embedding": rows}, y)
    half = fit_tags({"embedding": rows[100:]}, y[100:, [1]])
    assert np.isnan(whole.loo_proba_[:100, 1]).all()
    assert any("100 cells are unknown" in note for note in whole.notes)
    p, q = (
        sigmoid(one.head.logits({"embedding": rows[:100]})[:, column])
        for one, column in ((whole, 1), (half, 0))
    )
    assert np.abs(p - q).mean() < 0.05  # the penalties may differ by a step


def test_rare_tags_are_told() -> None:
    rows, y = made()
    y = np.concatenate([y, np.zeros((200, 2))], axis=1)
    y[7, 4] = 1
    fitted = fit_tags({"embedding": rows}, y)
    assert fitted.notes == (
        "Tags [4] have fewer than 4 examples: what is measured of them is mostly chance.",
        "Tags [5] have no example: they can never be said.",
    )
    proba = fitted.head.probabilities({"embedding": rows})
    assert proba[:, 5].max() < 0.01
    assert not fitted.head.tags(proba)[:, 5].any()


def test_groups_are_never_split() -> None:
    """Twins with one label between them: held out, nothing is known of either."""
    rng = np.random.default_rng(5)
    rows = np.repeat(rng.normal(size=(80, 100)), 2, axis=0)
    y = np.repeat((rng.random((80, 2)) < 0.5).astype(float), 2, axis=0)
    apart = fit_tags({"rows": rows}, y)
    together = fit_tags({"rows": rows}, y, np.repeat(np.arange(80), 2))
    right = lambda one: ((one.loo_proba_ > 0.5) == y).mean()  # noqa: E731
    assert right(apart) > 0.9
    assert right(together) < 0.65


def test_what_does_not_fit_is_refused() -> None:
    rows, y = made()
    with pytest.raises(ParameterError, match="must have 199 rows, as many as labels, got 200"):
        fit_tags({"embedding": rows}, y[:199])
    with pytest.raises(ParameterError, match="at least one block"):
        fit_tags({}, y)
    with pytest.raises(ParameterError, match="measure must be"):
        fit_tags({"embedding": rows}, y, measure="accuracy")
