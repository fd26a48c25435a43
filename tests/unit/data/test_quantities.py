"""Numbers that measure something are told from codes, whatever unit stands beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from headstart.data.measured import read_quantity
from headstart.data.quantities import is_quantity


@pytest.mark.parametrize(
    ("name", "number", "has_unit"),
    [
        ("50", 50, False), ("-3.5", -3.5, False), ("1,5", 1.5, False), ("1,500", 1500, False),
        ("1'500.25", 1500.25, False), ("1 500", 1500, False), ("1.500,25", 1500.25, False),
        ("1.500.000", 1_500_000, False), ("2e3", 2000, False), ("inf", float("inf"), False),
        ("50 kg", 50, True), ("50kg", 50, True), ("10%", 10, True), ("$5.00", 5, True), ("USD 5", 5, True),
        ("5,50 EUR", 5.5, True), ("~7", 7, True), ("-4°C", -4, True), ("90 min", 90, True),
        ("1h30", 1.5, True), ("1h 30m", 1.5, True), ("0.5/10", 0.5, True), ("12 k", 12_000, True),
        ("1.2M", 1.2e6, True), ("34 years old", 34, True),
    ],
)  # fmt: skip
def test_a_number_is_read_with_its_unit(name: str, number: float, has_unit: bool) -> None:
    found = read_quantity(name)
    assert found is not None
    assert found.number == pytest.approx(number)
    assert found.has_unit == has_unit


@pytest.mark.parametrize("name", ["", "kg", "c12", "3rd", "2D", "12A", "0-17", "50+", "16:9", "1/2", "A4"])
def test_what_is_no_number(name: str) -> None:
    assert read_quantity(name) is None


@pytest.mark.parametrize(
    "labels",
    [
        [f"{40 + i % 60} kg" for i in range(240)],
        [f"{i % 20 * 5}%" for i in range(1000)],
        [f"{i % 20 / 2}/10" for i in range(1000)],
        [f"{i % 4}h{i % 60:02d}" for i in range(240)],
        [str(20 + 5 * (i % 12)) for i in range(2400)],  # ages, rounded
        [str(18 + i % 14) for i in range(2400)],
        [str(1990 + i % 20) for i in range(2400)],
    ],
)
def test_quantities(labels: Sequence[str]) -> None:
    assert is_quantity(Counter(labels), "label")


@pytest.mark.parametrize(
    "labels",
    [
        ["500 ml", "1 l", "250 ml"] * 8,
        [f"{i % 5 * 25}%" for i in range(60)],
        [str(1001 + i % 15) for i in range(240)],
        [str(100 * (1 + i % 12)) for i in range(240)],
        [str(i % 12) for i in range(240)],
        ["200", "301", "302", "404", "500"] * 10,
        [f"{1 + i % 5} stars" for i in range(40)],
    ],
)
def test_codes(labels: Sequence[str]) -> None:
    assert not is_quantity(Counter(labels), "label")
