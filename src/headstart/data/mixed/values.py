"""What cells of simple columns say: numbers, dates and categories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np

from headstart.data.labels import MARKERS
from headstart.data.missing import is_missing

ISO = "iso"
_UNITS = re.compile(r"^[$€£¥]\s?|\s?[$€£¥%]$")
_POINT = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:e[-+]?\d+)?", re.IGNORECASE)
_COMMA = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+)?(?:,\d*)?(?:e[-+]?\d+)?", re.IGNORECASE)
_SURELY_COMMA = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+),(?:\d{1,2}|\d{4,})")
_ISO = re.compile(r"\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_CUT = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})")
_EPOCH = datetime(1970, 1, 1)
_WITH_NAMES = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%d-%b-%Y", "%d-%b-%y")


def is_absent(cell: Any) -> bool:
    """Tell a cell that says nothing: a missing value, or what programs write for one."""
    return is_missing(cell) or (isinstance(cell, str) and cell.strip() in MARKERS)


def level_of(cell: Any) -> str:
    """Return the level that a cell of a category names: 1 and 1.0 are one, True and ``true`` too."""
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip()


def decimal_of(cells: Sequence[Any]) -> str:
    """Return what separates the decimals of a column of numbers: a point or a comma."""
    texts = [_bare(cell) for cell in cells if isinstance(cell, str)]
    return "," if any(_SURELY_COMMA.fullmatch(text) for text in texts) else "."


def number_of(cell: Any, decimal: str = ".") -> float:
    """Return the number that a cell holds.

    Raises
    ------
    ValueError
        When it holds none.
    """
    if isinstance(cell, bool | np.bool_) or isinstance(cell, date | datetime):
        raise ValueError("not a number")
    if not isinstance(cell, str):
        return _finite(float(cell))
    text = _bare(cell)
    if not any(letter.isdigit() for letter in text):
        raise ValueError("not a number")
    if decimal == "," and _COMMA.fullmatch(text):
        return _finite(float(text.replace(".", "").replace(",", ".")))
    if decimal == "." and _POINT.fullmatch(text):
        return _finite(float(text.replace(",", "")))
    raise ValueError("not a number")


def date_format(cells: Sequence[Any]) -> str | None:
    """Return how the dates of a column are written; None where it holds none, or nobody can tell.

    Whether ``3/4/2024`` is in March or in April is told by the other cells; where they do not tell, it is not
    guessed.
    """
    texts = [cell.strip() for cell in cells if isinstance(cell, str)]
    if len(texts) < len(cells):
        dates = sum(isinstance(cell, date | datetime | np.datetime64) for cell in cells)
        return ISO if dates == len(cells) and cells else None
    for written in _candidates(texts) if texts else ():
        if sum(_fits(text, written) for text in texts) >= 0.95 * len(texts):
            return written
    return None


def is_ambiguous_date(cells: Sequence[Any]) -> bool:
    """Tell a column of dates of which nobody can say what is the day and what the month."""
    texts = [cell.strip() for cell in cells if isinstance(cell, str)]
    if not texts or len(texts) < len(cells) or date_format(cells) is not None:
        return False
    return all(_CUT.fullmatch(text) for text in texts) and bool(_day_first(texts) is None)


def date_of(cell: Any, written: str = ISO) -> datetime:
    """Return the date that a cell holds, without a time zone.

    Raises
    ------
    ValueError
        When it holds none in this form.
    """
    if isinstance(cell, np.datetime64):
        cell = cell.astype("datetime64[us]").item()
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    text = str(cell).strip()
    if written != ISO:
        return datetime.strptime(text, written)
    if not _ISO.fullmatch(text):
        raise ValueError("not a date")
    return datetime.fromisoformat(text if len(text) > 7 else f"{text}-01").replace(tzinfo=None)


def days_of(moment: datetime) -> float:
    """Return a date as days since 1970."""
    return (moment - _EPOCH).total_seconds() / 86_400


def _bare(text: str) -> str:
    return _UNITS.sub("", _UNITS.sub("", text.strip())).strip()


def _finite(number: float) -> float:
    if not np.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _candidates(texts: Sequence[str]) -> list[str]:
    first = next((match for text in texts if (match := _CUT.fullmatch(text))), None)
    forms = [ISO, *_WITH_NAMES]
    if first is None:
        return forms
    mark = first[2]
    if len(first[1]) == 4 and mark == "-":
        return forms
    if len(first[1]) == 4:
        return [f"%Y{mark}%m{mark}%d"]
    day_first = _day_first(texts)
    if day_first is None:
        return []
    year = "%Y" if len(first[4]) == 4 else "%y"
    return [f"%d{mark}%m{mark}{year}" if day_first else f"%m{mark}%d{mark}{year}"]


def _day_first(texts: Sequence[str]) -> bool | None:
    """Tell whether the day stands before the month; None where no cell tells."""
    parts = [match for text in texts if (match := _CUT.fullmatch(text)) and len(match[1]) < 3]
    first, second = (any(int(part[place]) > 12 for part in parts) for place in (1, 3))
    if parts and parts[0][2] == "." and not second:
        return True  # 3.4.2024 is written where the day comes first
    return None if first == second else first


def _fits(text: str, written: str) -> bool:
    try:
        date_of(text, written)
    except ValueError:
        return False
    return True
