"""Choosing features and heads: honest, stable, and never silently wrong at the edges."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from headstart.errors import NotEnoughDataError, ParameterError
from headstart.heads import blend
from headstart.heads import features as features_module
from headstart.heads import ridge as ridge_module
from headstart.heads.alternatives import with_handicaps
from headstart.heads.calibration import log_loss_rows, softmax
from headstart.heads.examples import Examples
from headstart.heads.features import Block
from headstart.heads.linear import LinearHead
from headstart.heads.protocol import HeadFit
from headstart.heads.select import fit_head
from headstart.heads.sparse import Sparse
from headstart.heads.trial import Trial


def clouds(n=90, width=12, classes=3, seed=0, spread=1.0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    means = spread * np.random.default_rng(99).normal(size=(classes, width))
    return (rng.normal(size=(n, width)) + means[y]).astype(np.float32), y


def words(y, seed=0, columns=200, signal=True):
    """Make counts in which each class has a few words of its own."""
    rng = np.random.default_rng(seed)
    rates = np.full((y.max() + 1, columns), 0.05)
    if signal:
        for label in range(y.max() + 1):
            rates[label, label * 10 : label * 10 + 10] = 0.4
    dense = rng.poisson(rates[y])
    rows, cols = np.nonzero(dense)
    indptr = np.searchsorted(rows, np.arange(len(y) + 1)).astype(np.int64)
    return Sparse(dense[rows, cols].astype(np.float32), cols.astype(np.int32), indptr, dense.shape)


@pytest.mark.parametrize("head", ["ridge", "logistic", "lda", "prototypes"])
def test_held_out_log_loss_is_near_that_on_fresh_examples(head):
    fresh, fresh_y = clouds(3000, seed=777)
    gaps = []
    for seed in range(10):
        rows, y = clouds(seed=seed)
        fitted = fit_head({"embedding": rows}, y, np.arange(90) // 5, head=head)
        truth = log_loss_rows(fitted.predict_proba({"embedding": fresh}), fresh_y).mean()
        gaps.append(log_loss_rows(fitted.loo_proba_, y).mean() - truth)
    assert fitted.meta()["head"] == head
    assert abs(np.mean(gaps)) < 0.07  # training on all of it gives 0.2 less than the truth of 0.23


def test_ridge_head_is_its_own_exact_refit():
    rows, y = clouds(60)
    groups = np.arange(60) // 4
    fitted = fit_head({"embedding": rows}, y, groups, head="ridge", class_weight=None)
    lam, temperature = fitted.meta()["lambda"], fitted.meta()["temperature"]
    size = np.square(rows - rows.mean(axis=0)).sum(axis=1).mean()  # blocks are scaled to mean square 1
    targets = 2.0 * np.eye(3)[y] - 1
    for group in (0, 7):
        held = groups == group
        model = Ridge(lam * size).fit(rows[~held].astype(float), targets[~held])
        expected = softmax(temperature * model.predict(rows[held].astype(float)))
        np.testing.assert_allclose(fitted.loo_proba_[held], expected, atol=1e-6)


def test_two_useful_blocks_are_mixed_and_candidates_say_what_each_added():
    rows, y = clouds(150, spread=0.5)
    text = words(y)
    fitted = fit_head({"embedding": rows, "text": text}, y, head="ridge")
    assert set(fitted.meta()["mixture"]) == {"embedding", "text"}
    by_name = {trial.features: trial for trial in fitted.candidates}
    chosen = next(trial for trial in fitted.candidates if trial.chosen)
    assert chosen.log_loss < min(by_name["embedding"].log_loss, by_name["text"].log_loss)
    assert [trial.chosen for trial in fitted.candidates].count(True) == 1
    assert len(by_name) == len(fitted.candidates) == 7
    fresh, fresh_y = clouds(600, seed=8, spread=0.5)
    blocks = {"embedding": fresh, "text": words(fresh_y, seed=9)}
    truth = log_loss_rows(fitted.predict_proba(blocks), fresh_y).mean()
    assert truth == pytest.approx(chosen.log_loss, abs=0.12)
    assert fitted.arrays()["text/weight"].shape[0] <= 200


def test_a_block_of_noise_is_left_out_or_nearly():
    rows, y = clouds(150)
    alone = fit_head({"embedding": rows}, y, head="ridge")
    both = fit_head({"embedding": rows, "text": words(y, signal=False)}, y, head="ridge")
    assert both.meta()["mixture"].get("embedding", 0) >= 0.5
    fresh, fresh_y = clouds(1000, seed=3)
    blocks = {"embedding": fresh, "text": words(fresh_y, seed=4, signal=False)}
    losses = [log_loss_rows(head.predict_proba(blocks), fresh_y).mean() for head in (alone, both)]
    assert losses[1] <= losses[0] + 0.03


def test_mixture_with_counts_predicts_what_the_held_out_fit_would():
    """IDF refitted fold by fold changes the log-loss by far less than one standard error."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(120) % 3)
    rows, _ = clouds(120)
    rows = rows + np.eye(3, 12)[y].astype(np.float32) * 2
    text = words(y, columns=400)
    fitted = fit_head({"embedding": rows, "text": text}, y, head="ridge")
    folds = np.arange(120) % 10
    losses = np.empty(120)
    for fold in range(10):
        held = folds == fold
        blocks = {"embedding": rows[~held], "text": text.take(~held)}
        part = fit_head(blocks, y[~held], head="ridge")
        proba = part.predict_proba({"embedding": rows[held], "text": text.take(held)})
        losses[held] = log_loss_rows(proba, y[held])
    honest, ours = losses, log_loss_rows(fitted.loo_proba_, y)
    assert abs(honest.mean() - ours.mean()) < honest.std() / np.sqrt(120)


