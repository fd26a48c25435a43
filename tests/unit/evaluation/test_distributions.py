"""Quantiles are those of the distributions they are named for, far into the tails."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from headstart.evaluation.distributions import beta_cdf, beta_quantile, t_quantile, t_two_sided


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (1, 1), (2, 30), (91, 10), (0.5, 400.0), (1000, 3)])
@pytest.mark.parametrize("x", [1e-6, 0.01, 0.3, 0.5, 0.9, 0.999])
def test_beta(a, b, x):
    expected = stats.beta.cdf(x, a, b)
    assert beta_cdf(x, a, b) == pytest.approx(expected, rel=1e-10, abs=1e-14)
    if 1e-8 < expected < 1 - 1e-8:
        assert beta_quantile(expected, a, b) == pytest.approx(x, rel=1e-7)


@pytest.mark.parametrize("df", [0.3, 1, 2, 2.7, 9, 54, 1e5])
@pytest.mark.parametrize("p", [0.001, 0.3, 0.6, 0.95, 0.975, 0.9999])
def test_t(df, p):
    q = stats.t.ppf(p, df)
    assert t_quantile(p, df) == pytest.approx(q, rel=1e-8)
    assert t_two_sided(q, df) == pytest.approx(2 * min(p, 1 - p), rel=1e-8)


def test_edges():
    assert beta_cdf(-1, 2, 3) == 0
    assert beta_cdf(2, 2, 3) == 1
    assert t_quantile(0.5, 3) == 0
    assert t_quantile(0.975, math.inf) == pytest.approx(1.959963984540054)
