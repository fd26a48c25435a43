"""Tell which columns of a table may hold classes by their cells, and labels that are spread over columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from headstart.data.dates import are_dates
from headstart.data.quantities import is_quantity
from headstart.errors import LayoutError

_LONGEST = 60
_NO, _YES = frozenset({"0", "0.0", "false"}), frozenset({"1", "1.0", "true"})


def is_label_like(cells: Sequence[str]) -> bool:
    """Tell whether cells are few short values that repeat."""
    values = set(cells)
    few = 2 <= len(values) <= max(2, min(len(cells) // 2, 200))
    return few and max(map(len, values)) <= _LONGEST


def is_measured(cells: Sequence[str], column: str) -> bool:
    """Tell whether cells that may repeat are dates, times, or numbers that measure something."""
    counts = Counter(cells)
    return are_dates(counts) or is_quantity(counts, column)


def is_number(cells: Sequence[str], column: str) -> bool:
    """Tell whether cells are numbers that measure something, and neither dates nor a count of the rows."""
    counts = Counter(cells)
    counting = len(counts) == len(cells) and all(cell.isdigit() for cell in cells)
    return bool(cells) and not counting and not are_dates(counts) and is_quantity(counts, column)


def require_no_indicators(origin: str, cells: Mapping[str, Sequence[str]], likely: Sequence[str]) -> None:
    """Refuse a table whose labels are spread over columns of 0 and 1, saying how to put them into one.

    Parameters
    ----------
    cells
        The cells of each column that is not in use.
    likely
        The columns that look like classes.

    Raises
    ------
    LayoutError
        Where all of these are columns of 0 and 1.
    """
    spread = [name for name, column in cells.items() if column and set(map(str.lower, column)) <= _NO | _YES]
    if len(spread) < 2 or not likely or not set(likely) <= set(spread):
        return
    if len({len(cells[name]) for name in spread}) > 1:
        return
    ones = [
        sum(cell.lower() in _YES for cell in row)
        for row in zip(*(cells[name] for name in spread), strict=True)
    ]
    seen = f"The columns {_listed(spread)} of {origin} hold 0 and 1"
    if min(ones) == max(ones) == 1:
        raise LayoutError(
            f"{seen}, with one 1 in each row: one class for each example, spread over columns (one-hot).",
            f"Write the class into one column: frame['label'] = frame[{_in_code(spread)}].idxmax(axis=1) in "
            f"pandas. To learn one of them alone, as yes or no: --label-column {spread[0]}",
        )
    raise LayoutError(
        f"{seen}, with {min(ones)} to {max(ones)} 1s in a row: several labels for one example, or none "
        "(tags).",
        'To learn all of them, say that they are tags: --target tags (target="tags" in Python). To learn one '
        f"of them alone, as yes or no: --label-column {spread[0]}",
    )


def _in_code(names: Sequence[str]) -> str:
    return f"[{', '.join(map(repr, names))}]" if len(names) <= 5 else "names_of_these_columns"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:10]))
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