def test_three_blocks_with_one_that_never_varies():
    rows, y = clouds(80)
    blocks = {"flat": np.ones((80, 4), np.float32), "embedding": rows, "layer_mid": rows[:, :5] * 1000}
    fitted = fit_head(blocks, y)
    assert "flat" not in fitted.meta()["mixture"]
    assert fitted.loo_proba_.shape == (80, 3)


def test_nothing_varies_at_all():
    y = np.array([0, 0, 0, 1, 1])
    fitted = fit_head({"embedding": np.ones((5, 3), np.float32)}, y)
    proba = fitted.predict_proba({"embedding": np.ones((1, 3), np.float32)})
    assert np.isfinite(proba).all()
    assert np.isfinite(fitted.loo_proba_).all()


def test_one_example_per_class_takes_prototypes_and_says_accuracy_is_unknown():
    rows, _ = clouds(4, classes=4, spread=5)
    fitted = fit_head({"embedding": rows}, np.arange(4))
    assert fitted.meta()["head"] == "prototypes"
    assert fitted.loo_proba_ is None
    assert fitted.candidates[0].log_loss is None
    assert "unknown" in fitted.notes[0]
    assert "unknown" in fitted.how
    assert fitted.oof == {}
    proba = fitted.predict_proba({"embedding": rows})
    assert (proba.argmax(axis=1) == np.arange(4)).all()
    with pytest.raises(NotEnoughDataError, match="2 groups or more"):
        fit_head({"embedding": rows}, np.arange(4), head="lda")
    with pytest.raises(NotEnoughDataError, match="One example per class is enough only with embeddings"):
        fit_head({"text": words(np.arange(4))}, np.arange(4))


def test_every_class_in_one_group_of_its_own_is_unknown_too():
    rows, y = clouds(30)
    assert fit_head({"embedding": rows}, y, groups=y).loo_proba_ is None


def test_a_class_of_one_is_told():
    rows, y = clouds(40)
    y = np.r_[np.zeros(20, int), np.ones(19, int), 2]
    fitted = fit_head({"embedding": rows}, y)
    assert any("Classes [2]" in note and "never be named right" in note for note in fitted.notes)
    assert fitted.loo_proba_[-1].argmax() != 2


