"""Tell numbers that measure something (a price, an age, a score) from numbers that are codes of classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from statistics import fmean, median_low, pvariance

_MOST = 0.95
_FEW = 11  # marks from 0 to 10
_NUMBER = re.compile(
    r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?|[-+]?\d+,\d+|[-+]?\.\d+", re.IGNORECASE
)
_UNITS = re.compile(r"^[$€£¥]\s?|\s?[$€£¥%]$")
_CODE = re.compile(r"0\d+")
_NAMES = frozenset(
    "age amount cost count distance duration height income length percent percentage population price "
    "quantity rating revenue salary score speed temperature weight width".split()
)
_MEASURES = frozenset("age cost distance duration height income price revenue salary weight width".split())
"""What nobody gives as one of a few marks."""
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
    for name, count in counts.items():
        number = _number(name)
        if number is not None:
            values[number] = values.get(number, 0) + count
    if sum(values.values()) < _MOST * sum(counts.values()) or any(_CODE.fullmatch(name) for name in counts):
        return False
    typical = median_low(values.values())
    if len(values) <= _FEW:
        return len(values) > _FEW // 2 and (typical < 2 or _measures(column, _MEASURES))
    if typical < 2 or _measures(column):
        return True
    if not all(number.is_integer() for number in values):
        return len(values) > 2 * _FEW or typical < 5
    return _is_measured(values, typical)


def _is_measured(values: Mapping[float, int], typical: int) -> bool:
    """Decide on whole numbers, more than a few, most of which occur more than once."""
    low, high = min(values), max(values)
    filled = len(values) / (high - low + 1)
    spread = pvariance(values.values()) / fmean(values.values())
    if low in (0, 1) and filled >= 0.9:  # codes begin there
        return typical < 5 and spread > 0.5
    if filled >= 0.8:  # a run that begins elsewhere, as ages do
        return typical < 5 or len(values) > 3 * _FEW
    return typical < 5 and not (spread < 0.3 and min(values.values()) >= 3)


def _measures(column: str, names: frozenset[str] = _NAMES) -> bool:
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).lower())
    return not names.isdisjoint(words) and _OF_CODES.isdisjoint(words)


def _number(name: str) -> float | None:
    text = _UNITS.sub("", _UNITS.sub("", name.strip()))
    if not _NUMBER.fullmatch(text):
        return None
    decimal_comma = re.fullmatch(r"[-+]?\d+,\d+", text) and not re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+", text)
    return float(text.replace(",", "." if decimal_comma else ""))
