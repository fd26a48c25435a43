"""Read labels as numbers, one for each example: 12.5, 1.234,56, $5.00, 3 kg."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.data.dates import are_dates
from headstart.data.labels import EMPTY, OTHERWISE
from headstart.data.measured import Quantity, read_quantity
from headstart.data.quantities import is_surely_quantity
from headstart.errors import LayoutError, NotEnoughDataError
from headstart.types import Problem

if TYPE_CHECKING:
    from headstart.data.assemble import Reading
    from headstart.data.item import Item
    from headstart.types import Dataset, Float64Array, IntArray

MOST_UNREAD = 0.1
"""Share of the labels that may be no numbers: more, and the column is another one than was meant."""
LARGEST = 1e100
"""Squares of larger ones are no numbers any more."""
FEWEST = 3
FEW = 11
"""So many different numbers at most, each in several examples, are ordered levels: marks from 0 to 10."""
EACH = 5
STRATA = 5
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(?:\d+,(?:\d{1,2}|\d{4,})|0,\d{3})(?![\d.,])|\d\.\d{3},\d")
_EITHER = re.compile(r"(?<![\d.,])[1-9]\d{0,2}[.,]\d{3}(?![\d.,])")
_BELOW_ONE = re.compile(r"(?<![\d.,])0,(?=\d{3}(?![\d.,]))")


def with_numbers(items: Iterable[Item], reading: Reading, insisted: bool) -> list[Item]:
    """Keep the items whose label is a number, with it as their value; the others become problems.

    Raises
    ------
    LayoutError
        When many labels are no numbers, or it is not clear which numbers they are.
    """
    where = reading.labels[0].where if reading.labels else "the labels"
    known, read = [], []
    for item in items:
        if item.label:
            known.append(item)
        else:
            reason = "It has no number; fill it in or remove it."
            reading.problems.append(Problem(item.name, reason, "no_label"))
    for cells in reading.labels:
        reading.notes += [note.replace("name no class", "hold no number") for note in cells.notes()]
    labels = _one_reading([str(item.label) for item in known], where, reading)
    quantities = [_finite(read_quantity(label)) for label in labels]
    _require_numbers(labels, quantities, where)
    _require_one_unit(labels, quantities, where, reading)
    for item, quantity in zip(known, quantities, strict=True):
        if quantity is None:
            reading.problems.append(Problem(item.name, f"{item.label!r} is no number.", "no_number"))
        else:
            read.append(replace(item, value=(quantity.number,)))
    reading.outputs = (next((label.column for label in reading.labels if label.column), "number"),)
    return read


def recognise(items: Sequence[Item], reading: Reading) -> str | None:
    """Return a note where labels are fractions of very many values; see `is_surely_quantity`."""
    if not reading.labels or any(cells.several or cells.objects for cells in reading.labels):
        return None
    counts = Counter(str(item.label) for item in items if item.label and item.label != EMPTY)
    if are_dates(counts) or not is_surely_quantity(counts, reading.labels[0].column):
        return None
    return (
        f"A number is learned: there are {len(counts):,} different ones in {reading.labels[0].where}, such "
        f"as {next(iter(counts))!r}. {OTHERWISE}"
    )


def _finite(quantity: Quantity | None) -> Quantity | None:
    return quantity if quantity is not None and math.isfinite(quantity.number) else None


def _require_numbers(labels: Sequence[str], quantities: Sequence[Quantity | None], where: str) -> None:
    other = [label for label, quantity in zip(labels, quantities, strict=True) if quantity is None]
    if other and (are_dates(Counter(labels)) or len(other) > MOST_UNREAD * len(labels)):
        shown = ", ".join(repr(label[:40]) for label in dict.fromkeys(other).keys())[:120]
        raise LayoutError(
            f"Expected a number in each cell of {where}, found {len(other):,} of {len(labels):,} that are "
            f"none, such as {shown}.",
            "Write a number alone in these cells, or name another column: --label-column NAME "
            "(label_column= in Python).",
        )


def _one_reading(labels: Sequence[str], where: str, reading: Reading) -> list[str]:
    """Return labels that can be read one way only: 1,234 may be a thousand or a little more than one."""
    decimal = [label for label in labels if _DECIMAL_COMMA.search(label)]
    either = [label for label in labels if _EITHER.search(label) and (decimal or "," in label)]
    if either and decimal:
        raise LayoutError(
            f"Expected numbers written one way in {where}, found a comma before decimals ({decimal[0]!r}) "
            f"and one where it may stand between thousands ({either[0]!r}).",
            "Write all of them with a point before the decimals and nothing between thousands: 1234.5",
        )
    if either:
        reading.notes.append(
            f"Commas in {where} stand between thousands: {either[0]!r} is a thousand or more."
        )
    return [_BELOW_ONE.sub("0.", label) for label in labels]


def _require_one_unit(
    labels: Sequence[str], quantities: Sequence[Quantity | None], where: str, reading: Reading
) -> None:
    """Refuse kilograms beside grams; say what the numbers are in."""
    units: Counter[str] = Counter()
    example: dict[str, str] = {}
    for label, quantity in zip(labels, quantities, strict=True):
        if quantity is not None:
            unit = _plain(quantity.unit)
            units[unit] += 1
            example.setdefault(unit, label)
    written = [unit for unit in units if unit]
    if len(written) > 1:
        shown = " and ".join(f"{units[unit]:,} such as {example[unit]!r}" for unit in written[:3])
        raise LayoutError(
            f"Expected numbers in one unit in {where}, found several: {shown}.",
            "Bring them to one unit, which headstart does not do by itself.",
        )
    if written:
        reading.notes.append(f"Numbers in {where} are in {written[0]}.")


def _plain(unit: str) -> str:
    """Return a unit so that spellings of one are the same: kg and KG, year and years."""
    small = unit.strip(" .").lower()
    return small[:-1] if len(small) > 3 and small.endswith("s") else small


def numbers_of(dataset: Dataset) -> Float64Array:
    """Return ``(n, K)`` the numbers of each example."""
    return np.array([example.value for example in dataset.examples], dtype=np.float64).reshape(
        len(dataset.examples), len(dataset.classes)
    )


def number_strata(dataset: Dataset) -> IntArray:
    """Return ``(n,)`` which fifth of all the first number of each example is in."""
    numbers = numbers_of(dataset)[:, 0] if len(dataset.examples) else np.zeros(0)
    edges = np.quantile(numbers, np.arange(1, STRATA) / STRATA) if len(numbers) else np.zeros(0)
    return np.searchsorted(edges, numbers, side="right").astype(np.int64)


def require_numbers(dataset: Dataset) -> None:
    """Refuse a data set that no number can be learned from.

    Raises
    ------
    NotEnoughDataError
        When too few examples have a number, or all have the same.
    LayoutError
        When one is so large that its square is no number any more.
    """
    where = dataset.origin or "the examples"
    if len(dataset.examples) < FEWEST or not dataset.examples[0].value:
        raise NotEnoughDataError(
            f"Expected at least {FEWEST} examples with a number in {where}, found "
            f"{sum(bool(example.value) for example in dataset.examples)}.",
            "Add examples; with fewer than 20 of them little can be learned.",
        )
    for name, numbers in zip(dataset.classes, numbers_of(dataset).T, strict=True):
        largest = float(np.nanmax(np.abs(numbers)))
        if largest > LARGEST:
            raise LayoutError(
                f"Expected numbers of {name!r} up to {LARGEST:g} in {where}, found {largest:g}.",
                "Write them in a larger unit, or take those that are no measurement out.",
            )
        if np.ptp(numbers) == 0:
            raise NotEnoughDataError(
                f"Expected different numbers of {name!r} in {where}, found {numbers[0]:g} for all "
                f"{len(numbers)} examples.",
                "Add examples with other numbers.",
            )


def levels_of(numbers: Float64Array) -> list[float] | None:
    """Return the ordered levels that numbers are (1 to 5 stars); None where they may be anything."""
    values, counts = np.unique(numbers, return_counts=True)
    if 2 < len(values) <= FEW and np.median(counts) >= EACH:
        return [float(value) for value in values]
    return None
