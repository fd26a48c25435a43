"""Intervals: known values, what groups are worth, and the edges."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.errors import ParameterError
from headstart.evaluation.intervals import accuracy_interval, clopper_pearson, group_bootstrap, weigh, wilson


def right(k, n):
    return np.arange(n) < k


@pytest.mark.parametrize(
    ("interval", "k", "n", "expected"),
    [
        (wilson, 90, 100, (0.825634, 0.944771)),
        (wilson, 50, 50, (0.928652, 1.0)),
        (wilson, 0, 20, (0.0, 0.161125)),
        (clopper_pearson, 90, 100, (0.823777, 0.950995)),
        (clopper_pearson, 20, 20, (0.05 ** (1 / 20) * (0.025 / 0.05) ** (1 / 20), 1.0)),
        (clopper_pearson, 0, 0, (0.0, 1.0)),
        (wilson, 0, 0, (0.0, 1.0)),
    ],
)
def test_known_values(interval, k, n, expected):
    assert interval(k, n) == pytest.approx(expected, abs=5e-7)


def test_independent_examples_get_wilson():
    got = accuracy_interval(right(90, 100))
    assert (got.estimate, got.level) == (0.9, 0.95)
    assert (got.low, got.high) == pytest.approx((0.825634, 0.944771), abs=5e-7)
    assert got.how == "95% Wilson interval on 100 examples"


def test_one_example_and_none():
    one = accuracy_interval([1])
    assert (one.estimate, one.high) == (1.0, 1.0)
    assert one.low == pytest.approx(0.206549, abs=5e-7)
    none = accuracy_interval([], how="leave-one-out")
    assert (none.estimate, none.low, none.high) == (None, 0.0, 1.0)
    assert none.how == "leave-one-out; no example could be measured"


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_always_an_interval_never_narrower_than_independent_examples(data):
    n = data.draw(st.integers(1, 40))
    values = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=float)
    groups = data.draw(st.lists(st.integers(0, 8), min_size=n, max_size=n))
    got = accuracy_interval(values, groups)
    assert 0 <= got.low <= got.estimate <= got.high <= 1
    alone = accuracy_interval(values)
    assert got.high - got.low >= alone.high - alone.low - 1e-12
    worth = weigh(values, groups)
    assert worth.independent - 1e-9 <= worth.effective <= n + 1e-9
    names = np.array(list("abcdefghi"))[groups]
    order = np.random.default_rng(0).permutation(n)
    assert accuracy_interval(values[order], names[order]).low == pytest.approx(got.low)
    mirrored = accuracy_interval(1 - values, groups)
    assert mirrored.low == pytest.approx(1 - got.high)


def test_copies_of_an_example_add_nothing():
    values = right(40, 50).astype(float)
    copied = accuracy_interval(np.repeat(values, 6), np.repeat(np.arange(50), 6))
    alone = accuracy_interval(values)
    # The t quantile for 50 groups is all that differs, and worst-case bound takes even that away.
    assert copied.low == pytest.approx(alone.low)
    assert copied.high == pytest.approx(alone.high)


def test_all_right_in_few_groups_stays_wide():
    got = accuracy_interval(np.ones(300), np.repeat([0, 1, 2], 100))
    assert got.low == pytest.approx(wilson(3, 3)[0])
    assert "300 examples in 3 groups (effective sample size 3)" in got.how


def test_one_group_of_many_is_worth_one_example():
    got = accuracy_interval(right(80, 100), np.zeros(100))
    assert weigh(right(80, 100), np.zeros(100)).effective == pytest.approx(1)
    assert got.high - got.low > 0.75


def test_mistakes_that_gather_in_groups_widen_the_interval():
    groups = np.repeat(np.arange(40), 10)
    spread = np.tile(right(8, 10), 40)
    gathered = np.repeat(right(32, 40), 10)
    wide, narrow = accuracy_interval(gathered, groups), accuracy_interval(spread, groups)
    assert wide.estimate == narrow.estimate
    assert (wide.high - wide.low) > 1.9 * (narrow.high - narrow.low)


def test_a_few_mistakes_do_not_make_the_interval_jump():
    groups = np.repeat(np.arange(55), 8)
    widths = []
    for wrong in range(4):
        values = np.ones(440)
        values[np.arange(wrong) * 100] = 0
        got = accuracy_interval(values, groups)
        widths.append(got.high - got.low)
    # With no prior at all the first mistake would make the interval five times narrower.
    assert all(later > 0.6 * earlier for earlier, later in itertools.pairwise(widths))


def test_inflation_divides_what_examples_are_worth():
    assert weigh(right(80, 100), None, inflation=2.0).effective == 50
    assert weigh(right(80, 100), None, inflation=0.5).effective == 100
    wide, narrow = accuracy_interval(right(80, 100), inflation=2.0), accuracy_interval(right(80, 100))
    assert (wide.low, wide.high) == pytest.approx(wilson(40, 50))
    assert wide.low < narrow.low


def test_bootstrap_over_groups():
    values = np.tile(right(8, 10), 40).astype(float)
    assert group_bootstrap(values, np.repeat(np.arange(40), 10)) == (0.8, 0.8)
    low, high = group_bootstrap(values, None)
    assert (low, high) == pytest.approx((0.76, 0.84), abs=0.01)
    assert group_bootstrap(values, None) == (low, high)


def test_errors_name_the_value():
    with pytest.raises(ParameterError, match=r"between 0 and 1 \(0.95 is usual\), got 95"):
        accuracy_interval([1, 0], level=95)
    with pytest.raises(ParameterError, match="from 0 "):
        accuracy_interval([2, 0])
    with pytest.raises(ParameterError, match="each of 2 examples"):
        accuracy_interval([1, 0], [1])