def test_a_class_without_examples_gets_a_small_probability():
    rows, y = clouds(40, classes=2, spread=3)
    for head in ("ridge", "logistic", "lda", "prototypes"):
        fitted = fit_head({"embedding": rows}, y, n_classes=3, head=head)
        proba = fitted.predict_proba({"embedding": rows})
        assert proba.shape == (40, 3)
        assert not (proba.argmax(axis=1) == 2).any()


def test_weights_for_rare_classes_find_more_of_them():
    rows, y = clouds(1100, classes=2, seed=1, spread=0.5)
    rare = np.flatnonzero(y == 1)[:20]
    keep = np.sort(np.r_[np.flatnonzero(y == 0), rare])
    fresh, fresh_y = clouds(2000, classes=2, seed=2, spread=0.5)
    recall = {}
    for class_weight in (None, "auto"):
        fitted = fit_head({"e": rows[keep]}, y[keep], head="ridge", class_weight=class_weight)
        recall[class_weight] = (fitted.predict_proba({"e": fresh}).argmax(1) == 1)[fresh_y == 1].mean()
    assert recall["auto"] >= recall[None]
    assert fit_head({"e": rows}, y, head="ridge").meta()["class_weight"] is None
    assert fitted.meta()["class_weight"] == "balanced"


def test_meta_is_json_and_arrays_rebuild_the_head():
    rows, y = clouds()
    fitted = fit_head({"embedding": rows}, y)
    rebuilt = LinearHead.from_arrays(fitted.arrays(), json.loads(json.dumps(fitted.meta())))
    blocks = {"embedding": rows}
    assert np.array_equal(rebuilt.predict_proba(blocks), fitted.predict_proba(blocks))
    assert json.dumps([trial.to_dict() for trial in fitted.candidates])
    assert set(fitted.oof) == {trial.name for trial in fitted.candidates}


def test_auto_takes_logistic_by_default_and_says_how_it_was_measured():
    rows, y = clouds(200)
    fitted = fit_head({"e": rows}, y)
    assert fitted.meta()["head"] == "logistic"
    assert fitted.how == "stratified folds"
    assert np.array_equal(fitted.losses, next(t.losses for t in fitted.candidates if t.chosen))


def measured(head, losses):
    """Make a head with these held-out losses of four independent examples."""
    losses = np.array(losses)
    proba = np.column_stack([np.exp(-losses), 1 - np.exp(-losses)])
    trial = Trial(head, "e", (("e", 1.0),), losses.mean(), 1.0, proba, np.arange(4), losses=losses)
    return HeadFit(trial, 1.0, finish=dict)


@pytest.mark.parametrize(
    ("ridge", "taken"),
    [
        ([0.31, 0.25, 0.71, 0.65], "logistic"),  # 0.02 better, and half a standard error is 0.03
        ([0.1, 0.35, 0.5, 0.7], "ridge"),  # 0.09 better, and half a standard error is 0.01
    ],
)
def test_another_head_than_logistic_must_be_better_by_half_a_standard_error(ridge, taken):
    examples = Examples.check(np.array([0, 0, 1, 1]), None, 2)
    heads = with_handicaps([measured("ridge", ridge), measured("logistic", [0.2, 0.4, 0.6, 0.8])], examples)
    assert min(heads, key=lambda one: one.trial.compared).trial.head == taken
    assert heads[1].trial.handicap == 0


def test_heads_measured_by_folds_compare_with_one_left_out_by_their_gain_over_ridge():
    left_out, by_folds, other = (
        measured(head, losses).trial
        for head, losses in (
            ("ridge", [0.1, 0.2, 0.3, 0.4]),
            ("ridge by folds", [0.5, 0.5, 0.5, 0.5]),
            ("lda", [0.4, 0.6, 0.3, 0.3]),
        )
    )
    # Ridge knows half as much by folds: so the difference of each example to it counts half.
    assert other.beside(left_out, by_folds).losses == pytest.approx([0.05, 0.25, 0.2, 0.3])
    assert other.beside(left_out, None) is other


