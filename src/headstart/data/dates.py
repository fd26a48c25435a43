"""Tell a column of dates and times from one of classes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping

_MOST = 0.95
_MANY = 11
_FEWEST_STAMPS = 3
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:1[5-9]|20|21)\d\d"
_NAMED_MONTH = (  # English, German, French, Spanish, Italian, Portuguese, Dutch
    r"(?:jan|gen|ene|feb|fév|fev|mar|mär|maa|mrt|apr|avr|abr|may|mai|mei|mag|jun|jui|giu|jul|lug|aug|aoû|ago"
    r"|sep|set|oct|okt|out|ott|nov|dec|dez|déc|dic)[^\W\d_]*\.?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_TIME = r"(?:(?:[T ]|, ?)\s*\d{1,2}:\d{2}.*)?"
_DATE = re.compile(
    rf"{_YEAR}([-/.]){_MONTH}\1{_DAY}{_TIME}"
    rf"|{_YEAR}-(?:0[1-9]|1[0-2])|{_YEAR}-?W[0-5]\d(?:-?[1-7])?|{_YEAR}[01]\d[0-3]\d[T ]\d{{4,6}}\S*"
    rf"|(?:{_DAY}[-/.]{_MONTH}|{_MONTH}[-/.]{_DAY})[-/.]{_YEAR},?{_TIME}"
    rf"|(?:{_DAY}/{_MONTH}|{_MONTH}/{_DAY})/\d\d,?{_TIME}"
    rf"|(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.\d\d,?{_TIME}"
    rf"|{_WEEKDAY}{_DAY}\.?(?: de)?[ -]{_NAMED_MONTH}(?: de)?,?[ -](?:{_YEAR}|\d\d){_TIME}"
    rf"|{_WEEKDAY}{_NAMED_MONTH} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}{_TIME}"
    rf"|{_WEEKDAY}{_NAMED_MONTH}\s+{_DAY}\s+{_CLOCK}\s+(?:[A-Z]{{2,5}}\s+)?{_YEAR}"
    rf"|{_CLOCK}\s?[ap]\.?m\.?"
    r"|\d{1,2}:\d{2}:\d{2}(?:\.\d+)?|-?\d+ days?(?:,? [+-]?\d+:\d{2}:\d{2}.*)?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\d{1,2}:[0-5]\d")
_STAMP = re.compile(r"(\d{10}|\d{13}|\d{16}|\d{19})(?:\.\d+)?")
_FIRST_STAMP, _LAST_STAMP = 946_684_800, 2_208_988_800  # seconds of 2000 and 2040


def are_dates(counts: Mapping[str, int]) -> bool:
    """Tell whether labels are dates or times: written out, as eight digits, or as seconds since 1970.

    Parameters
    ----------
    counts
        Examples of each label.
    """
    if _share(counts, is_date) >= _MOST or _share(counts, _is_compact) >= _MOST:
        return True
    if len(counts) > _MANY and _share(counts, lambda name: _HOUR.fullmatch(name) is not None) >= _MOST:
        return True  # a few of this form are ratios, as 16:9
    return len(counts) >= _FEWEST_STAMPS and _share(counts, _is_stamp) >= _MOST


def is_date(name: str) -> bool:
    """Tell a date or a time that is written as such."""
    return _DATE.fullmatch(name.strip()) is not None


def _is_compact(name: str) -> bool:
    """Tell a date of eight digits: 20230131."""
    digits = name.strip().removesuffix(".0")
    if len(digits) != 8 or not digits.isascii() or not digits.isdecimal():
        return False
    try:
        return 1900 <= datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year < 2100
    except ValueError:
        return False


def _is_stamp(name: str) -> bool:
    """Tell seconds since 1970, or thousandths of them and so on."""
    stamp = _STAMP.fullmatch(name.strip())
    return stamp is not None and _FIRST_STAMP <= int(stamp[1][:10]) < _LAST_STAMP


def _share(counts: Mapping[str, int], test: Callable[[str], bool]) -> float:
    held = sum(count for name, count in counts.items() if test(name))
    return held / max(1, sum(counts.values()))
