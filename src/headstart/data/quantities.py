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
_CURRENCIES = r"[$€£¥₹]|(?:USD|EUR|GBP|CHF)"
_MEASURED_IN = (
    r"[%‰°′″]|°[CF]|[kcmµnMG]?[mgW]|kgs?|lbs?|oz|[cm]?l|km/?h|mph|ft|mi|kB|[KMGT]B|[kMG]?Hz|dB|m?s|secs?|seconds?|mins?"
    r"|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|y|yrs?|years?|years? old|px|pcs?|[kKM]"
)
_UNITS = re.compile(
    rf"^(?:[~≈<>≤≥]|{_CURRENCIES}|Rs\.?)\s?(?=[-+\d.])|\s?(?:{_CURRENCIES}|{_MEASURED_IN})\.?$"
)
_OUT_OF = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s?/\s?\d{1,4}")
_CLOCK = re.compile(
    r"(?:(\d+)\s?h(?:ours?|rs?)?)?\s?(\d{1,2})(?:\s?m(?:in)?(?:utes?)?)?(?:\s?(\d{1,2})\s?s)?"
)
_SECONDS, _MILLISECONDS = (9.4e8, 2.2e9), (9.4e11, 2.2e12)
_MOMENTS = 6
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


def is_moment(counts: Mapping[str, int]) -> bool:
    """Tell whether labels are points in time, as seconds or milliseconds since 1970."""
    numbers = [_number(name) for name in counts]
    return len(numbers) >= _MOMENTS and any(
        all(number is not None and low <= number <= high for number in numbers)
        for low, high in (_SECONDS, _MILLISECONDS)
    )


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
    out_of, clock = _OUT_OF.fullmatch(text), _CLOCK.fullmatch(name.strip())
    if out_of:
        text = out_of[1]
    elif clock and clock[1]:
        return 60.0 * int(clock[1]) + int(clock[2]) + int(clock[3] or 0) / 60
    if text.lower().lstrip("+-") in ("inf", "infinity"):
        return float(text)
    if not _NUMBER.fullmatch(text):
        return None
    decimal_comma = re.fullmatch(r"[-+]?\d+,\d+", text) and not re.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+", text)
    return float(text.replace(",", "." if decimal_comma else ""))
