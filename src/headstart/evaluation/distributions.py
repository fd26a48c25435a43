"""The few quantiles that intervals need, without SciPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

_TINY = 1e-300


def normal_quantile(probability: float) -> float:
    """Return the standard normal quantile."""
    return NormalDist().inv_cdf(probability)


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    Parameters
    ----------
    x
        Between 0 and 1.
    a, b
        Positive shapes.
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    if x > (a + 1.0) / (a + b + 2.0):  # the fraction converges quickly on the other side of the mean
        return 1.0 - beta_cdf(1.0 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) * _continued_fraction(x, a, b) / a


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Evaluate the fraction of DLMF 8.17.22 by Lentz's method."""
    numerator, denominator = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    denominator = 1.0 / (denominator if abs(denominator) > _TINY else _TINY)
    result = denominator
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            denominator = 1.0 + term * denominator
            numerator = 1.0 + term / numerator
            denominator = 1.0 / (denominator if abs(denominator) > _TINY else _TINY)
            numerator = numerator if abs(numerator) > _TINY else _TINY
            result *= denominator * numerator
        if abs(denominator * numerator - 1.0) < 1e-15:
            break
    return result


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return x with I_x(a, b) = probability."""
    return _bisect(lambda x: beta_cdf(x, a, b) - probability, 0.0, 1.0)


def t_two_sided(t: float, df: float) -> float:
    """Return P(abs(T) >= abs(t)) for Student's t with `df` degrees of freedom."""
    return beta_cdf(df / (df + t * t), df / 2.0, 0.5)


def t_quantile(probability: float, df: float) -> float:
    """Return the quantile of Student's t; `df` need not be whole and may be infinite.

    Solved in u = t²/(df + t²), which is bounded however heavy the tails are.
    """
    if math.isinf(df):
        return normal_quantile(probability)
    if probability == 0.5:
        return 0.0
    inside = abs(2.0 * probability - 1.0)
    if inside < 0.5:
        u = beta_quantile(inside, 0.5, df / 2.0)
        size = math.sqrt(df * u / (1.0 - u))
    else:
        v = beta_quantile(1.0 - inside, df / 2.0, 0.5)
        size = math.sqrt(df * (1.0 - v) / v)
    return math.copysign(size, probability - 0.5)


def _bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """Find the root of an increasing function, to the last bit that bisection can reach."""
    for _ in range(1100):  # doubles near zero have many more bits than 53
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if function(middle) < 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
