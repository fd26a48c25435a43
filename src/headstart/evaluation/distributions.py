"""The few quantiles that intervals need, by the names of this field."""

from __future__ import annotations

import math

from scipy.special import betainc, betaincinv, ndtri, stdtr, stdtrit


def normal_quantile(probability: float) -> float:
    """Return the standard normal quantile."""
    return float(ndtri(probability))


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b); `a` and `b` are positive shapes."""
    return float(betainc(a, b, min(max(x, 0.0), 1.0)))


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return x with I_x(a, b) = probability."""
    return float(betaincinv(a, b, probability))


def t_two_sided(t: float, df: float) -> float:
    """Return P(abs(T) >= abs(t)) for Student's t with `df` degrees of freedom."""
    return float(2.0 * stdtr(df, -abs(t)))


def t_quantile(probability: float, df: float) -> float:
    """Return the quantile of Student's t; `df` need not be whole and may be infinite."""
    return normal_quantile(probability) if math.isinf(df) else float(stdtrit(df, probability))
