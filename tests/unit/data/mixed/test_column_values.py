"""Numbers, dates and levels as people write them in cells."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from headstart.data.mixed.values import (
    date_format,
    date_of,
    decimal_of,
    is_absent,
    is_ambiguous_date,
    level_of,
    number_of,
)


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [
        ("12", ".", 12.0),
        (" $1,234.50 ", ".", 1234.5),
        ("15 %", ".", 15.0),
        ("-3e2", ".", -300.0),
        ("1.234,5", ",", 1234.5),
        ("7", ",", 7.0),
        (3, ".", 3.0),
        (np.float32(0.5), ".", 0.5),
        (Decimal("2.5"), ".", 2.5),
    ],
)
def test_a_number_is_read_as_it_is_written(cell: Any, decimal: str, number: float) -> None:
    assert number_of(cell, decimal) == number


@pytest.mark.parametrize("cell", ["abc", "12 kg and more", "", "-", "1.2.3", True, "inf", date(2024, 1, 2)])
def test_what_is_no_number_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match=r"not a|could not convert"):
        number_of(cell)


@pytest.mark.parametrize(
    ("cells", "decimal"), [(["1,5", "2,25"], ","), (["1,500", "2,000"], "."), (["1.5"], "."), ([1.5], ".")]
)
def test_a_decimal_comma_is_told_from_thousands_by_the_column(cells: list[Any], decimal: str) -> None:
    assert decimal_of(cells) == decimal


@pytest.mark.parametrize(
    ("cells", "written", "first"),
    [
        (["2024-01-31", "2023-12-01"], "iso", datetime(2024, 1, 31)),
        (["2024-01-31T10:20:00Z"], "iso", datetime(2024, 1, 31, 10, 20)),
        (["31/01/2024", "01/02/2024"], "%d/%m/%Y", datetime(2024, 1, 31)),
        (["01/31/2024", "02/01/2024"], "%m/%d/%Y", datetime(2024, 1, 31)),
        (["3.4.2024", "5.6.2024"], "%d.%m.%Y", datetime(2024, 4, 3)),
        (["2024/1/31"], "%Y/%m/%d", datetime(2024, 1, 31)),
        (["Jan 31, 2024"], "%b %d, %Y", datetime(2024, 1, 31)),
        ([date(2024, 1, 31)], "iso", datetime(2024, 1, 31)),
        ([np.datetime64("2024-01-31")], "iso", datetime(2024, 1, 31)),
    ],
)
def test_dates_are_read_in_the_form_of_their_column(cells: list[Any], written: str, first: datetime) -> None:
    assert date_format(cells) == written
    assert date_of(cells[0], written) == first


def test_day_and_month_are_not_guessed() -> None:
    cells = ["03/04/2024", "05/06/2024"]
    assert date_format(cells) is None
    assert is_ambiguous_date(cells)
    assert not is_ambiguous_date(["a text", "another"])


@pytest.mark.parametrize("cells", [["12", "13"], ["2024", "2023"], ["a text"], [1.5, 2.5], []])
def test_other_cells_are_no_dates(cells: list[Any]) -> None:
    assert date_format(cells) is None


def test_one_level_in_several_types_is_one() -> None:
    assert [level_of(cell) for cell in (1, 1.0, "1", True, "true", " a ")] == [
        "1",
        "1",
        "1",
        "true",
        "true",
        "a",
    ]


def test_markers_of_missing_values_are_absent() -> None:
    assert all(map(is_absent, (None, float("nan"), "", " ", "NA", "n/a", "NaN")))
    assert not any(map(is_absent, (0, "0", False, "no")))