def test_with_many_small_classes_no_head_is_taken_for_being_measured_on_more():
    """Folds leave two of three examples: prototypes one left out would look better than ridge by folds."""
    y = np.repeat(np.arange(80), 3)
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(240, 16)) * 1.2 + np.random.default_rng(9).normal(size=(80, 16))[y]).astype(
        np.float32
    )
    own = np.column_stack([y // 9, 9 + y % 9, 18 + rng.integers(0, 40, 240)])  # a class is named by two words
    text = Sparse(
        np.ones(720, np.float32),
        own.ravel().astype(np.int32),
        np.arange(0, 721, 3, dtype=np.int64),
        (240, 58),
    )
    fitted = fit_head({"embedding": rows, "text": text}, y)
    taken = next(trial for trial in fitted.candidates if trial.chosen)
    assert taken.accuracy >= max(trial.accuracy for trial in fitted.candidates) - 0.03
    assert {trial.head for trial in fitted.candidates} >= {"ridge", "prototypes"}


def test_many_rows_search_mixtures_on_some_of_them(monkeypatch):
    monkeypatch.setattr(blend, "SEARCH_ROWS", 100)
    monkeypatch.setattr(ridge_module, "MOST_GRAM", 150)
    monkeypatch.setattr(ridge_module, "FOLDED_WIDTH", 64)
    rows, y = clouds(400, spread=0.4)
    text = words(y)
    fitted = fit_head({"embedding": rows, "text": text}, y, head="ridge")
    assert fitted.loo_proba_.shape == (400, 3)
    assert {len(trial.rows) for trial in fitted.candidates} == {100, 400}
    fresh, fresh_y = clouds(400, seed=8, spread=0.4)
    proba = fitted.predict_proba({"embedding": fresh, "text": words(fresh_y, seed=9)})
    truth = log_loss_rows(proba, fresh_y).mean()
    assert truth == pytest.approx(log_loss_rows(fitted.loo_proba_, y).mean(), abs=0.15)


def test_wrong_arguments_are_named():
    rows, y = clouds()
    with pytest.raises(
        ParameterError, match="head must be one of auto, ridge, logistic, lda, prototypes, got"
    ):
        fit_head({"e": rows}, y, head="svm")
    with pytest.raises(ParameterError, match="class_weight must be 'auto', 'balanced' or None, got 3"):
        fit_head({"e": rows}, y, class_weight=3)
    with pytest.raises(ParameterError, match="'e' must have 90 rows, as many as labels, got 5"):
        fit_head({"e": rows[:5]}, y)
    with pytest.raises(ParameterError, match="at least one block"):
        fit_head({}, y)
    with pytest.raises(ParameterError, match="must be a table of floats, got int"):
        fit_head({"e": rows.astype(int)}, y)
    with pytest.raises(ParameterError, match="cannot be fitted here"):
        fit_head({"text": words(y)}, y, head="lda")


@pytest.mark.parametrize("full", [4_000, 10], ids=["cut out of the whole", "made for some"])
def test_counts_shared_by_several_fits_are_multiplied_once_and_change_nothing(monkeypatch, full):
    rows, y = clouds(n=120)
    text, made = words(y), []
    once = Sparse.gram
    monkeypatch.setattr(Sparse, "gram", lambda self, *other: made.append(len(self)) or once(self, *other))
    monkeypatch.setattr(blend, "SEARCH_ROWS", 80)
    monkeypatch.setattr(features_module, "FULL_GRAM", full)
    alone = [fit_head({"embedding": part, "raw": text}, y, head="ridge") for part in (rows, rows[:, :6])]
    before = len(made)
    made.clear()
    block = Block.prepare("raw", text, 3)
    shared = [fit_head({"embedding": part, "raw": block}, y, head="ridge") for part in (rows, rows[:, :6])]
    assert len(made) < before
    assert len(made) == len(set(made))  # once for all examples, and once at most for those of the search
    for one, other in zip(alone, shared, strict=True):
        assert [trial.name for trial in one.candidates] == [trial.name for trial in other.candidates]
        np.testing.assert_allclose(one.loo_proba_, other.loo_proba_, atol=1e-6)
