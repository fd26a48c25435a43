"""The test for drift: its false alarms over a shift, how soon it finds one, and how it goes on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from headstart.defects.answers import DefectPrediction
from headstart.defects.drift import SHIFT, Bets, DriftTest
from headstart.errors import ParameterError


def detector(good: int = 100, seed: int = 0) -> Any:
    """A model of which the test knows but the left-out scores, of a skewed distribution."""
    scores = np.sort(np.random.default_rng(seed).gamma(4, size=good)).astype(np.float32)
    return SimpleNamespace(target="defects", head=SimpleNamespace(detector=SimpleNamespace(left_out=scores)))


def usual(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).gamma(4, size=n)


def test_bets_on_a_shift_of_usual_parts_hardly_ever_win() -> None:
    rng, bets, best = np.random.default_rng(1), Bets(400), np.zeros(400)

    for _ in range(SHIFT):
        best = np.maximum(best, bets.place(rng.normal(size=400)))

    alarms = [(best >= -np.log(rate)).mean() for rate in (0.01, 0.05, 0.2)]
    assert alarms[0] <= 0.01
    assert alarms[1] <= 0.05
    assert alarms[2] <= 0.2


def test_a_stake_of_one_is_worth_one_on_average() -> None:
    bets, rng = Bets(20_000), np.random.default_rng(2)

    worth = [np.exp(bets.place(rng.normal(size=20_000))).mean() for _ in range(3)]

    assert worth == pytest.approx([1, 1, 1], abs=0.1)


@pytest.mark.parametrize("good", [20, 100])
def test_no_alarm_where_nothing_changed(good: int) -> None:
    reports = [DriftTest(detector(good, seed)).add(usual(50 + seed, 1000)) for seed in range(20)]

    assert not any(report.found for report in reports)
    assert {report.code for report in reports} == {"none"}
    assert all(report.since is None for report in reports)


@pytest.mark.parametrize(("at", "shift", "soon"), [(0, 2.0, 20), (339, 2.0, 20), (3000, 1.0, 60)])
def test_a_shift_is_found_soon_and_told_since_when(at: int, shift: float, soon: int) -> None:
    test = DriftTest(detector())
    assert not test.add(usual(7, at)).found

    report = test.add(usual(8, soon) + shift * 2)  # the standard deviation is 2

    assert report.found
    assert report.code == "odder"
    assert report.since == pytest.approx(at + 1, abs=5)
    assert report.shift == pytest.approx(shift, abs=0.6)
    assert report.evidence >= 100


def test_parts_that_look_less_odd_are_drift_too() -> None:
    test = DriftTest(detector())
    test.add(usual(7, 200))

    report = test.add(usual(8, 100) * 0.3)

    assert (report.found, report.code) == (True, "less-odd")


def test_scores_spread_differently_are_drift_too() -> None:
    test = DriftTest(detector())

    report = test.add(np.random.default_rng(3).normal(4, 0.2, size=300))

    assert (report.found, report.code) == (True, "uneven")


def test_a_few_defects_are_no_drift() -> None:
    found = 0
    for seed in range(20):
        scores = usual(1000 + seed, 1000)
        scores[np.random.default_rng(seed).choice(1000, 50, replace=False)] += 40
        found += DriftTest(detector(seed=seed)).add(scores).found

    assert found <= 1


def test_it_goes_on_exactly_where_it_was() -> None:
    scores = [*usual(7, 100), *(usual(8, 30) + 1.5)]
    whole, first, second = (DriftTest(detector()) for _ in range(3))

    first.add(scores[:60])
    second.resume(first.to_dict())

    assert second.add(scores[60:]) == whole.add(scores)


def test_it_begins_anew_after_a_shift() -> None:
    test = DriftTest(detector())
    test.add(usual(7, 100) + 8)
    assert test.report().found

    report = test.add(usual(9, SHIFT - 100 + 50))

    assert (report.found, report.parts, report.of) == (False, 50, SHIFT)


def test_what_could_not_be_read_is_passed_over() -> None:
    said = [DefectPrediction("a", score=1.0), DefectPrediction("b", error="broken")]

    assert DriftTest(detector()).see(said).parts == 1


def test_nothing_seen_says_nothing() -> None:
    assert DriftTest(detector()).report().to_dict() == {
        "found": False, "parts": 0, "since": None, "shift": None, "evidence": 1.0, "false_alarms": 0.01,
        "of": SHIFT, "code": "none",
    }  # fmt: skip


def test_what_cannot_be_tested_is_refused() -> None:
    with pytest.raises(
        ParameterError, match="Drift is tested for models that find defects; this model learn"
    ):
        DriftTest(SimpleNamespace(target="classes"))  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="must be between 0 and 1, got 2"):
        DriftTest(detector(), false_alarms=2)
    with pytest.raises(ValueError, match="not the scores of one shift"):
        DriftTest(detector()).resume({"shifts": 0, "scores": [float("nan")]})
