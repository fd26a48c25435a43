"""The threshold keeps its promise, and promises nothing that it cannot keep."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.defects.rate import check_rate, parse_rate
from headstart.defects.threshold import independent_pictures, set_threshold
from headstart.errors import ParameterError


def _scores(n: int) -> np.ndarray:
    return np.random.default_rng(n).permutation(np.arange(1, n + 1)).astype(np.float32)


@pytest.mark.parametrize(
    ("n", "rate", "rank", "expected"),
    [(99, 0.05, 95, 0.05), (100, 0.05, 96, 5 / 101), (19 + 1, 0.05, 20, 1 / 21), (50, 0.1, 46, 5 / 51)],
)
def test_the_threshold_is_a_rank_of_the_left_out_scores(
    n: int, rate: float, rank: int, expected: float
) -> None:
    threshold, promised = set_threshold(_scores(n), rate)

    assert threshold == rank
    assert promised.expected == pytest.approx(expected)
    assert promised.expected <= rate


@pytest.mark.parametrize(("n", "low", "high"), [(50, 0.007, 0.09), (100, 0.02, 0.09), (300, 0.03, 0.07)])
def test_the_range_is_wide_where_there_are_few(n: int, low: float, high: float) -> None:
    _, promised = set_threshold(_scores(n), None)

    assert promised.low == pytest.approx(low, abs=0.006)
    assert promised.high == pytest.approx(high, abs=0.006)


def test_a_rate_that_so_few_cannot_promise_is_refused_with_what_it_takes() -> None:
    message = r"50 good photos cannot promise a false-alarm rate of 1%: the smallest is 1\.96%"
    with pytest.raises(ParameterError, match=message) as raised:
        set_threshold(_scores(50), 0.01)
    assert (raised.value.hint or "").startswith(
        "Bring at least 99 good photos, or ask for --false-alarms 0.02"
    )
    assert str(raised.value).endswith("or ask for false_alarms=0.02.")

    set_threshold(_scores(50), 0.02)
    set_threshold(_scores(99), 0.01)


@pytest.mark.parametrize("rate", [None, 0.01, 0.1])
def test_nothing_is_promised_with_fewer_than_twenty(rate: float | None) -> None:
    threshold, promised = set_threshold(_scores(19), rate)

    assert promised.expected is promised.low is promised.high is None
    assert threshold == (18 if rate == 0.1 else 19)
    assert promised.smallest == 1 / 20


@pytest.mark.parametrize("n", [20, 50, 100])
@pytest.mark.parametrize("rate", [0.05, 0.1])
def test_over_many_draws_no_more_good_pictures_are_above_it_than_asked(n: int, rate: float) -> None:
    rng = np.random.default_rng(0)
    found = [1 - _cdf(set_threshold(rng.normal(size=n).astype(np.float32), rate)[0]) for _ in range(3000)]

    assert np.mean(found) < rate + 0.004
    covered = []
    for one in found:
        _, promised = set_threshold(_scores(n), rate)
        covered.append(promised.low <= one <= promised.high)
    assert np.mean(covered) == pytest.approx(0.90, abs=0.025)


def _cdf(x: float) -> float:
    from scipy.stats import norm

    return float(norm.cdf(x))


@pytest.mark.parametrize(
    ("text", "rate"), [("5%", 0.05), ("5 %", 0.05), ("0.05", 0.05), ("2,5%", 0.025), (" .1", 0.1)]
)
def test_rates_are_read_as_people_write_them(text: str, rate: float) -> None:
    assert parse_rate(text) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["five", "", "%", "nan"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match=r"must be a share such as 5% or 0\.05, got"):
        parse_rate(text)


@pytest.mark.parametrize(("rate", "told"), [(5, r"5 \(500%\)"), (0, r"0 \(0%\)"), (-0.1, r"-0.1 \(-10%\)")])
def test_rates_out_of_range_are_refused(rate: float, told: str) -> None:
    with pytest.raises(ParameterError, match=f"above 0% and at most 50%, got {told}"):
        check_rate(rate)


def test_groups_that_are_alike_within_count_as_fewer_pictures() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(10), 10)
    apart = rng.normal(size=100).astype(np.float32)
    alike = (np.repeat(rng.normal(size=10), 10) + 0.1 * apart).astype(np.float32)

    assert independent_pictures(apart, np.arange(100)) == 100
    assert independent_pictures(apart, groups) > 60
    assert independent_pictures(alike, groups) < 12
    _, narrow = set_threshold(alike, 0.1, 100)
    _, wide = set_threshold(alike, 0.1, independent_pictures(alike, groups))
    assert wide.high > narrow.high + 0.05
