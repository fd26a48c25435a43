"""What "unsure" and "none of these" promise is kept: data drawn from known distributions."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.evaluation.doubt import LEVEL, coverage_range, measure_novelty, measure_sets
from headstart.heads.conformal import Conformal
from headstart.heads.novelty import NOVEL, Novelty
from headstart.heads.select import fit_head

DRAWS = 100
FRESH = 1500


def clouds(rng, n, *, n_classes=4, width=64, apart=0.35, groups=None, shift=1.0, balanced=False):
    """Draw examples of Gaussian classes; with `groups` each has an offset of its own."""
    centres = np.random.default_rng(7).normal(size=(n_classes, width)) * apart
    y = np.arange(n) % n_classes if balanced else rng.integers(0, n_classes, n)
    owner = np.arange(n) if groups is None else rng.integers(0, groups, n)
    rows = centres[y] + rng.normal(size=(n, width))
    if groups is not None:
        rows += (rng.normal(size=(groups, n_classes, width)) * shift)[owner, y]
    return rows.astype(np.float32), y, owner


def draw(number, n, confidence, **how):
    """Return the share of right sets on fresh data, by class too, and the range it was said to lie in."""
    rng = np.random.default_rng(number)
    rows, y, owner = clouds(rng, n, **how)
    fresh, truth, _ = clouds(rng, FRESH, **{**how, "groups": None if how.get("groups") is None else FRESH})
    n_classes = how.get("n_classes", 4)
    fitted = fit_head({"embedding": rows}, y, owner, n_classes=n_classes, head="ridge")
    judge = Conformal.fit(fitted.loo_proba_, y, np.unique(owner, return_inverse=True)[1])
    proba = fitted.predict_proba({"embedding": fresh})
    sets = judge.sets(proba, confidence)
    # What the range is about: the sets without the likeliest class that is always added.
    plain = (1 - proba).astype(np.float64) <= judge.thresholds(confidence)
    at = np.arange(FRESH), truth
    by_class = [sets[at][truth == label].mean() for label in range(n_classes)]
    return sets[at].mean(), plain[at].mean(), coverage_range(judge, confidence), by_class


@pytest.mark.parametrize(
    ("n", "confidence", "how"),
    [
        pytest.param(60, 0.9, {}, id="60 examples, one threshold for all"),
        pytest.param(200, 0.9, {}, id="200 examples, thresholds of their own"),
        pytest.param(300, 0.95, {"n_classes": 6}, id="95%, some of each", marks=pytest.mark.slow),
        pytest.param(240, 0.9, {"groups": 40}, id="40 groups", marks=pytest.mark.slow),
        pytest.param(100, 0.8, {"n_classes": 10}, id="10 classes, 80%", marks=pytest.mark.slow),
    ],
)
def test_the_right_class_is_in_the_set_as_often_as_said(n, confidence, how):
    found = [draw(number, n, confidence, **how) for number in range(DRAWS)]
    covered = np.array([one[0] for one in found])
    plain = np.array([one[1] for one in found])
    low, high = (np.array([one[2][end] for one in found]) for end in (0, 1))
    error = np.sqrt(confidence * (1 - confidence) / FRESH)  # the fresh data are a sample too
    inside = ((plain >= low - error) & (plain <= high + error)).mean()
    not_below = (covered >= low - error).mean()
    print(
        f"covered {covered.mean():.3f}, plain {plain.mean():.3f}, in range {inside:.2f}, "
        f"not below {not_below:.2f}"
    )
    assert covered.mean() >= confidence - 0.01
    assert not_below >= 1 - (1 - LEVEL) / 2 - 0.04
    assert inside >= LEVEL - 0.08


def test_a_weak_class_is_covered_too_where_it_has_examples_enough():
    """One threshold for all would let the weakest class pay for the others."""
    by_class = np.mean(
        [draw(number, 240, 0.9, n_classes=3, apart=0.25, balanced=True)[3] for number in range(40)], axis=0
    )
    assert by_class.min() >= 0.88


def test_known_things_are_turned_away_no_more_often_than_said():
    rejected, noticed = [], []
    for number in range(25):
        rng = np.random.default_rng(number)
        rows, y, owner = clouds(rng, 150, width=32, apart=1.0)
        count = len(y)
        judge = Novelty.fit({"embedding": rows}, y, owner, np.arange(count), np.zeros(count, np.uint64))
        fresh, _, _ = clouds(rng, FRESH, width=32, apart=1.0)
        rejected.append((judge.p_values({"embedding": fresh}) < NOVEL).mean())
        other = np.random.default_rng(10_000).normal(size=(FRESH, 32)) + 3 * rng.normal(size=32)
        noticed.append((judge.p_values({"embedding": other.astype(np.float32)}) < NOVEL).mean())
    print(f"rejected {np.mean(rejected):.3f}, noticed {np.mean(noticed):.2f}")
    assert 0.03 < np.mean(rejected) < 0.06
    assert np.mean(noticed) > 0.5


def test_members_of_groups_are_not_turned_away_for_being_new():
    """New speakers are as far from the training speakers as these are from each other."""
    rejected = []
    for number in range(25):
        rng = np.random.default_rng(number)
        rows, y, owner = clouds(rng, 240, width=32, apart=1.0, groups=40)
        judge = Novelty.fit({"embedding": rows}, y, owner, np.arange(240), np.zeros(240, np.uint64))
        fresh, _, _ = clouds(rng, FRESH, width=32, apart=1.0, groups=FRESH)
        rejected.append((judge.p_values({"embedding": fresh}) < NOVEL).mean())
    assert np.mean(rejected) < 0.065


def test_what_the_report_says_is_what_happens_to_new_data():
    """Coverage, single answers and their accuracy, from held-out examples alone, agree with fresh ones."""
    said, happened = [], []
    for number in range(25):
        rng = np.random.default_rng(number)
        rows, y, owner = clouds(rng, 200)
        fitted = fit_head({"embedding": rows}, y, owner, n_classes=4, head="ridge")
        judge = Conformal.fit(fitted.loo_proba_, y, owner)
        [promise] = [p for p in measure_sets(fitted.loo_proba_, y, owner, judge) if p.confidence == 0.9]
        said.append((promise.covered, promise.answered, promise.right))
        fresh, truth, _ = clouds(rng, FRESH)
        sets = judge.sets(fitted.predict_proba({"embedding": fresh}), 0.9)
        single = sets.sum(axis=1) == 1
        right = sets[np.arange(FRESH), truth]
        happened.append((right.mean(), single.mean(), right[single].mean()))
    np.testing.assert_allclose(np.mean(said, axis=0), np.mean(happened, axis=0), atol=0.025)


def test_a_class_held_out_scores_as_one_that_was_never_there():
    """The AUROC of a class held out equals that of fresh examples, against a model trained without it."""
    rng = np.random.default_rng(0)
    rows, y, owner = clouds(rng, 600, width=24, apart=0.8)
    report = measure_novelty({"embedding": rows}, y, owner, tuple("abcd"), 600)
    assert report.false_alarms == pytest.approx(NOVEL, abs=0.025)
    for label, name in enumerate("abcd"):
        kept = np.flatnonzero(y != label)
        judge = Novelty.fit(
            {"embedding": rows[kept]}, y[kept], owner[kept], kept, np.zeros(len(kept), np.uint64)
        )
        fresh, truth, _ = clouds(np.random.default_rng(1), 4000, width=24, apart=0.8)
        p = judge.p_values({"embedding": fresh})
        known, strange = np.sort(p[truth != label]), p[truth == label]
        below = np.searchsorted(known, strange, "left") + np.searchsorted(known, strange, "right")
        happened = 1 - (below / (2 * len(known))).mean()
        assert report.per_class[name].auroc == pytest.approx(happened, abs=0.05)
        assert report.per_class[name].noticed == pytest.approx((strange < NOVEL).mean(), abs=0.08)
