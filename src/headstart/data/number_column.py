"""Find the column of a table that holds the number to learn, where a person said that it is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from headstart.data.columns import choose_others, label_names, may_be_label
from headstart.data.dates import are_dates
from headstart.data.header import HEADER_ROWS, require_header
from headstart.data.measured import read_quantity
from headstart.data.missing import is_missing
from headstart.data.quantities import is_called_after_a_measure
from headstart.errors import LayoutError

if TYPE_CHECKING:
    from headstart.data.frames import Frame
    from headstart.data.raw_table import Table

_SAMPLE = 2000
_MOST = 0.9
_FEWEST = 3


def number_column(
    origin: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    input_column: str | None = None,
    group_column: str | None = None,
) -> str:
    """Return the column of numbers that is learned: the only one, or the only one of a telling name.

    Raises
    ------
    LayoutError
        When none or several of them may be meant, naming those.
    """
    sample = rows[:_SAMPLE]
    others = choose_others(
        origin, columns, sample, input_column=input_column, group_column=group_column, labelled=False
    )
    taken = {input_column, others.group, others.split}
    numeric = [
        name for name in columns if name not in taken and holds_numbers([row.get(name) for row in sample])
    ]
    telling = [name for name in numeric if may_be_label(name) or is_called_after_a_measure(name)]
    for likely in (label_names(numeric), telling, numeric):
        if len(likely) == 1:
            return likely[0]
    seen = f"{', '.join(map(repr, numeric[:8]))} hold numbers" if numeric else "none holds numbers"
    raise LayoutError(
        f"Cannot tell which column of {origin} holds the number to learn; its columns are: "
        f"{', '.join(map(repr, columns[:20]))} ({seen}).",
        "Name it: --label-column NAME (label_column= in Python).",
    )


def number_of_table(table: Table, *, input_column: str | None, group_column: str | None) -> str:
    """Return the column of a table that holds the number to learn, and note it; see `number_column`.

    Raises
    ------
    LayoutError
        Also where the first line is no header.
    """
    if table.first_line and input_column is None:
        require_header(table.name, table.first_line, [list(row.values()) for row in table.rows[:HEADER_ROWS]])
    column = number_column(
        table.name, table.columns, table.rows, input_column=input_column, group_column=group_column
    )
    table.notes.append(f"{table.name}: the number to learn is in the column {column!r}.")
    return column


def number_of_frame(frame: Frame, *, input_column: str | None, group_column: str | None) -> str:
    """Return the column of a table in memory that holds the number to learn; see `number_column`."""
    cells = {name: frame.read(name, _SAMPLE) for name in frame.columns}
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    return number_column(
        frame.name, frame.columns, rows, input_column=input_column, group_column=group_column
    )


def holds_numbers(cells: Sequence[Any]) -> bool:
    """Tell whether cells are numbers that may be learned: no count of the rows, no dates, not 0 and 1."""
    texts = [str(cell).strip() for cell in cells if not is_missing(cell)]
    numbers = [quantity.number for text in texts if (quantity := read_quantity(text)) is not None]
    distinct = set(numbers)
    if len(distinct) < _FEWEST or len(numbers) < _MOST * len(texts) or are_dates(Counter(texts)):
        return False
    if not all(number.is_integer() for number in distinct):
        return True
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    return not (len(distinct) == len(texts) and steps == {1.0})
