"""Tell numbers that measure something (a price, an age, a score) from numbers that are codes of classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import gcd, isfinite
from statistics import fmean, median_low, pvariance

from headstart.data.measured import read_quantity

_MOST = 0.95
_FEW = 11  # marks from 0 to 10
_SURELY = 20
_RARELY = 3
_CODE = re.compile(r"0\d+")
_NAMES = frozenset(
    "age alter amount cost count distance duration height income length percent percentage population preis "
    "price prix quantity rating revenue salary score speed temperature weight width".split()
)
_MEASURES = frozenset(
    "age alter cost distance duration height income preis price prix revenue salary weight width".split()
)
"""What nobody gives as one of a few marks."""
_FIRST_CODES = frozenset({10, 100, 101, 1000, 1001, 10_000, 10_001})
_OF_CODES = frozenset("band bin category class code group id label level range type".split())


def is_quantity(counts: Mapping[str, int], column: str = "") -> bool:
    """Tell whether labels are numbers with many values rather than codes of classes.

    Few values (stars from 1 to 5, digits) are classes, and so are whole numbers with several examples of
    each. Fractions with many values measure something; so do whole numbers of which most occur hardly ever,
    and those that run without a gap from far above 1, like ages.

    Parameters
    ----------
    counts
        Examples of each label.
    column
        What the column is called; ``price`` or ``age`` settles what numbers alone leave open.
    """
    values: dict[float, int] = {}
    with_unit = 0
    for name, count in counts.items():
        quantity = read_quantity(name)
        if quantity is not None:
            values[quantity.number] = values.get(quantity.number, 0) + count
            with_unit += count * quantity.has_unit
    rows = sum(counts.values())
    if sum(values.values()) < _MOST * rows or any(_CODE.fullmatch(name) for name in counts):
        return False
    values = {number: count for number, count in values.items() if isfinite(number)}
    if len(values) <= _FEW:
        return len(values) > _FEW // 2 and (median_low(values.values()) < 2 or _measures(column, _MEASURES))
    return _measures(column) or with_unit >= _MOST * rows or _are_measured(values)


def is_called_after_a_measure(column: str) -> bool:
    """Tell whether the name of a column says that it measures something: ``price``, ``age``."""
    return _measures(column)


def is_surely_quantity(counts: Mapping[str, int], column: str = "") -> bool:
    """Tell whether labels are fractions of very many values, which nobody means as classes.

    Whole numbers may be codes, and a few fractions that come again and again may be sizes or grades.
    """
    if not is_quantity(counts, column):
        return False
    numbers = [quantity.number for name in counts if (quantity := read_quantity(name)) is not None]
    broken = sum(isfinite(number) and not number.is_integer() for number in numbers)
    rarely = median_low(counts.values()) < _RARELY
    return len(numbers) > _SURELY and 2 * broken >= len(numbers) and (rarely or _measures(column))


def _are_measured(values: Mapping[float, int]) -> bool:
    """Decide on more than a few numbers."""
    typical = median_low(values.values())
    if typical < 2:
        return True
    if not all(number.is_integer() for number in values):
        return len(values) > 2 * _FEW or typical < 5
    low, high = min(values), max(values)
    step = gcd(*(int(number - low) for number in values))
    filled = len(values) / ((high - low) / step + 1)
    spread = pvariance(values.values()) / fmean(values.values())
    if low in (0, 1) and step == 1 and filled >= 0.9:  # codes begin there
        return typical < 5 and spread > 0.5
    if filled >= 0.8:
        return typical < 5 or len(values) > 3 * _FEW or not _may_begin_codes(low, step)
    return typical < 5 and not (spread < 0.3 and min(values.values()) >= 3)


def _may_begin_codes(low: float, step: int) -> bool:
    """Tell whether evenly spaced codes may begin with a number; ages and years begin elsewhere."""
    return low <= 0 or low == step or (step == 1 and low in _FIRST_CODES)


def _measures(column: str, names: frozenset[str] = _NAMES) -> bool:
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).lower())
    return not names.isdisjoint(words) and _OF_CODES.isdisjoint(words)
