"""Find rows that are no examples: units or types under the names of the columns, totals at the end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from headstart.data.label_like import is_label_like
from headstart.data.labels import MARKERS
from headstart.data.measured import read_quantity

_FEWEST = 5
_LOOKED_AT = 2000
_MOST = 0.95
_BRACKETED = re.compile(r"\(.+\)|\[.+\]|<.+>")
_TYPES = frozenset(
    "str string text char varchar object category categorical nominal factor class discrete continuous float "
    "double decimal number numeric int integer bigint bool boolean date datetime meta ignore".split()
)
_TOTALS = frozenset(
    {"total", "totals", "grand total", "subtotal", "sum", "count", "average", "mean"}
    | {"summe", "gesamt", "gesamtsumme", "anzahl", "somme", "suma", "totale", "totaal", "итого"}
)


def odd_rows(columns: Mapping[str, Sequence[str]], *, is_whole: bool = True) -> dict[int, str]:
    """Return the places of rows that are no examples, with the reason.

    Parameters
    ----------
    columns
        The cells of each column, as texts without spaces around them; empty where there is none.
    is_whole
        Whether the last row is the last one of the table.
    """
    count = len(next(iter(columns.values()), ()))
    if count < _FEWEST + 1:
        return {}
    odd = {}
    units = _units({name: (cells[0], cells[1:_LOOKED_AT]) for name, cells in columns.items()})
    if units:
        odd[0] = f"It holds {units} under the names of the columns, and no example; remove it."
    total = _total({name: (cells[-1], cells[-_LOOKED_AT:-1]) for name, cells in columns.items()})
    if is_whole and total:
        odd[count - 1] = f"It holds a total ({total!r}), and no example; remove it."
    return odd


def _units(columns: Mapping[str, tuple[str, Sequence[str]]]) -> str:
    """Return what a first row seems to hold: types, or units; nothing where it may be an example."""
    filled = {name: cell for name, (cell, _) in columns.items() if cell}
    if len(filled) > 1 and all(cell.casefold() in _TYPES for cell in filled.values()):
        return "types"
    if len(filled) > 1 and all(map(_BRACKETED.fullmatch, filled.values())):
        return "units or remarks"
    numeric = [cell for cell, others in columns.values() if _are_numbers(others)]
    above = [cell for cell in numeric if cell and cell not in MARKERS]
    if above and not any(map(read_quantity, above)) and not _recurs(columns):
        return f"{above[0]!r}, where numbers follow,"
    return ""


def _total(columns: Mapping[str, tuple[str, Sequence[str]]]) -> str:
    """Return the word for a total that a last row holds; nothing where it may be an example."""
    for cell, others in columns.values():
        if cell.rstrip(": ").casefold() in _TOTALS and cell not in others:
            rest = [other for other, _ in columns.values() if other and other != cell]
            if (rest and all(map(read_quantity, rest))) or not _recurs(columns):
                return cell
    return ""


def _are_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell and cell not in MARKERS]
    return len(filled) >= _FEWEST and sum(map(_is_number, filled)) >= _MOST * len(filled)


def _is_number(cell: str) -> bool:
    return read_quantity(cell) is not None


def _recurs(columns: Mapping[str, tuple[str, Sequence[str]]]) -> bool:
    """Tell whether a cell names one of the classes of its column, as an example does."""
    return any(
        cell in others and is_label_like([other for other in others if other])
        for cell, others in columns.values()
        if cell
    )
