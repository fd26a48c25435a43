"""What "unsure" and "none of these" promise is kept on real data: small samples, judged by the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from covering import Sample
from test_coverage_real import commands, digits, draws, packages

from headstart.evaluation.doubt import LEVEL, coverage_range
from headstart.heads.conformal import Conformal
from headstart.heads.novelty import NOVEL, Novelty
from headstart.heads.select import fit_head

pytestmark = pytest.mark.realdata
DRAWN = 60


def some(everything: Sample, n: int, count: int) -> Iterator[tuple[Sample, Sample]]:
    for _, pair in zip(range(count), draws(everything, n), strict=False):
        yield pair


def kept(everything: Sample, n: int, confidence: float) -> tuple[float, float, float]:
    """Return the mean share of right sets, how often that is not below its range, and of single sets."""
    covered, not_below, single = [], [], []
    n_classes = int(everything.y.max()) + 1
    for train, fresh in some(everything, n, DRAWN):
        fitted = fit_head(
            {"embedding": train.tables[0]}, train.y, train.groups, n_classes=n_classes, head="ridge"
        )
        judge = Conformal.fit(fitted.loo_proba_, train.y[fitted.rows], train.groups[fitted.rows])
        sets = judge.sets(fitted.predict_proba({"embedding": fresh.tables[0]}), confidence)
        right = sets[np.arange(len(fresh.y)), fresh.y]
        error = np.sqrt(confidence * (1 - confidence) / len(np.unique(fresh.groups)))
        covered.append(right.mean())
        not_below.append(right.mean() >= coverage_range(judge, confidence)[0] - error)
        single.append((sets.sum(axis=1) == 1).mean())
    return float(np.mean(covered)), float(np.mean(not_below)), float(np.mean(single))


@pytest.mark.parametrize(
    ("read", "n", "confidence"),
    [
        pytest.param(digits, 120, 0.9, id="digits"),
        pytest.param(digits, 150, 0.95, id="digits 95%", marks=pytest.mark.slow),
        pytest.param(packages, 120, 0.9, id="packages", marks=pytest.mark.slow),
        pytest.param(packages, 300, 0.9, id="packages, own thresholds", marks=pytest.mark.slow),
        pytest.param(commands, 30, 0.9, id="commands of speakers not heard", marks=pytest.mark.slow),
    ],
)
def test_the_right_class_is_in_the_set(data_root: Path, read, n, confidence, record_property):
    covered, not_below, single = kept(read(data_root), n, confidence)
    record_property("coverage", covered)
    print(f"covered {covered:.3f}, not below its range {not_below:.2f}, single {single:.2f}")
    assert covered >= confidence - 0.015
    assert not_below >= 1 - (1 - LEVEL) / 2 - 0.06


@pytest.mark.parametrize(
    ("read", "n"),
    [
        pytest.param(digits, 150, id="digits"),
        pytest.param(packages, 150, id="packages", marks=pytest.mark.slow),
        pytest.param(commands, 30, id="commands of speakers not heard"),
    ],
)
def test_known_things_are_turned_away_no_more_often_than_said(data_root: Path, read, n, record_property):
    rejected = []
    for train, fresh in some(read(data_root), n, 30):
        count = len(train.y)
        judge = Novelty.fit(
            {"embedding": train.tables[0]},
            train.y,
            train.groups,
            np.arange(count),
            np.zeros(count, np.uint64),
        )
        rejected.append((judge.p_values({"embedding": fresh.tables[0]}) < NOVEL).mean())
    record_property("rejected", float(np.mean(rejected)))
    print(f"rejected {np.mean(rejected):.3f}")
    assert np.mean(rejected) <= NOVEL + 0.015
